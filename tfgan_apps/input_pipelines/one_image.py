"""One picture, from which everything is learned: a file becomes batches of it."""

import os

import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.bicubic import bicubic, eight_bits
from tfgan_apps.datasets.landscape import landscape
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.indexed_data import IndexedData
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.input_pipelines.sources.stores import ImageFiles, PixelsInMemory
from tfgan_apps.pyramid import plan

_TESTS = 4  # rows of a sheet


def one_image(
    dataset: str,
    max_size: int = 250,
    coarsest_size: int = 25,
    scale_ratio: float = 0.75,
    whole_scales: bool = True,
    scale_steps: int = 2000,
    batch_size: int = 1,
    seed: int = 0,
):
    """Opens a picture.

    Args:
        dataset: an image file, of any size and mode; what is transparent is seen on white. Or
            "landscape", a picture of 48 x 64 pixels that the package draws.
        max_size: longer side in training, at most, in pixels.
        coarsest_size: shorter side of the coarsest scale, in pixels.
        scale_ratio: by which a side shrinks from scale to scale, about, in (0, 1).
        whole_scales: the number of scales is rounded up, not down, as for super-resolution.
        scale_steps: training steps of each scale.
        batch_size: times that the picture is in a batch; 1 as the authors have it.
        seed: of weights, data order and draws.

    Returns:
        `OneImage`.

    Raises:
        DataError: there is no such file, or it cannot be used.
        ValueError: a number is out of its range, or the picture is too small.
    """
    check_integers(1, scale_steps=scale_steps, batch_size=batch_size)
    store = opened(dataset, {"landscape": _landscape}, folder=_refuse, file=_file)
    images = Images(store, 3)
    if problems := images.find_problems(1):
        raise DataError(dataset, problems)
    numbers = max_size, coarsest_size, scale_ratio, whole_scales
    return OneImage(images, *numbers, scale_steps, batch_size, seed, dataset)


class OneImage(IndexedData):
    """Batches of one picture, float32 (batch, *image_size, 3) in [-1, 1]; an epoch is a scale.

    Args:
        images: `Images` of one.
        max_size, coarsest_size, scale_ratio, whole_scales: see `one_image`.
        scale_steps, batch_size, seed: see `one_image`.
        name: str that errors and `describe` name the data by. Defaults to "memory".
    """

    held_out = False

    def __init__(
        self,
        images,
        max_size=250,
        coarsest_size=25,
        scale_ratio=0.75,
        whole_scales=True,
        scale_steps=2000,
        batch_size=1,
        seed=0,
        name="memory",
    ):
        super().__init__(scale_steps * batch_size, batch_size, seed)
        self.images, self.name = images, name
        picture = tf.cast(images.read(0), tf.float32) / 32767.5 - 1.0
        size = tuple(picture.shape[:2])
        found = plan(size, max_size, coarsest_size, scale_ratio, whole_scales)
        self.image_size, self.scales = found
        self.picture = _shrunk(picture, self.image_size)

    def train_example(self, position):
        return self.picture

    def test_example(self, index):
        return self.picture

    @property
    def test_length(self):
        return _TESTS

    @property
    def fingerprint(self):
        return self.images.store.fingerprint()

    @property
    def contents(self):
        return self.images.store.contents

    def describe(self):
        """Returns lines that say what was found."""
        height, width = self.image_size
        size = f"{width}x{height} pixels, {self.scales} scales"
        return [
            f"data: {self.name}",
            f"  train: {self.images.describe()}",
            *self._stand_in("test images"),
            f"  training: {size}; {self._batches}",
        ]


def _shrunk(picture, size):
    """Returns a picture of the training size, as the authors resize it."""
    if tuple(picture.shape[:2]) == size:
        return eight_bits(picture)
    share = max(size) / max(picture.shape[:2])
    return tf.clip_by_value(bicubic(eight_bits(picture)[None], share, size)[0], -1.0, 1.0)


def _landscape():
    return PixelsInMemory(landscape()[None])


def _file(path):
    if not os.path.isfile(path):
        raise DataError(path, ['it is neither an image file nor "landscape". Check the spelling.'])
    return ImageFiles([path], os.path.dirname(path))


def _refuse(folder):
    raise DataError(folder, ["it is a folder. Give one image file."])
