"""Images with a class each: a TFDS name, folders or idx files become batches of both."""

import hashlib
import json
import os

import numpy as np
import tensorflow as tf

from tfgan_apps.datasets import labelled_shapes
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_data import check_images
from tfgan_apps.input_pipelines.image_sets import ImageSet, idx_files, read_idx
from tfgan_apps.input_pipelines.sources import labels_json
from tfgan_apps.input_pipelines.sources.folders import open_splits
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.input_pipelines.sources.stores import PixelsInMemory
from tfgan_apps.input_pipelines.sources.tfds_images import keep_examples, load_examples, set_info

_LABELS_MAGIC = 0x801


def labelled_images(
    dataset: str,
    image_size: int,
    channels: int,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
):
    """Opens a set of images of which each has a class.

    Args:
        dataset: one of
            - "shapes", the package's procedural set of 4 classes, drawn at `image_size`, or
              "dark_shapes", the same inverted;
            - a folder with MNIST's idx files, images and labels, packed (.gz) or not;
            - a folder whose subfolders are the classes, or that has such in its subfolders train
              and test (or val);
            - a folder of images with a dataset.json of the numbers of their classes, as
              StyleGAN2-ADA's tool writes it (see `sources.labels_json`);
            - a TFDS name with the splits train and test and a "label" ("mnist", "cifar10").
        image_size: height and width of what comes out, in pixels.
        channels: of the images, 1, 3 or 4.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.

    Returns:
        `LabelledImages`.

    Raises:
        DataError: when images or labels are missing, or do not fit together.
        ValueError: when a number is out of its range.
    """
    check_images(image_size, None, channels, batch_size, seed)
    stores, labels, classes = open_labelled(dataset, image_size, data_dir)
    images = {split: Images(store, channels) for split, store in stores.items()}
    return LabelledImages(images, labels, classes, image_size, batch_size, seed, dataset)


def open_labelled(dataset, image_size, data_dir):
    """Returns stores and labels by split, and the classes' names; see `labelled_images`."""
    return opened(
        dataset,
        {"shapes": lambda: _shapes(image_size), "dark_shapes": lambda: _shapes(image_size, True)},
        folder=_open_folder,
        tfds=lambda name: _load(name, data_dir),
    )


class LabelledImages(ImageSet):
    """Batches of `image`, as those of `ImageSet`, and `label`, int32 (batch,).

    `classes`: tuple of str, their names in the order of their numbers.

    Args:
        images: dict split -> `Images`; train, and test if held out.
        labels: dict split -> int array, a class' number for each image.
        classes: sequence of str.
        image_size, batch_size, seed: see `labelled_images`.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        DataError: when a class has no image, or test images have a class that others lack.
        ValueError: when a number is out of its range.
    """

    kinds = "classes"  # what `describe` calls them

    def __init__(self, images, labels, classes, image_size, batch_size=1, seed=0, name="memory"):
        self._check_labels(name, images, labels, classes)
        super().__init__(images, image_size, batch_size, seed, name=name)
        self.classes = tuple(classes)
        self._labels = {split: np.asarray(values, np.int32) for split, values in labels.items()}

    @classmethod
    def from_arrays(cls, arrays, classes=None, **kwargs):
        """Makes a set of a dict, split -> (uint8 images (count, size, size, channels), labels)."""
        stores, labels = _stores(arrays)
        channels = arrays["train"][0].shape[-1]
        images = {split: Images(store, channels) for split, store in stores.items()}
        classes = classes or _numbers(labels["train"])
        return cls(images, labels, classes, arrays["train"][0].shape[1], **kwargs)

    @staticmethod
    def _check_labels(name, images, labels, classes):
        """Raises `DataError` unless labels fit the images, and each other."""
        problems = unequal_counts(images, labels)
        known = set(range(len(classes)))
        empty = sorted(known - set(np.asarray(labels["train"]).tolist()))
        problems += [f"class {classes[n]} has no images to learn from. Add some." for n in empty]
        for split, values in labels.items():
            strange = sorted(set(np.asarray(values).tolist()) - known)
            cure = f"Remove its images, or add such to those of training ({len(classes)} classes)."
            problems += [
                f"{split} has the label {n}, which training lacks. {cure}" for n in strange
            ]
        if problems:
            raise DataError(name, problems)

    def train_example(self, position):
        index = self.shuffled_index(position) % len(self._labels["train"])
        image = super().train_example(position)
        return {"image": image, "label": tf.gather(self._labels["train"], index)}

    def test_example(self, index):
        labels = self._labels["test" if self.held_out else "train"]
        return {"image": super().test_example(index), "label": tf.gather(labels, index)}

    @property
    def fingerprint(self):
        """str that changes with the images, the labels and the names of the classes."""
        digest = hashlib.sha256(super().fingerprint.encode())
        digest.update(json.dumps(self.classes).encode())
        for labels in self._labels.values():
            digest.update(labels.tobytes())
        return digest.hexdigest()

    @property
    def meaning(self):
        """dict, `classes` -> their names: what the numbers of labels stand for."""
        return {"classes": json.dumps(self.classes)}

    def describe(self):
        """Returns lines that say what was found."""
        first, *rest = super().describe()
        named = ", ".join(self.classes[:10]) + (", ..." if len(self.classes) > 10 else "")
        return [first, f"  {len(self.classes)} {self.kinds}: {named}", *rest]


