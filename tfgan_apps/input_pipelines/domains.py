"""Images of many domains: folders, attribute tables or a TFDS name become batches with labels."""

import os
import random

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check, check_fraction
from tfgan_apps.datasets import tinted_shapes
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_data import check_images
from tfgan_apps.input_pipelines.labelled import LabelledImages, open_labelled, unequal_counts
from tfgan_apps.input_pipelines.sources.attribute_tables import (
    check_known,
    open_attributes,
    read_table,
    table_of,
)
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.input_pipelines.sources.stores import PixelsInMemory
from tfgan_apps.input_pipelines.sources.tfds_images import keep_examples, load_examples, set_info

_ORDER = 1234  # StarGAN's seed of Python's shuffle, after which the first images are held out


def domain_images(
    dataset: str,
    image_size: int,
    attributes: list[str] = (),
    channels: int = 3,
    flip: bool = True,
    test_fraction: float = 0.0,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
):
    """Opens a set of images of which each is of a domain, or has some of several attributes.

    Args:
        dataset: one of
            - "tinted_shapes", the package's procedural set with the attributes Red and Bright,
              drawn at `image_size`; "shapes", of 4 domains;
            - a folder whose subfolders are the domains, or that has such in its subfolders train
              and test (or val);
            - where attributes are given, a folder with a table of them, CelebA's
              list_attr_celeba.txt or attributes.csv (image,Male,... then 1.jpg,0,...), and the
              images in it or below;
            - a TFDS name with the splits train and test and a "label", or "attributes" ("celeb_a").
        image_size: height and width of what comes out, in pixels, of the middle square of each.
        attributes: one that an image has or lacks, such as Male; may be given several times.
        channels: of the images, 1, 3 or 4.
        flip: whether half of the training images are mirrored.
        test_fraction: share of the images that is held out, where no test is there.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.

    Returns:
        `DomainImages`.

    Raises:
        DataError: when images, domains or attributes are missing, or do not fit together.
        ValueError: when a number is out of its range.
    """
    check_images(image_size, None, channels, batch_size, seed)
    parts = opened_domains(dataset, image_size, attributes, channels, test_fraction, data_dir)
    return DomainImages(*parts, image_size, flip, batch_size, seed, dataset)


def opened_domains(dataset, image_size, attributes, channels, test_fraction, data_dir):
    """Returns images and labels by split, and the domains' names; see `domain_images`."""
    check_fraction(test_fraction=test_fraction)
    open_any = _open_attributes if attributes or dataset == "tinted_shapes" else _open_domains
    stores, labels, names = open_any(dataset, image_size, list(attributes), data_dir)
    if test_fraction:
        stores, labels = _hold_out(stores, labels, test_fraction)
    images = {split: Images(store, channels, square=True) for split, store in stores.items()}
    return images, labels, names


class DomainImages(LabelledImages):
    """Batches of `image`, float32 in [-1, 1], and `label`, int32.

    A label is the number of a domain, (batch,), or tells which attributes an image has, (batch,
    attributes) of 0 and 1. An epoch visits every image once, in a new order each time.

    `classes`: tuple of str, the names of the domains or attributes. `exclusive`: bool, whether an
    image is of one domain.

    Args:
        images: dict split -> `Images`; train, and test if held out.
        labels: dict split -> int array (count,), or (count, attributes).
        classes: sequence of str.
        image_size, flip, batch_size, seed: see `domain_images`.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        DataError: there is one domain only, one has no image, or all images have an attribute, or
            none.
        ValueError: when a number is out of its range.
    """

    def __init__(
        self, images, labels, classes, image_size, flip=True, batch_size=1, seed=0, name="memory"
    ):
        self.exclusive = np.ndim(labels["train"]) == 1
        super().__init__(images, labels, classes, image_size, batch_size, seed, name)
        self.flip = flip

    def _check_labels(self, name, images, labels, classes):
        if not self.exclusive:
            return _check_attributes(name, images, labels, classes)
        if len(classes) < 2:
            cure = "Add images of another, in a folder of its own."
            raise DataError(name, [f"all its images are of one domain, {classes[0]}. {cure}"])
        return super()._check_labels(name, images, labels, classes)

    @property
    def takes_vectors(self):
        return super().takes_vectors and not self.flip

    def train_example(self, position):
        example = super().train_example(position)
        if self.flip:
            (draw,) = tf.unstack(self.uniform(position, "flip", 1))
            image = example["image"]
            example["image"] = tf.cond(draw < 0.5, lambda: image[:, ::-1], lambda: image)
        return example

    @property
    def kinds(self):
        """str, what `describe` calls them."""
        return "domains" if self.exclusive else "attributes"

    @property
    def _preparation(self):
        return f"middle square, resize {self.image_size}, {'flip' if self.flip else 'no flip'}"


