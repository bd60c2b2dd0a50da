import pytest

from tfgan_apps.input_pipelines import DataError, ImagesInMemory
from tfgan_apps.input_pipelines.sources.captioned_splits import (
    CaptionedSplit,
    hold_out,
    hold_out_captions,
    labels,
)


def split(names, classes=None):
    store = ImagesInMemory([name.encode() for name in names], list(names))
    return CaptionedSplit(store, [[f"caption of {name}"] for name in names], classes)


def test_whole_classes_are_held_out():
    names = [f"{group}{number}" for group in "abcde" for number in range(4)]
    parts = hold_out(split(names, [name[0] for name in names]), 0.4, "data")
    train, test = (set(parts[name].classes) for name in ("train", "test"))
    assert (len(train), len(test)) == (3, 2) and not train & test
    assert [len(parts[name].store) for name in ("train", "test")] == [12, 8]
    for part in parts.values():
        assert part.captions == [[f"caption of {name}"] for name in part.store.names]


def test_without_classes_images_are_held_out_by_their_names_and_not_their_order():
    names = [f"{number}.jpg" for number in range(50)]
    one, other = hold_out(split(names), 0.1, "data"), hold_out(split(names[::-1]), 0.1, "data")
    assert len(one["test"].store) == 5 and one["test"].classes is None
    assert set(one["test"].store.names) == set(other["test"].store.names)
    assert one["test"].store.names != names[:5]


def test_more_images_leave_most_of_the_held_out_ones_in_place():
    names = [f"{number}.jpg" for number in range(110)]
    few, many = (set(hold_out(split(n), 0.2, "")["test"].store.names) for n in (names[:100], names))
    assert len(few & many) >= 16


@pytest.mark.parametrize("fraction", [0.01, 0.99])
def test_a_fraction_that_leaves_nothing_is_refused(fraction):
    with pytest.raises(DataError, match=f"{fraction} of its 3 images leaves none on one side."):
        hold_out(split("abc"), fraction, "data")
    with pytest.raises(DataError, match=f"{fraction} of its 2 classes leaves none on one side."):
        hold_out(split("abc", ["x", "y", "y"]), fraction, "data")


def test_labels_are_those_given_or_numbers_over_all_splits():
    named = {"train": split("ab", ["dog", "cat"]), "test": split("c", ["cow"])}
    assert labels(named) == {"train": [2, 0], "test": [1]}
    given = {"train": split("ab", [7, 3]), "test": split("c", [5])}
    assert labels(given) == {"train": [7, 3], "test": [5]}
    assert labels({"train": split("ab"), "test": split("c")}) == {"train": [0, 1], "test": [2]}


def test_captions_are_held_out_of_every_image():
    captions = [["one", "two", "three"], ["four", "five"]]
    images = ImagesInMemory([b"a", b"b"], ["a", "b"])
    parts = hold_out_captions(CaptionedSplit(images, captions), 1, "data")
    assert parts["train"].captions == [["one", "two"], ["four"]]
    assert parts["test"].captions == [["three"], ["five"]]
    assert labels(parts) == {"train": [0, 1], "test": [0, 1]}
    with pytest.raises(DataError, match="b: has 2 captions, at least 3 are needed"):
        hold_out_captions(CaptionedSplit(images, captions), 2, "data")
