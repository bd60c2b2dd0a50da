import itertools

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image

from tfgan_apps.datasets import scene_renderer
from tfgan_apps.input_pipelines import (
    DataError,
    Images,
    ImagesInMemory,
    UnpairedImages,
    unpaired_images,
)


def in_memory(a, b, test=0, **kwargs):
    """Data whose i-th image of A is the constant i, of B the constant 100 + i."""

    def constants(values):
        arrays = [np.full((8, 8, 3), value, np.uint8) for value in values]
        return Images(ImagesInMemory.from_arrays(arrays))

    images = {"trainA": constants(range(a)), "trainB": constants(range(100, 100 + b))}
    if test:
        images |= {"testA": constants(range(test)), "testB": constants(range(100, 101 + test))}
    return UnpairedImages(images, image_size=8, load_size=8, **kwargs)


def indices(dataset, steps):
    """Returns the indices of the images of A and of B that a stream of constants shows."""
    batches = list(itertools.islice(dataset.as_numpy_iterator(), steps))
    columns = (np.concatenate([batch[i][:, 0, 0, 0] for batch in batches]) for i in (0, 1))
    x, y = (np.rint((column + 1) * 127.5).astype(int) for column in columns)
    return x, y - 100


@pytest.mark.parametrize("a, b, steps", [(3, 7, 7), (7, 3, 7), (4, 4, 4)])
def test_an_epoch_has_the_length_of_the_larger_domain(a, b, steps):
    data = in_memory(a, b)
    assert data.steps_per_epoch == steps
    x, _ = indices(data.train(), steps)
    counts = np.bincount(x, minlength=a)
    assert counts.sum() == steps and counts.min() >= steps // a and counts.max() <= -(-steps // a)


def test_y_is_drawn_independently_of_x():
    x, y = indices(in_memory(5, 5, batch_size=5).train(), 80)
    pairs = np.histogram2d(x, y, bins=5)[0]
    assert set(y) == set(range(5))
    assert pairs.min() >= 4 and pairs.max() <= 32  # 16 each if independent


def test_the_stream_resumes_over_the_border_of_an_epoch():
    data = in_memory(5, 4, batch_size=2, seed=1)
    assert data.steps_per_epoch == 2
    whole, later = indices(data.train(), 9), indices(data.train(start_step=3), 6)
    np.testing.assert_array_equal([column[6:] for column in whole], later)


def test_test_pairs_are_in_order_and_end_with_the_shorter_domain():
    data = in_memory(1, 1, test=3)
    assert data.held_out
    x, y = indices(data.test(batch_size=2), 2)
    np.testing.assert_array_equal(x, [0, 1, 2])
    np.testing.assert_array_equal(y, [0, 1, 2])


def test_without_test_images_those_of_training_stand_in_and_this_is_said():
    data = in_memory(3, 2)
    assert not data.held_out and not data.aligned
    np.testing.assert_array_equal(indices(data.test(), 9), [[0, 1], [0, 1]])
    assert "  no testA and testB: those of training stand in for them" in data.describe()


@pytest.mark.parametrize(
    "image_size, load_size, received",
    [
        (8, 7, "load_size must be an integer >= 8. Received: load_size=7"),
        (0, 8, "image_size must be an integer >= 1. Received: image_size=0"),
    ],
)
def test_sizes_out_of_range_are_named(image_size, load_size, received):
    with pytest.raises(ValueError, match=received):
        UnpairedImages(in_memory(1, 1).images, image_size, load_size)


@pytest.mark.parametrize(
    "numbers, message",
    [
        ({"image_size": 7.5}, "image_size must be an integer >= 1. Received: image_size=7.5"),
        ({"load_size": 15}, "load_size must be an integer >= 16. Received: load_size=15"),
        ({"channels": 2}, "channels must be 1, 3 or 4. Received: channels=2"),
        ({"batch_size": 0}, "batch_size must be an integer >= 1. Received: batch_size=0"),
        ({"seed": -1}, "seed must be an integer >= 0. Received: seed=-1"),
    ],
)
def test_numbers_out_of_range_are_named_before_anything_is_opened(numbers, message):
    with pytest.raises(ValueError, match=message):
        unpaired_images("no such set", **{"image_size": 16} | numbers)


def test_the_load_size_is_that_of_the_authors():
    images = in_memory(1, 1).images
    assert [UnpairedImages(images, size).load_size for size in (128, 256)] == [143, 286]


def test_facades_are_cut_into_photographs_and_labels(test_data):
    folder = test_data("facades")
    data = unpaired_images(str(folder), image_size=64)
    assert data.aligned and data.steps_per_epoch == 400
    assert len(data.images["testA"]) == 100

    pixels = np.array(Image.open(folder / "test" / "401.jpg")).astype(np.float32)
    x, y = next(data.test(batch_size=3).as_numpy_iterator())
    for image, half in ((x[0], pixels[:, :256]), (y[0], pixels[:, 256:])):
        planes = [Image.fromarray(plane) for plane in np.moveaxis(half, -1, 0)]
        planes = [plane.resize((64, 64), Image.Resampling.BICUBIC) for plane in planes]
        expected = np.stack(planes, -1).clip(0, 255) / 127.5 - 1
        np.testing.assert_allclose(image, expected, atol=2e-4)


