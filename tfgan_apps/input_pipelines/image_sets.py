"""Images without labels or pairs: a TFDS name, a folder or idx files become batches of images."""

import gzip
import math
import os
import re
import zlib
from typing import Literal

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_choice
from tfgan_apps.datasets import labelled_shapes
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_data import ImageData, check_images
from tfgan_apps.input_pipelines.sources.decoding import resize
from tfgan_apps.input_pipelines.sources.folders import open_splits
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.input_pipelines.sources.stores import PixelsInMemory
from tfgan_apps.input_pipelines.sources.tfds_images import load_images, prepared_images

BINARIZATIONS = ("none", "threshold", "nonzero", "stochastic")
_IMAGES_MAGIC = 0x803
_GZIP_RATIO = 1100  # no file is packed further
_IDX = re.compile(r"(train|t10k|test)-images[-.]idx3-ubyte(\.gz)?")


def image_set(
    dataset: str,
    image_size: int,
    channels: int,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
    binarization: Literal[BINARIZATIONS] = "none",
):
    """Opens a set of images.

    Args:
        dataset: one of
            - "scenes" or "shapes", procedural sets of the package, drawn at `image_size`;
            - a folder with `train-images-idx3-ubyte` and `t10k-images-idx3-ubyte`, packed (.gz) or
              not, as MNIST comes;
            - a folder of images, directly in it or in its subfolders train and test (or val);
            - a TFDS name with the splits train and test ("mnist", "binarized_mnist", "cifar10").
        image_size: height and width of what comes out, in pixels.
        channels: of the images, 1, 3 or 4.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.
        binarization: how images become black and white: threshold, white from the middle grey on;
            nonzero, white where it is not black, for sets that store 0 and 1 (TFDS's
            binarized_mnist); stochastic, white with the pixel's own brightness as its probability,
            drawn anew at each visit, and once and for all for the test images.

    Returns:
        `ImageSet`.

    Raises:
        DataError: when images are missing, as far as a listing shows (see `ImageSet.check`).
        ValueError: when a number is out of its range, or the binarization is unknown.
    """
    check_images(image_size, None, channels, batch_size, seed)
    check_choice(BINARIZATIONS, binarization=binarization)
    stores = _open(dataset, image_size, data_dir)
    images = {split: Images(store, channels) for split, store in stores.items()}
    return ImageSet(images, image_size, batch_size, seed, binarization, dataset)


def _open(dataset, image_size, data_dir):
    def scenes():
        from tfgan_apps.datasets import scenes  # Imported late: it imports TFDS.

        builder = scenes.builder(image_size, data_dir)
        splits = prepared_images(builder, ("trainA", "testA"))
        return {"train": splits["trainA"], "test": splits["testA"]}

    def shapes():
        splits, _ = labelled_shapes.drawn(image_size)
        return {split: PixelsInMemory(images) for split, (images, _) in splits.items()}

    return opened(
        dataset,
        {"scenes": scenes, "shapes": shapes},
        folder=_open_folder,
        tfds=lambda name: load_images(name, ("train", "test"), data_dir),
    )


def _open_folder(folder):
    """Returns dict split -> store of a folder of idx files, or of images."""
    files = idx_files(folder)
    if not files:
        return open_splits(folder)
    arrays = {split: read_idx(path)[..., None] for split, path in files.items()}
    return {split: PixelsInMemory(images) for split, images in arrays.items()}


def idx_files(folder):
    """Returns dict split -> path of a folder's idx files of images; empty where it has none.

    Args:
        folder: str, path.

    Raises:
        DataError: when there are some, but none to train on.
    """
    names = [
        name
        for name in sorted(os.listdir(folder))
        if _IDX.fullmatch(name) and os.path.isfile(os.path.join(folder, name))
    ]
    splits = ["train" if name.startswith("train") else "test" for name in names]
    if names and "train" not in splits:
        raise DataError(folder, [f"it has no train-images-idx3-ubyte, only {', '.join(names)}."])
    return {s: os.path.join(folder, name) for s, name in zip(splits, names, strict=True)}


