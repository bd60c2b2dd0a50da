"""Pyramid: the sizes of an image from coarse to fine, and the way between them.

Reference: Shaham et al. 2019, https://arxiv.org/abs/1905.01164, section 2;
https://github.com/tamarott/SinGAN at 18865c1, SinGAN/functions.py, `adjust_scales2image`
"""

import dataclasses
import math

import tensorflow as tf

from tfgan_apps.arguments import check, check_integers, height_and_width
from tfgan_apps.bicubic import bicubic, eight_bits

_ROUNDING = 1e-6  # of a side, which must not become a pixel


@dataclasses.dataclass(frozen=True)
class Pyramid:
    """The scales of an image; 0 is the coarsest.

    Args:
        image_size: (height, width) of the finest, in pixels.
        scales: int >= 1.
        coarsest_size: int, the shorter side of the coarsest, in pixels.

    Raises:
        ValueError: an argument is out of its range.
    """

    image_size: tuple
    scales: int
    coarsest_size: int

    def __post_init__(self):
        object.__setattr__(self, "image_size", height_and_width(self.image_size))  # frozen
        check_integers(1, scales=self.scales, coarsest_size=self.coarsest_size)
        fits = min(self.image_size) >= self.coarsest_size
        check(fits, f"sides of {self.coarsest_size} or more", image_size=self.image_size)

    @property
    def ratio(self):
        """float in (0, 1], by which a side shrinks from a scale to the next coarser one."""
        steps = max(self.scales - 1, 1)
        return (self.coarsest_size / min(self.image_size)) ** (1 / steps)

    @property
    def sizes(self):
        """list of (height, width), that of the coarsest first."""
        shares = [self._share(scale) for scale in range(self.scales)]
        return [tuple(ceil(share * side) for side in self.image_size) for share in shares]

    def sizes_of(self, size):
        """Returns the sizes of the scales of a larger or smaller image, int32 tensors (2,).

        Args:
            size: int32 tensor (2,), its height and width.
        """
        grown = tf.cast(size, tf.float64) / tf.constant(self.image_size, tf.float64)
        own = [tf.round(tf.constant(each, tf.float64) * grown) for each in self.sizes]
        return [tf.maximum(tf.cast(each, tf.int32), 1) for each in own]

    def coarser(self, image, scale):
        """Returns images of a scale for those of the finest.

        Args:
            image: float32 tensor (B, *image_size, 3) in [-1, 1].
            scale: int.
        """
        return resized(image, self._share(scale), self.sizes[scale])

    def finer(self, image, size):
        """Returns images that the next scale's generator takes, for those of a scale.

        Args:
            image: float32 tensor (B, height, width, 3), or a little beyond [-1, 1].
            size: (height, width) of the next scale.
        """
        return resized(image, 1 / self.ratio, size)

    def brought_to(self, image, scale, size):
        """Returns what a scale's generator takes of an image that others have made.

        It is shrunk to the scale before and enlarged again, so that what is finer is lost.

        Args:
            image: float32 tensor (B, *image_size, 3) in [-1, 1].
            scale: int >= 1.
            size: (height, width) of the result.
        """
        return self.finer(self.coarser(image, scale - 1), size)

    def _share(self, scale):
        return self.ratio ** (self.scales - 1 - scale)


def resized(image, factor, size):
    """Returns images of another size in [-1, 1], from levels of 8 bits.

    Args:
        image, factor, size: see `bicubic`.
    """
    return tf.clip_by_value(bicubic(eight_bits(image), factor, size), -1.0, 1.0)


def ceil(side):
    """Returns a side in whole pixels, rounded up, an int."""
    return math.ceil(side - _ROUNDING)


def plan(size, max_size=250, coarsest_size=25, scale_ratio=0.75, whole_scales=True):
    """Returns what a picture is trained at: (height, width), and the number of scales.

    Args:
        size: (height, width) of the picture, in pixels.
        max_size: int, its longer side in training, at most. Defaults to 250.
        coarsest_size: int, the shorter side of the coarsest scale. Defaults to 25.
        scale_ratio: float in (0, 1), by which a side shrinks from scale to scale, about. Defaults
            to 0.75.
        whole_scales: bool, their number is rounded up, not down, as for super-resolution. Defaults
            to True.

    Raises:
        ValueError: an argument is out of its range, or the picture is too small.
    """
    check_integers(coarsest_size, max_size=max_size)
    check(lambda ratio: 0 < ratio < 1, "in (0, 1)", scale_ratio=scale_ratio)
    longer, whole = max(size), math.ceil if whole_scales else int
    share = min(max_size / longer, 1.0)
    image_size = tuple(ceil(share * side) for side in size)
    fits = min(image_size) >= coarsest_size
    check(fits, f"sides of {coarsest_size} or more, once the longer has {max_size}", size=size)
    scales = whole(math.log(coarsest_size / min(size), scale_ratio)) + 1
    return image_size, max(scales - whole(math.log(share, scale_ratio)), 0) + 1
