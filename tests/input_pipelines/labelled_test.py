import gzip
import json

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfgan_apps.input_pipelines import DataError, LabelledImages, labelled_images


def idx(values):
    """Returns the bytes of an idx file."""
    header = [0x800 + values.ndim, *values.shape]
    return np.array(header, ">i4").tobytes() + values.astype(np.uint8).tobytes()


def write_idx(folder, name, labels, images=True):
    labels = np.array(labels)
    if images:
        pixels = np.repeat(labels, 25).reshape(-1, 5, 5)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(idx(pixels))
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(idx(labels))


def test_idx_files(tmp_path):
    write_idx(tmp_path, "train", [0, 1, 2, 1])
    write_idx(tmp_path, "t10k", [2, 0])
    data = labelled_images(str(tmp_path), 5, channels=1, batch_size=2)
    assert data.classes == ("0", "1", "2") and data.meaning == {"classes": '["0", "1", "2"]'}
    for stream in (data.train().take(2), data.test(2)):
        for batch in stream:  # a pixel's level is the label
            levels = np.round((batch["image"].numpy() + 1) * 127.5)[:, 0, 0, 0]
            np.testing.assert_array_equal(levels, batch["label"])
            assert batch["label"].dtype == "int32"
    assert "  3 classes: 0, 1, 2" in data.describe()


def test_packed_labels(tmp_path):
    for name, values in (("images-idx3", np.zeros((2, 3, 3))), ("labels-idx1", np.arange(2))):
        path = tmp_path / f"train-{name}-ubyte.gz"
        path.write_bytes(gzip.compress(idx(values)))
    data = labelled_images(str(tmp_path), 3, 1)
    assert len(data.classes) == 2 and not data.held_out


def test_a_folder_for_each_class(write, tmp_path):
    for name in ("train/cat/1.png", "train/dog/1.png", "train/dog/2.png", "test/dog/3.png"):
        write(f"set/{name}")
    data = labelled_images(str(tmp_path / "set"), 32, 3)
    assert data.classes == ("cat", "dog")
    assert [int(batch["label"][0]) for batch in data.test()] == [1]
    assert sorted(int(batch["label"][0]) for batch in data.train().take(3)) == [0, 1, 1]
    write("flat/cat/1.png")
    write("flat/dog/1.png")
    assert labelled_images(str(tmp_path / "flat"), 32, 3).classes == ("cat", "dog")


def test_tfds_sets_have_names():
    with tfds.testing.mock_data(num_examples=60):
        data = labelled_images("cifar10", 8, 3, batch_size=3)
    assert len(data.classes) == 10
    batch = next(iter(data.train()))
    assert batch["image"].shape == (3, 8, 8, 3) and batch["label"].shape == (3,)


def test_shapes_need_no_download():
    data = labelled_images("shapes", 16, 1, batch_size=4)
    assert data.classes == ("circle", "square", "triangle", "cross")
    assert next(iter(data.test(4)))["label"].numpy().tolist() == [0, 1, 2, 3]


def test_dark_shapes_are_shapes_inverted():
    light, dark = (labelled_images(name, 16, 1) for name in ("shapes", "dark_shapes"))
    for one, other in zip(light.test(20, 20), dark.test(20, 20), strict=True):
        np.testing.assert_allclose(one["image"], -other["image"], atol=1e-4)
        np.testing.assert_array_equal(one["label"], other["label"])
    assert light.fingerprint != dark.fingerprint


def test_other_labels_are_other_data():
    images = np.zeros((2, 4, 4, 1), np.uint8)
    prints = {
        LabelledImages.from_arrays({"train": (images, np.array(labels))}, names).fingerprint
        for labels, names in (([0, 1], None), ([1, 0], None), ([0, 1], ("a", "b")))
    }
    assert len(prints) == 3


def refused(expected, *args):
    with pytest.raises(DataError, match=expected):
        labelled_images(*args)


def test_labels_that_the_data_do_not_have(write, tmp_path):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(np.zeros((2, 3, 3))))
    refused("has no labels. Put train-labels-idx1-ubyte there", str(tmp_path), 3, 1)
    write("set/1.png")
    refused("1.png: is in no folder of a class", str(tmp_path / "set"), 32, 3)
    refused("it has no label, only", "celeb_a", 32, 3)


def test_classes_without_images(write, tmp_path):
    write_idx(tmp_path, "train", [0, 2])
    refused("class 1 has no images to learn from", str(tmp_path), 5, 1)
    write("set/cat/1.png")
    (tmp_path / "set" / "dog").mkdir()
    refused("class dog has no images to learn from", str(tmp_path / "set"), 32, 3)


def test_labels_of_test_that_training_lacks(write, tmp_path):
    write_idx(tmp_path, "train", [0, 1])
    write_idx(tmp_path, "t10k", [0, 7])
    refused("test has the label 7, which training lacks", str(tmp_path), 5, 1)
    write("set/train/cat/1.png")
    write("set/test/dog/1.png")
    refused("test has the class dog, which training lacks", str(tmp_path / "set"), 32, 3)


def test_labels_that_are_too_few_or_no_labels(tmp_path):
    write_idx(tmp_path, "train", [0, 1])
    write_idx(tmp_path, "train", [0], images=False)
    refused("train has 1 labels for 2 images", str(tmp_path), 5, 1)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"nothing")
    refused("it is no complete idx file of labels", str(tmp_path), 5, 1)


def test_mnist(test_data):
    data = labelled_images(str(test_data("mnist")), 28, channels=1)
    assert len(data.classes) == 10
    labels = np.concatenate([batch["label"] for batch in data.test(1000)])
    assert np.bincount(labels).tolist()[:3] == [980, 1135, 1032]


def write_json(folder, labels):
    (folder / "dataset.json").write_text(json.dumps({"labels": labels}))


def test_labels_of_a_dataset_json(write, tmp_path):
    """Folders are no classes there; names have "/" on every system."""
    for name in ("00000/b.png", "00000/a.png", "00001/c.png"):
        write(f"set/{name}")
    write_json(tmp_path / "set", [["00000/a.png", 2], ["00001/c.png", 1], ["00000/b.png", 0]])
    data = labelled_images(str(tmp_path / "set"), 32, 3)
    assert data.classes == ("0", "1", "2")
    assert [int(batch["label"][0]) for batch in data.test()] == [2, 0, 1]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([["a.png", 0]], "b.png: has no label. Add it to dataset.json"),
        ([["a.png", 0], ["b.png", 0], ["c.png", 0]], "c.png: has a label in dataset.json, and is"),
        ([["a.png", [0.5, 1.0]], ["b.png", 0]], "the label .0.5, 1.0.. Classes are numbered from"),
        ([["a.png", -1], ["b.png", 0]], "the label -1"),
        ([["a.png", 0], ["b.png", 2]], "class 1 has no images to learn from"),
        (None, 'dataset.json must hold {"labels": '),
    ],
)
def test_a_dataset_json_that_does_not_fit(write, tmp_path, labels, expected):
    for name in ("a.png", "b.png"):
        write(f"set/{name}")
    write_json(tmp_path / "set", labels)
    refused(expected, str(tmp_path / "set"), 32, 3)
