import gzip
import struct
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from tests.conftest import REPOSITORY
from tfgan_apps.input_pipelines import DataError, ImageSet, image_set
from tfgan_apps.input_pipelines.image_sets import read_idx


def idx(images):
    """Returns the bytes of an idx file."""
    return np.array([0x803, *images.shape], ">i4").tobytes() + images.tobytes()


@pytest.fixture
def digits(tmp_path):
    """A folder laid out as MNIST, 6 and 4 images of 5 x 5."""
    rng = np.random.default_rng(0)
    arrays = {"train": rng.integers(0, 256, (6, 5, 5), np.uint8)}
    arrays["t10k"] = rng.integers(0, 256, (4, 5, 5), np.uint8)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(arrays["train"])))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(arrays["t10k"]))
    return str(tmp_path), arrays


def test_idx_files_packed_or_not(digits):
    folder, arrays = digits
    data = image_set(folder, 5, channels=1, batch_size=2)
    assert (data.steps_per_epoch, data.test_length, data.held_out) == (3, 4, True)
    test = np.concatenate([batch for batch in data.test(3)])
    np.testing.assert_allclose((test[..., 0] + 1) * 127.5, arrays["t10k"], atol=1e-4)
    seen = np.concatenate([batch for batch in data.train().take(3)])[..., 0]
    key = lambda images: sorted(map(tuple, np.round((images + 1) * 127.5).reshape(6, -1)))  # noqa: E731
    assert key(seen) == sorted(map(tuple, arrays["train"].reshape(6, -1)))


def test_the_stream_starts_anywhere(digits):
    data = image_set(digits[0], 5, 1, batch_size=2, binarization="stochastic")
    whole = list(data.train().take(6).as_numpy_iterator())
    rest = list(data.train(start_step=4).take(2).as_numpy_iterator())
    np.testing.assert_array_equal(whole[4:], rest)


def test_batches_of_kept_images_are_those_of_one_by_one(digits, monkeypatch):
    data = image_set(digits[0], 5, 1, batch_size=2, binarization="threshold")
    assert data.takes_vectors
    batches = list(data.train(start_step=2).take(4).as_numpy_iterator())
    monkeypatch.setattr(ImageSet, "takes_vectors", False)
    np.testing.assert_array_equal(batches, list(data.train(2).take(4).as_numpy_iterator()))


def test_threshold(digits):
    folder, arrays = digits
    data = image_set(folder, 5, 1, binarization="threshold")
    test = np.concatenate([batch for batch in data.test(4)])[..., 0]
    np.testing.assert_array_equal(test, np.where(arrays["t10k"] >= 128, 1.0, -1.0))


def test_sets_that_store_0_and_1():
    image = np.array([[0, 1], [1, 0]], np.uint8).reshape(1, 2, 2, 1)
    data = ImageSet.from_arrays({"train": image}, binarization="nonzero")
    np.testing.assert_array_equal(next(iter(data.test()))[0, ..., 0], [[-1, 1], [1, -1]])


