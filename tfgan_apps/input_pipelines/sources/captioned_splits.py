"""The captioned images of a split, before they become a stream."""

import dataclasses
import hashlib

from tfgan_apps.input_pipelines.errors import DataError


@dataclasses.dataclass(frozen=True, eq=False)
class CaptionedSplit:
    """Images, what is said of each, and the class of each.

    Args:
        store: `ImageFiles` or `ImagesInMemory`.
        captions: list of lists of str, those of each image.
        classes: list of str or int, the class of each image, or None where each image is its own.
            Defaults to None.
    """

    store: object
    captions: list
    classes: list = None

    @property
    def groups(self):
        """List of the classes, or of the images' names where there are none."""
        return self.store.names if self.classes is None else self.classes

    def subset(self, indices):
        """Returns the split of the images at the indices, a list of int."""
        captions = [self.captions[index] for index in indices]
        classes = self.classes and [self.classes[index] for index in indices]
        return CaptionedSplit(self.store.subset(indices), captions, classes)


def hold_out(split, fraction, name):
    """Returns dict "train" and "test" -> `CaptionedSplit`: whole classes are held out.

    Which ones follows from a hash of their names (without classes: of the images'), so that every
    run, whatever its seed, holds out the same.

    Args:
        split: `CaptionedSplit`.
        fraction: float in (0, 1), share of the classes.
        name: str that errors name the data by.

    Raises:
        DataError: when nothing would be left on one side.
    """
    order = sorted(set(split.groups), key=lambda group: _digest(str(group)))
    count = round(len(order) * fraction)
    if not 0 < count < len(order):
        what = "images" if split.classes is None else "classes"
        raise DataError(
            name,
            [f"{fraction} of its {len(order)} {what} leaves none on one side. Add {what}."],
        )
    tests = set(order[:count])
    parts = {"train": [], "test": []}
    for index, group in enumerate(split.groups):
        parts["test" if group in tests else "train"].append(index)
    return {name: split.subset(indices) for name, indices in parts.items()}


def hold_out_captions(split, count, name):
    """Returns dict "train" and "test" -> `CaptionedSplit` of all images, with other captions.

    Args:
        split: `CaptionedSplit`.
        count: int >= 1, captions of each image for testing, the last ones.
        name: str that errors name the data by.

    Raises:
        DataError: that lists the images with no caption left.
    """
    few = [
        f"{image}: has {len(texts)} captions, at least {count + 1} are needed. Write more."
        for image, texts in zip(split.store.names, split.captions, strict=True)
        if len(texts) <= count
    ]
    if few:
        raise DataError(name, few)
    train = [texts[:-count] for texts in split.captions]
    test = [texts[-count:] for texts in split.captions]
    return {
        "train": dataclasses.replace(split, captions=train),
        "test": dataclasses.replace(split, captions=test),
    }


def _digest(text):
    return hashlib.sha256(text.encode()).digest()


def labels(splits):
    """Returns dict split -> list of int, the class of each image.

    Classes that are int are the labels; others are numbered in their order over all splits.

    Args:
        splits: dict split -> `CaptionedSplit`.
    """
    groups = sorted({group for split in splits.values() for group in split.groups})
    numbers = {group: group if isinstance(group, int) else n for n, group in enumerate(groups)}
    return {name: [numbers[group] for group in split.groups] for name, split in splits.items()}
