import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.input_pipelines import DataError, ReferencedImages, referenced_images, references

COUNTS = (1, 4, 3)  # images of the domains
LABELS = np.repeat(np.arange(3), COUNTS)[[3, 0, 7, 5, 1, 2, 6, 4]]


def numbered(count=8, start=0):
    """Returns images of which each has a level of its own."""
    levels = np.arange(start, start + count, dtype=np.uint8)[:, None, None, None]
    return np.broadcast_to(levels, (count, 16, 16, 3)).copy()


def opened(labels=LABELS, test=None, **kwargs):
    arrays = {"train": (numbered(len(labels)), labels)}
    arrays |= {} if test is None else {"test": (numbered(len(test), 100), test)}
    return ReferencedImages.from_arrays(arrays, ("a", "b", "c"), **kwargs)


def levels(images):
    """Returns the levels of images that have one each."""
    return np.round((np.asarray(images)[:, 0, 0, 0] + 1) * 127.5).astype(int)


def test_domains_are_drawn_equally_often_and_references_are_of_one():
    data = opened(batch_size=600)
    batch = next(iter(data.train()))
    for name, domain in (
        ("image", "label"),
        ("reference", "target"),
        ("other_reference", "target"),
    ):
        np.testing.assert_array_equal(LABELS[levels(batch[name])], batch[domain])
        seen = np.bincount(levels(batch[name]), minlength=8)
        for number, count in enumerate(COUNTS):
            share = seen[LABELS == number] * 3 * count / 600
            assert np.abs(share - 1).max() < 0.4
    assert batch["label"].dtype == batch["target"].dtype == tf.int32
    pairs = [levels(batch[name]) for name in ("reference", "other_reference")]
    of_many = batch["target"].numpy() == 1
    assert 0.15 < np.mean((pairs[0] == pairs[1])[of_many]) < 0.35
    joint = np.mean((batch["label"] == batch["target"]).numpy())
    assert 0.25 < joint < 0.42


def test_an_example_is_a_function_of_seed_and_position():
    data = opened(batch_size=4, seed=3)
    first = list(data.train().take(3))
    for name, expected in first[2].items():
        np.testing.assert_array_equal(next(iter(data.train(2)))[name], expected)
    replicas = tf.distribute.InputContext(1, 0, 2)
    halves = list(data.train(0, replicas).take(2))
    for name, expected in first[0].items():
        np.testing.assert_array_equal(np.concatenate([h[name] for h in halves]), expected)
    other = next(iter(opened(batch_size=4, seed=4).train()))["image"]
    assert (levels(other) != levels(first[0]["image"])).any()


def test_references_of_a_test_image_are_of_the_next_domain():
    data = opened(test=np.array([0, 2, 1, 1]), batch_size=2)
    (batch,) = data.test(4)
    assert batch["label"].numpy().tolist() == [0, 2, 1, 1]
    assert batch["target"].numpy().tolist() == [1, 0, 2, 2]
    assert levels(batch["reference"]).tolist() == [102, 100, 101, 101]
    assert levels(batch["other_reference"]).tolist() == [103, 100, 101, 101]
    standing_in = opened().test(8)
    assert next(iter(standing_in))["target"].shape == 8


def test_crops_are_those_of_torchvision():
    draws = np.random.default_rng(0).uniform(size=(500, 2, 10)).astype(np.float32)
    sides = tf.constant([100, 100])
    sizes = np.array([references._crop_size(sides, *pair) for pair in draws])
    assert sizes.max() <= 100
    areas, ratios = sizes.prod(1) / 1e4, sizes[:, 1] / sizes[:, 0]
    assert 0.79 < areas.min() < 0.82 and 0.97 < areas.max()
    assert 0.88 < ratios.min() < 0.92 and 1.08 < ratios.max() < 1.12
    of_no_trial = references._crop_size(sides, tf.ones(10), tf.zeros(10))
    assert of_no_trial.numpy().tolist() == [100, 100]
    first = references._crop_size(
        sides, tf.constant([0.99, 0.0, 0.5]), tf.constant([0.0, 0.5, 0.5])
    )
    assert first.numpy().tolist() == [90, 89]  # the first is too high; 0.8 of the area


@pytest.mark.parametrize(("probability", "whole"), [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)])
def test_some_images_are_cropped_and_half_are_mirrored(probability, whole):
    ramp = np.arange(64, dtype=np.uint8)[None, None, :, None] * np.ones((2, 64, 1, 3), np.uint8)
    arrays = {"train": (ramp, np.array([0, 1]))}
    options = {"crop_probability": probability, "batch_size": 200}
    batch = next(iter(ReferencedImages.from_arrays(arrays, **options).train()))
    rows = np.array(batch["image"])[:, 0, :, 0]
    widths = np.abs(rows[:, -1] - rows[:, 0]) * 127.5
    assert abs(np.mean(widths > 62.5) - whole) < 0.15
    assert abs(np.mean(rows[:, 0] > rows[:, -1]) - 0.5) < 0.15
    plain = next(iter(ReferencedImages.from_arrays(arrays, flip=False, **options).train()))
    rows = np.array(plain["reference"])[:, 0, :, 0]
    assert (rows[:, 0] < rows[:, -1]).all()


def test_a_folder_for_each_domain(write, tmp_path):
    for name in ("train/cat/1.png", "train/dog/1.png", "train/dog/2.png", "val/dog/3.png"):
        write(name, size=(20, 32))
    with pytest.raises(DataError, match="domain cat has no test images. Add some"):
        referenced_images(str(tmp_path), 16)
    write("val/cat/4.png", size=(40, 30))
    data = referenced_images(str(tmp_path), 16, crop_probability=0.25, batch_size=2)
    assert data.classes == ("cat", "dog") and data.held_out
    batch = next(iter(data.train()))
    assert batch["image"].shape == batch["other_reference"].shape == (2, 16, 16, 3)
    expected = "middle square, a crop with probability 0.25, resize 16, flip; batches of 2"
    assert expected in data.describe()[-1]


def test_what_has_no_domains_is_refused():
    with pytest.raises(DataError, match="its images have attributes, and references are of one"):
        referenced_images("tinted_shapes", 16)
    with pytest.raises(
        ValueError, match="crop_probability must be a finite number and >= 0 and <="
    ):
        referenced_images("shapes", 16, crop_probability=1.5)