def unequal_counts(images, labels):
    """Returns lines about splits that have not one label for each image.

    Args:
        images, labels: dicts, split -> what has a length.
    """
    counts = {split: (len(values), len(images[split])) for split, values in labels.items()}
    return [
        f"{split} has {own} labels for {wanted} images. Give one for each."
        for split, (own, wanted) in counts.items()
        if own != wanted
    ]


def _numbers(labels):
    return tuple(str(number) for number in range(int(np.max(labels)) + 1))


def _stores(arrays):
    """Returns dicts, split -> store and labels, of a dict, split -> (uint8 images, labels)."""
    stores = {split: PixelsInMemory(images) for split, (images, _) in arrays.items()}
    return stores, {split: labels for split, (_, labels) in arrays.items()}


def _shapes(image_size, dark=False):
    arrays, classes = labelled_shapes.drawn(image_size, dark=dark)
    return *_stores(arrays), classes


def _load(name, data_dir):
    """Returns stores, labels and classes of a TFDS set."""
    features = set_info(name, data_dir).features
    if lacking := {"image", "label"} - set(features):
        needed = " and no ".join(sorted(lacking))
        cure = "Take a set with images and labels, or a system that needs none."
        raise DataError(name, [f"it has no {needed}, only {', '.join(features)}. {cure}"])
    splits = load_examples(name, ("train", "test"), data_dir)
    pairs = {
        s: e.map(lambda x: {"image": x["image"], "label": x["label"]}) for s, e in splits.items()
    }
    kept = keep_examples(name, pairs)
    labels = {split: np.array(columns["label"]) for split, columns in kept.items()}
    return {split: c["image"] for split, c in kept.items()}, labels, features["label"].names


def _open_folder(folder):
    """Returns stores, labels and classes of a folder of idx files, dataset.json or subfolders."""
    files = idx_files(folder)
    if not files:
        in_json = os.path.isfile(os.path.join(folder, labels_json.NAME))
        return _labelled_by_json(folder) if in_json else _class_folders(folder)
    arrays = {}
    for split, path in files.items():
        beside = path.replace("-images", "-labels").replace("idx3", "idx1")
        if not os.path.isfile(beside):
            cure = f"Put {os.path.basename(beside)} there, or take a system that needs no labels."
            raise DataError(folder, [f"{os.path.basename(path)} has no labels. {cure}"])
        arrays[split] = read_idx(path)[..., None], read_idx(beside, _LABELS_MAGIC)
    return *_stores(arrays), _numbers(arrays["train"][1])


def _labelled_by_json(folder):
    stores = open_splits(folder)
    names = [name for store in stores.values() for name in store.names]
    found = iter(labels_json.labels_of(folder, names))
    labels = {s: np.array([next(found) for _ in store.names]) for s, store in stores.items()}
    return stores, labels, _numbers(labels["train"])


def _class_folders(folder):
    stores = open_splits(folder)
    problems, found = [], {}
    for split, store in stores.items():
        depth = 1 if _has_splits(folder, stores) else 0
        parts = [name.split(os.sep)[depth:] for name in store.names]
        cure = "Put it into its class' folder; a system that needs no labels takes it as it is."
        loose = [n for n, p in zip(store.names, parts, strict=True) if len(p) < 2]
        problems += [f"{name}: is in no folder of a class. {cure}" for name in loose]
        found[split] = [part[0] for part in parts]
    place = os.path.join(folder, "train") if _has_splits(folder, stores) else folder
    if problems:
        raise DataError(folder, problems[:20])
    classes = sorted(
        entry.name for entry in os.scandir(place) if entry.is_dir() and entry.name[0] != "."
    )
    strange = sorted(set().union(*found.values()) - set(classes))
    cure = "Remove it, or add such images to those of training."
    problems = [f"test has the class {name}, which training lacks. {cure}" for name in strange]
    if problems:
        raise DataError(folder, problems)
    numbers = {name: number for number, name in enumerate(classes)}
    labels = {split: np.array([numbers[n] for n in names]) for split, names in found.items()}
    return stores, labels, classes


def _has_splits(folder, stores):
    return "test" in stores or os.path.isdir(os.path.join(folder, "train"))