def _check_attributes(name, images, labels, attributes):
    """Raises `DataError` unless labels fit the images, and each attribute tells these apart."""
    cure = "Choose another, or add other images."
    columns = np.asarray(labels["train"]).T
    problems = unequal_counts(images, labels) + [
        f"{'all' if column.all() else 'none'} of its images have {attribute}. {cure}"
        for attribute, column in zip(attributes, columns, strict=True)
        if column.all() or not column.any()
    ]
    if problems:
        raise DataError(name, problems)


def _open_domains(dataset, image_size, _, data_dir):
    """Returns stores, labels and names of a set whose images have a domain each."""
    folder = os.path.expanduser(dataset)
    table = table_of(folder) if os.path.isdir(folder) else None
    if table:
        cure = f"Give attributes, of {', '.join(read_table(table)[0])}."
        raise DataError(dataset, [f"it has a table of attributes, {table}. {cure}"])
    return open_labelled(dataset, image_size, data_dir)


def _open_attributes(dataset, image_size, attributes, data_dir):
    """Returns stores, labels and names of a set whose images have attributes."""
    names = attributes or tinted_shapes.ATTRIBUTES

    def from_folder(folder):
        store, labels = open_attributes(folder, names)
        return {"train": store}, {"train": labels}

    stores, labels = opened(
        dataset,
        {"tinted_shapes": lambda: _tinted_shapes(image_size, names)},
        folder=from_folder,
        tfds=lambda name: _load(name, names, data_dir),
    )
    return stores, {split: np.array(rows, np.int32) for split, rows in labels.items()}, names


def _tinted_shapes(image_size, attributes):
    known = tinted_shapes.ATTRIBUTES
    check_known("tinted_shapes", attributes, known)
    splits = tinted_shapes.drawn(image_size)
    columns = [known.index(name) for name in attributes]
    stores = {split: PixelsInMemory(images) for split, (images, _) in splits.items()}
    return stores, {split: labels[:, columns] for split, (_, labels) in splits.items()}


def _load(name, attributes, data_dir):
    """Returns stores and labels of a TFDS set."""
    features = set_info(name, data_dir).features
    check_known(name, attributes, features["attributes"] if "attributes" in features else ())
    splits = load_examples(name, ("train", "test"), data_dir)

    def chosen(example):
        values = [tf.cast(example["attributes"][each], tf.int32) for each in attributes]
        return {"image": example["image"], "label": tf.stack(values)}

    kept = keep_examples(name, {split: each.map(chosen) for split, each in splits.items()})
    stores = {split: columns["image"] for split, columns in kept.items()}
    return stores, {split: columns["label"] for split, columns in kept.items()}


def _hold_out(stores, labels, fraction):
    """Returns stores and labels with a share of those of training as test, StarGAN's of CelebA."""
    check("test" not in stores, "0, the data have test images", test_fraction=fraction)
    store, values = stores["train"], np.asarray(labels["train"])
    order = list(range(len(store)))
    random.Random(_ORDER).shuffle(order)
    count = round(fraction * len(order))
    check(
        0 < count < len(order),
        f"a share that leaves some of {len(order)} images on both sides",
        test_fraction=fraction,
    )
    parts = {"test": order[:count], "train": sorted(order[count:])}
    subsets = {split: store.subset(part) for split, part in parts.items()}
    return subsets, {split: values[part] for split, part in parts.items()}