def read_idx(path, magic=_IMAGES_MAGIC):
    """Returns what an idx file holds: uint8 (count, height, width), or (count,) of labels.

    Args:
        path: str; a name that ends in .gz is unpacked.
        magic: int, the kind of file, whose last byte is the number of axes. Defaults to that of
            images.

    Raises:
        DataError: when the file is not one of the kind, or is cut short.
    """
    open_file = gzip.open if path.endswith(".gz") else open
    length = 4 + 4 * (magic & 0xFF)
    try:
        with open_file(path, "rb") as file:
            found, *shape = np.frombuffer(file.read(length).ljust(length, b"\0"), ">u4").tolist()
            size = math.prod(shape)
            held = os.path.getsize(path) * (_GZIP_RATIO if path.endswith(".gz") else 1)
            # One byte more than announced, whatever a packed file would unpack to.
            data = file.read(size + 1) if found == magic and size <= held else b""
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(path, [f"it cannot be read ({error}). Replace it."]) from error
    if not size or len(data) != size:
        what = "images" if magic == _IMAGES_MAGIC else "labels"
        kind = f"{what} (magic {magic:#x})"
        raise DataError(path, [f"it is no complete idx file of {kind}. Replace it."])
    return np.frombuffer(data, np.uint8).reshape(shape)


class ImageSet(ImageData):
    """Batches of images, float32 (batch, image_size, image_size, channels) in [-1, 1].

    An epoch visits every image once, in a new order each time. Without a test split the training
    images stand in for it; `held_out` and `describe()` say so.

    Args:
        images: dict split -> `Images`; train, and test if held out.
        image_size, batch_size, seed, binarization: see `image_set`.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        ValueError: when a number is out of its range, or the binarization is unknown.
    """

    def __init__(
        self, images, image_size, batch_size=1, seed=0, binarization="none", name="memory"
    ):
        check_choice(BINARIZATIONS, binarization=binarization)
        count = len(images["train"])
        super().__init__(images, count, image_size, image_size, batch_size, seed, name)
        self.binarization = binarization
        self.held_out = "test" in images
        self._tests = images["test" if self.held_out else "train"]

    @classmethod
    def from_arrays(cls, arrays, **kwargs):
        """Makes a set of uint8 arrays, dict split -> (count, size, size, channels)."""
        images = {
            split: Images(PixelsInMemory(array), array.shape[-1]) for split, array in arrays.items()
        }
        return cls(images, arrays["train"].shape[1], **kwargs)

    def train(self, start_step=0, input_context=None):
        if self.binarization != "stochastic":  # whose draws belong to a position each
            self.images["train"].keep(self.image_size)
        return super().train(start_step, input_context)

    @property
    def takes_vectors(self):
        return self.images["train"].has_pixels and self.binarization != "stochastic"

    def train_example(self, position):
        images = self.images["train"]
        image = resize(images.read(self.shuffled_index(position) % len(images)), self.image_size)
        return self._binarized(image, position, "binarize")

    def test_example(self, index):
        image = resize(self._tests.read(index), self.image_size)
        return self._binarized(image, index, "binarize the test images")

    def _binarized(self, image, position, purpose):
        if self.binarization == "none":
            return image
        bound = -1.0 if self.binarization == "nonzero" else 0.0
        if self.binarization == "stochastic":
            draws = self.uniform(position, purpose, int(np.prod(image.shape)))
            bound = 1 - 2 * tf.reshape(draws, image.shape)
        return tf.where(image > bound, 1.0, -1.0)

    @property
    def test_length(self):
        return len(self._tests)

    def describe(self):
        """Returns lines that say what was found."""
        lines = [f"data: {self.name}"]
        lines += [f"  {split}: {images.describe()}" for split, images in self.images.items()]
        return [
            *lines,
            *self._stand_in("test images"),
            f"  training: {self._preparation}; {self._batches}",
        ]

    @property
    def _preparation(self):
        """str, what `describe` says of how training images are prepared."""
        return f"resize {self.image_size}, binarization {self.binarization}"
