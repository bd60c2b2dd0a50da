"""ImageData: what all data that is read from images has in common."""

import hashlib

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.indexed_data import IndexedData
from tfgan_apps.input_pipelines.sources.images import CHANNELS


class ImageData(IndexedData):
    """Base of data whose examples are read from `Images`.

    Args:
        images: dict split -> `Images`.
        epoch_length: int >= 1, examples in an epoch.
        image_size: int >= 1, height and width of what comes out, in pixels.
        load_size: int >= image_size, the side that training images are resized to before a crop.
        batch_size: int >= 1, over all replicas.
        seed: int >= 0.
        name: str that errors and `describe` name the data by.

    Raises:
        ValueError: when a number is out of its range.
    """

    def __init__(self, images, epoch_length, image_size, load_size, batch_size, seed, name):
        check_sizes(image_size, load_size)
        super().__init__(epoch_length, batch_size, seed)
        self.images = images
        self.image_size = image_size
        self.load_size = load_size
        self.name = name

    @property
    def _stores(self):
        """dict id -> `Images`, one for each store: what shares one is checked once."""
        return {id(images.store): images for images in self.images.values()}

    @property
    def fingerprint(self):
        """str that changes when the list, the sizes or the times of the files change."""
        parts = [images.store.fingerprint() for images in self._stores.values()]
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @property
    def contents(self):
        """dict, name of each file -> str that changes with its size or time."""
        return {n: v for each in self._stores.values() for n, v in each.store.contents.items()}

    def check(self):
        """Decodes every image once.

        Raises:
            DataError: that lists every image that cannot be used, with the reason and the cure.
        """
        stores = self._stores
        found = [images.find_problems(self.load_size) for images in stores.values()]
        for images in self.images.values():
            checked = stores[id(images.store)]
            images.sizes, images.others = checked.sizes, checked.others
        problems = [line for lines in found for line in lines]
        if problems:
            raise DataError(self.name, problems)

    @property
    def _crop(self):
        """str, what `describe` says of the size of training images."""
        crop = f"crop {self.image_size}" if self.load_size > self.image_size else "no crop"
        return f"resize {self.load_size}, {crop}{self._small_crop}"

    @property
    def _small_crop(self):
        """str, a warning where crops show less than half of a picture; else empty."""
        share = (self.image_size / self.load_size) ** 2
        if share >= 0.5:
            return ""
        return f" (only {share:.0%} of each picture: is load_size={self.load_size} meant?)"


def check_sizes(image_size, load_size):
    """Raises `ValueError` unless images can be resized to one side and cropped to the other.

    Args:
        image_size: height and width of what comes out, in pixels.
        load_size: the side that training images are resized to before a crop, in pixels, or None.
    """
    check_integers(1, image_size=image_size)
    if load_size is not None:
        check_integers(image_size, load_size=load_size)


def check_images(image_size, load_size, channels, batch_size, seed):
    """Raises `ValueError` where a number is out of its range, before any data is opened.

    Args:
        image_size, load_size: see `check_sizes`.
        channels: of the images.
        batch_size: examples of a step over all replicas.
        seed: of the data's order and draws.
    """
    check_sizes(image_size, load_size)
    check(channels in tuple(CHANNELS), "1, 3 or 4", channels=channels)
    check_integers(1, batch_size=batch_size)
    check_integers(0, seed=seed)


def other_sizes(of_x, of_y):
    """Returns lines about pairs whose images are of two sizes; all of them can be decoded.

    Args:
        of_x, of_y: `Images`, or `Masks`, that were checked, in one order.
    """
    named = zip(of_x.store.names, of_x.sizes, of_y.store.names, of_y.sizes, strict=True)
    return [
        f"{name}: {width}x{height} pixels, but {other} {other_width}x{other_height}. "
        "A pair must show the same: make them of one size."
        for name, (height, width), other, (other_height, other_width) in named
        if (height, width) != (other_height, other_width)
    ]
