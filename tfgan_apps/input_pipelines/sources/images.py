"""Images: one domain of pictures, and what can be wrong with them."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check, check_choice, height_and_width
from tfgan_apps.input_pipelines.sources.decoding import (
    converted,
    decode_checked,
    decode_image,
    is_jpeg,
    is_png,
    resize,
)
from tfgan_apps.input_pipelines.sources.headers import damage, format_of, problem_of

CHANNELS = {1: "grey", 3: "RGB", 4: "RGBA"}
MIN_SIDE = 8
MAX_ENLARGEMENT = 16
_MOST_KEPT = 2**29  # bytes, of CIFAR-10 once and a half


class Images:
    """The images of a store, or the left or right halves of them.

    Args:
        store: `ImageFiles`, `ImagesInMemory` or `PixelsInMemory`.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA). Defaults to 3.
        half: None for whole images, "left" or "right" for half of each. Defaults to None.
        square: bool, only the square in the middle of each is seen. Defaults to False.

    Raises:
        ValueError: when `channels` or `half` is none of these.
    """

    def __init__(self, store, channels=3, half=None, square=False):
        check(channels in tuple(CHANNELS), "1, 3 or 4", channels=channels)
        check_choice((None, "left", "right"), half=half)
        self.store = store
        self.channels = channels
        self.half = self._half = half
        self._square = square
        self.sizes = None
        self.others = True  # formats besides JPEG and PNG; until it is known that there are none
        self._pixels = getattr(store, "pixels", None)

    def __len__(self):
        return len(self.store)

    def read(self, index):
        """Returns the image at an int tensor, uint16 (height, width, channels).

        Where `has_pixels`, the indices may be a vector, and the images a batch.
        """
        if self.has_pixels:
            image = converted(tf.gather(self._pixels, index), self.channels)
        else:
            image = decode_image(self.store.load(index), self.channels, self.others)
        if self._square:
            image = _middle(image)
        if self._half is None:
            return image
        width = tf.shape(image)[-2] // 2
        return image[..., :width, :] if self._half == "left" else image[..., width:, :]

    @property
    def has_pixels(self):
        """bool, whether the images are decoded already."""
        return self._pixels is not None

    def keep(self, size):
        """Decodes and resizes all images into memory, if they take less than half a gigabyte.

        To decode an image takes longer than a small network's step on it. They are kept with
        sixteen bits, with eight where that loses nothing.

        Args:
            size: height and width in pixels, or one side of a square.
        """
        height, width = height_and_width(size)
        if 2 * len(self) * height * width * self.channels > _MOST_KEPT:
            return

        def small(index):
            levels = (resize(self.read(index), size) + 1) * 32767.5
            return tf.cast(tf.round(levels), tf.uint16)

        indices = tf.data.Dataset.range(len(self))
        indices = indices.batch(256) if self.has_pixels else indices
        images = indices.map(small, tf.data.AUTOTUNE, deterministic=True)
        images = images if self.has_pixels else images.batch(256)
        pixels = np.concatenate(list(images.as_numpy_iterator()))
        deep = (pixels % 257).any()
        self._pixels = tf.constant(pixels if deep else np.uint8(pixels // 257))
        self._half, self._square = None, False

    def find_problems(self, size):
        """Decodes every image once, on all cores.

        An image is too small when a side has fewer than 8 pixels, or would be enlarged more than
        16 times; one that has the wanted size never is.

        Args:
            size: int, the side in pixels that the images will be resized to.

        Returns:
            list of str, one for each bad image, or file beside them: which, what is wrong, and the
            cure.
        """
        smallest = min(size, max(MIN_SIDE, -(-size // MAX_ENLARGEMENT)))
        decoded = self._shapes()
        shapes = [decoded.get(index) or self._shape(index) for index in range(len(self))]
        self.sizes = [shape for shape in shapes if isinstance(shape, tuple)]
        problems = [self._problem(shape, smallest) for shape in shapes]
        named = zip(self.store.names, problems, strict=True)
        return self.store.problems + [f"{name}: {problem}" for name, problem in named if problem]

    def describe(self):
        """Returns how many images there are, and their sizes (until checked: the first one's)."""
        sizes = self.sizes or [self._shape(0)]
        count = "1 image" if len(self) == 1 else f"{len(self)} images"
        if isinstance(sizes[0], str):
            return f"{count}; the first {sizes[0]}"
        ends = dict.fromkeys(f"{width}x{height}" for height, width in (min(sizes), max(sizes)))
        half = f", {self.half} half" if self.half else ""
        kind = CHANNELS[self.channels]
        return f"{count}, {' to '.join(ends)} pixels{half}, as {kind}{self.store.remark}"

    def _shapes(self):
        """Returns index -> (height, width) of all images that can be decoded."""
        if hasattr(self.store, "pixels"):
            self.others = False
            return dict.fromkeys(range(len(self)), tuple(self.store.pixels.shape[1:3]))

        def shape(index):
            encoded = self.store.load(index)
            is_other = ~(is_jpeg(encoded) | is_png(encoded))
            return index, tf.shape(decode_checked(encoded, self.channels))[:2], is_other

        # A stream takes a fraction of the time that a call for each image does.
        shapes = tf.data.Dataset.range(len(self)).map(shape, tf.data.AUTOTUNE).ignore_errors()
        found, self.others = {}, False
        for indices, sides, others in shapes.batch(1024).as_numpy_iterator():
            found |= dict(zip(indices.tolist(), map(tuple, sides.tolist()), strict=True))
            self.others |= bool(others.any())
        return found

    def _shape(self, index):
        """Returns (height, width) of an image in its store, or what keeps it from being read."""
        try:
            encoded = self.store.load(index).numpy()
        except tf.errors.OpError as error:
            return f"cannot be read ({error.message.splitlines()[0]}). Make it readable."
        if problem := problem_of(encoded):
            return problem
        try:
            return tuple(decode_image(encoded, self.channels).shape[:2])
        except (tf.errors.OpError, ValueError):
            return damage(format_of(encoded))

    def _problem(self, shape, smallest):
        if isinstance(shape, str):
            return shape
        height, width = shape
        if self.half and width % 2:
            halves = f"{width // 2} and {width - width // 2}"
            return (
                f"{width}x{height} pixels cannot be cut into two equal halves ({halves} wide). "
                "Make A and B of one width."
            )
        if self.half and width < 1.9 * height:  # as photographs are
            return (
                f"{width}x{height} pixels is not two images side by side (twice as wide as high). "
                "Put A left and B right of it, or use folders trainA and trainB."
            )
        width = width // 2 if self.half else width
        if min(width, height) < smallest:
            return (
                f"{width}x{height} pixels is too small, at least {smallest} a side are needed. "
                "Remove it, or train at a smaller image size."
            )
        return None


def _middle(image):
    """Returns the largest square in the middle of images (..., height, width, channels)."""
    height, width = tf.unstack(tf.shape(image)[-3:-1])
    side = tf.minimum(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[..., top : top + side, left : left + side, :]