def test_stochastic_pixels_have_their_brightness_as_probability():
    grey = np.repeat(np.array([0, 51, 128, 255], np.uint8), 100).reshape(1, 20, 20, 1)
    data = ImageSet.from_arrays({"train": grey, "test": grey}, binarization="stochastic")
    epochs = np.concatenate(list(data.train().take(400).as_numpy_iterator()))
    assert set(epochs.flat) == {-1.0, 1.0}
    shares = (epochs == 1).mean(0).reshape(4, 100).mean(1)
    np.testing.assert_allclose(shares, np.array([0, 51, 128, 255]) / 255, atol=0.01)
    first, again = (np.concatenate([batch for batch in data.test()]) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_folders_with_and_without_a_test_split(write, tmp_path):
    for name in ("train/1.png", "train/2.png", "test/3.png"):
        write(f"split/{name}")
    write("flat/1.png")
    split, flat = (image_set(str(tmp_path / name), 32, 3) for name in ("split", "flat"))
    assert (split.test_length, split.held_out) == (1, True)
    assert (flat.test_length, flat.held_out) == (1, False)
    assert "no test images" in "\n".join(flat.describe())


@pytest.mark.parametrize(
    ("name", "shape", "binarization", "expected"),
    [
        ("mnist", (28, 28, 1), "threshold", lambda stored: stored >= 128),
        ("mnist", (28, 28, 1), "stochastic", None),
        ("binarized_mnist", (28, 28, 1), "nonzero", lambda stored: stored > 0),
        ("cifar10", (32, 32, 3), "none", lambda stored: stored / 255),
    ],
)
def test_tfds_sets(name, shape, binarization, expected):
    with tfds.testing.mock_data(num_examples=5):
        data = image_set(name, shape[0], shape[-1], batch_size=3, binarization=binarization)
    data.check()
    assert f"binarization {binarization};" in data.describe()[-1]
    train = next(iter(data.train()))
    assert train.shape == (3, *shape) and (len(set(train.numpy().flat)) == 2) == ("mnist" in name)
    test = np.concatenate(list(data.test(2).as_numpy_iterator()))
    store = data.images["test"].store
    stored = np.stack([tf.io.decode_png(store.load(i)).numpy() for i in range(len(store))])
    if binarization == "stochastic":
        white = test == 1
        assert 0.4 < white.mean() < 0.6 and white[stored > 200].mean() > white[stored < 55].mean()
        assert not white[stored == 0].any() and white[stored == 255].all()
    else:
        np.testing.assert_allclose((test + 1) / 2, expected(stored), atol=1e-6)


# TFDS's mock has to be in the process that runs the app.
MOCKED = """
import os, sys
import tensorflow_datasets as tfds
from apps import pixelrnn
with tfds.testing.mock_data(num_examples=20):
    os.makedirs(tfds.builder("cifar10", data_dir=sys.argv[-1].partition("=")[2]).data_path)
    pixelrnn.run()
"""


def test_the_papers_model_of_cifar10(tmp_path):
    """Its flagfile, with mocked images in place of 160 MB from the net."""
    flags = ["--flagfile=apps/flags/pixelrnn/cifar10.flags", "--dry_run"]
    flags += [f"--run_dir={tmp_path / 'run'}", f"--data_dir={tmp_path}"]
    command = [sys.executable, "-c", MOCKED, *flags]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "network: 9,234,176 parameters" in done.stdout
    assert "train: 20 images, 32x32 pixels, as RGB" in done.stdout
    assert "binarization none; batches of 16" in done.stdout


def test_scenes_need_no_download(tmp_path):
    data = image_set("scenes", 16, 3, data_dir=str(tmp_path), binarization="threshold")
    image = next(iter(data.test()))
    assert image.shape == (1, 16, 16, 3) and set(image.numpy().flat) <= {-1.0, 1.0}


def test_every_bad_file_is_named(write, tmp_path):
    write("set/train/1.png")
    write("set/train/2.png", content=b"no image")
    write("set/test/3.png", content=b"")
    data = image_set(str(tmp_path / "set"), 32, 3)
    with pytest.raises(DataError) as error:
        data.check()
    assert [line.split(":")[0] for line in error.value.problems] == ["train/2.png", "test/3.png"]


def test_idx_files_that_are_none(tmp_path):
    complete = idx(np.zeros((2, 3, 3), np.uint8))
    for content in (
        b"",
        complete[:-1],
        b"\0" + complete[1:-5],
        complete.replace(b"\x08\x03", b"\x08\x01"),
    ):
        path = tmp_path / "train-images-idx3-ubyte"
        path.write_bytes(content)
        with pytest.raises(DataError, match="no complete idx file of images"):
            read_idx(str(path))
    packed = tmp_path / "train-images-idx3-ubyte.gz"
    packed.write_bytes(gzip.compress(complete)[:-9])
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(str(packed))


def test_mnist(test_data):
    data = image_set(str(test_data("mnist")), 28, channels=1, binarization="threshold")
    assert (len(data.images["train"]), data.test_length) == (60_000, 10_000)
    white = np.mean([np.mean(batch == 1) for batch in data.test(1000).as_numpy_iterator()])
    assert 0.1 < white < 0.16


def test_wrong_arguments(digits):
    with pytest.raises(ValueError, match="binarization must be one of"):
        image_set(digits[0], 5, 1, binarization="random")
    with pytest.raises(ValueError, match="binarization must be one of"):
        ImageSet.from_arrays({"train": digits[1]["train"][..., None]}, binarization="random")
    with pytest.raises(ValueError, match="image_size must be an integer >= 1"):
        image_set("no such set", 0, 1)
    with pytest.raises(ValueError, match="channels must be 1, 3 or 4. Received: channels=5"):
        image_set("no such set", 5, 5)
    with pytest.raises(DataError, match="it is a file"):
        image_set(f"{digits[0]}/t10k-images-idx3-ubyte", 5, 1)


def test_what_an_idx_file_announces_is_compared_before_memory_is_taken(tmp_path):
    header = struct.pack(">4I", 0x803, 2**31, 2**31, 2**31)
    small = struct.pack(">4I", 0x803, 1, 100, 1000)
    for name, content in {
        "a-ubyte": header,
        "b-ubyte.gz": gzip.compress(header),
        "c-ubyte.gz": gzip.compress(small + bytes(100_001)),
        "d-ubyte": small + bytes(99_999),
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match="it is no complete idx file of images"):
            read_idx(str(tmp_path / name))
    (tmp_path / "e-ubyte.gz").write_bytes(gzip.compress(small + bytes(100_000)))
    assert read_idx(str(tmp_path / "e-ubyte.gz")).shape == (1, 100, 1000)