def test_real_streams_are_deterministic_augmented_and_start_anywhere(test_data):
    data = unpaired_images(str(test_data("gta2city")), 32, batch_size=2, seed=5)
    assert data.steps_per_epoch == 2
    assert data.train().element_spec == (tf.TensorSpec((2, 32, 32, 3), tf.float32),) * 2
    one = list(itertools.islice(data.train().as_numpy_iterator(), 7))
    two = list(itertools.islice(data.train(start_step=3).as_numpy_iterator(), 4))
    np.testing.assert_array_equal(one[3:], two)
    images = np.concatenate([x for x, _ in one])
    assert len({image.tobytes() for image in images}) > 10  # of 5 files, each augmented anew
    assert images.min() >= -1 and images.max() <= 1


def test_folders_of_two_domains(test_data):
    data = unpaired_images(str(test_data("mmgen_testdata/unpaired")), 32)
    data.check()
    assert not data.aligned and data.held_out
    assert data.describe() == [
        f"data: {test_data('mmgen_testdata/unpaired')}",
        "  trainA (x): 2 images, 256x256 pixels, as RGB",
        "  trainB (y): 2 images, 256x256 pixels, as RGB",
        "  testA (x): 1 image, 256x256 pixels, as RGB",
        "  testB (y): 1 image, 256x256 pixels, as RGB",
        "  training: resize 36, crop 32, flip; batches of 1, 2 steps per epoch, seed 0",
    ]


def test_folders_of_two_halves(test_data):
    data = unpaired_images(str(test_data("mmgen_testdata/paired")), 32, load_size=32, channels=1)
    data.check()
    assert data.aligned
    assert data.describe()[1] == "  trainA (x): 2 images, 512x256 pixels, left half, as grey"
    assert "resize 32, no crop, flip" in data.describe()[-1]
    assert next(iter(data.train()))[1].shape == (1, 32, 32, 1)


def test_a_tfds_name():
    with tfds.testing.mock_data(num_examples=3):
        data = unpaired_images("cycle_gan/horse2zebra", image_size=16, batch_size=2)
    data.check()
    assert data.steps_per_epoch == 1 and data.held_out and not data.aligned
    x, y = next(iter(data.train()))
    assert x.shape == y.shape == (2, 16, 16, 3)


def test_scenes_are_drawn_at_the_image_size(tmp_path):
    data = unpaired_images("scenes", image_size=16, data_dir=str(tmp_path))
    assert data.aligned and data.steps_per_epoch == 600
    assert data.describe()[3] == "  testA (x): 64 images, 16x16 pixels, as RGB, 0.0 MB in memory"
    x, y = next(data.test(batch_size=64).as_numpy_iterator())
    np.testing.assert_array_equal(y, scene_renderer.hidden_map(x))
    scene = scene_renderer.random_scene(np.random.default_rng(1200))
    expected = scene_renderer.draw(scene, 16) / np.float32(127.5) - 1
    np.testing.assert_allclose(x[0], expected, atol=1e-6)
    again = unpaired_images("scenes", image_size=16, data_dir=str(tmp_path))
    assert again.fingerprint == data.fingerprint


def test_a_folder_goes_before_a_tfds_name(write, tmp_path, monkeypatch):
    write("mnist/1.png", size=(32, 64))
    monkeypatch.chdir(tmp_path)
    assert len(unpaired_images("mnist", 16).images["trainA"]) == 1


def test_a_file_is_no_folder(write):
    with pytest.raises(DataError, match="it is a file. Give the folder that holds the data."):
        unpaired_images(str(write("set.zip")), 16)


def test_all_problems_are_listed_in_one_error_and_halves_once(write, tmp_path):
    write("train/1.png", size=(32, 64))
    write("train/2.png", size=(32, 63))
    write("test/3.jpg", content=b"text")
    data = unpaired_images(str(tmp_path), 32)
    with pytest.raises(DataError) as error:
        data.check()
    first, *rest = str(error.value).splitlines()
    assert first == f"2 problems with the data in {tmp_path}:"
    assert rest[0].startswith("  train/2.png: 63x32 pixels cannot be cut")
    assert rest[1].startswith("  test/3.jpg: is not an image")


def test_the_fingerprint_follows_the_files(write, tmp_path):
    write("trainA/1.png")
    write("trainB/1.png")
    first = unpaired_images(str(tmp_path), 32).fingerprint
    assert unpaired_images(str(tmp_path), 16).fingerprint == first
    write("trainB/2.png")
    assert unpaired_images(str(tmp_path), 32).fingerprint != first
