import numpy as np
import pytest

from tfgan_apps.datasets import hues
from tfgan_apps.input_pipelines import DataError, few_shot_images


@pytest.fixture
def folder(write, tmp_path):
    for name in ("cat", "dog", "lynx"):
        for number in range(3):
            write(f"{name}/{number}.png", size=(20, 32))
    return str(tmp_path)


def test_unseen_classes_are_references_of_test_examples_only(folder):
    data = few_shot_images(folder, 16, ["cat"], shots=2, batch_size=3)
    assert (data.classes, data.unseen) == (("dog", "lynx"), ("cat",))
    assert data.images["train"].store.names[0] == "dog/0.png" and data.steps_per_epoch == 2
    batch = next(iter(data.train()))
    assert {name: value.shape[1:] for name, value in batch.items()} == {
        "image": (16, 16, 3),
        "label": (),
        "reference": (16, 16, 3),
        "target": (),
    }
    (test,) = data.test(batch_size=6)
    assert test["references"].shape == (6, 2, 16, 16, 3)
    assert test["unseen"].numpy().tolist() == [0] * 6
    assert test["label"].numpy().tolist() == [0, 0, 0, 1, 1, 1]
    assert "1 that training does not see: cat" in data.describe()[2]
    assert "middle square, resize 18, crop 16, flip" in data.describe()[-1]


def test_references_are_of_their_class_and_go_through_its_images():
    data = few_shot_images("hues", 32, shots=2)
    assert data.unseen == hues.UNSEEN == ("hue03", "hue07", "hue11", "hue15")
    (test,) = data.test(batch_size=8, limit=8)
    assert test["unseen"].numpy().tolist() == [0, 1, 2, 3] * 2
    images = test["references"].numpy().reshape(16, 32, 32, 3)
    found = hues.colors(images, hues.foreground(images)).reshape(8, 2, 3)
    assert np.abs(found[:, 0] - found[:, 1]).max() < 0.4  # one hue, with its jitter
    assert np.abs(found[:4] - found[4:]).max() < 0.4
    assert not np.array_equal(images[0], images[8])


def test_labels_are_those_of_the_images():
    data = few_shot_images("hues", 32, load_size=32, batch_size=24)
    batch = {name: value.numpy() for name, value in next(iter(data.train(5))).items()}
    for name, label in (("image", "label"), ("reference", "target")):
        found = hues.colors(batch[name], hues.foreground(batch[name]))
        places = [hues.CLASSES.index(data.classes[n]) / hues.HUES for n in batch[label]]
        true = np.array([hues.color(place) for place in places]) * 2 - 1
        assert np.abs(found - true).mean() < 0.12


def test_a_stream_starts_anywhere():
    data = few_shot_images("hues", 32, batch_size=4)
    steps = iter(data.train())
    second = [next(steps) for _ in range(2)][1]
    for name, value in next(iter(data.train(1))).items():
        np.testing.assert_array_equal(value, second[name])


@pytest.mark.parametrize(
    ("unseen", "shots", "expected"),
    [
        ([], 2, "no class is unseen. Say --unseen, one of cat, dog, lynx"),
        (["wolf"], 2, "it has no class wolf, only cat, dog, lynx"),
        (["cat", "dog"], 2, "training sees 1 classes, and needs 2"),
        (["cat"], 4, "unseen class cat has 3 images, fewer than 4. Add some, or ask for fewer"),
    ],
)
def test_what_does_not_fit_is_named(folder, unseen, shots, expected):
    with pytest.raises(DataError, match=expected):
        few_shot_images(folder, 16, unseen, shots)


def test_numbers_out_of_their_range(folder):
    with pytest.raises(ValueError, match="shots must be an integer >= 1"):
        few_shot_images(folder, 16, ["cat"], shots=0)
    with pytest.raises(ValueError, match="load_size must be an integer >= 16"):
        few_shot_images(folder, 16, ["cat"], load_size=8)
