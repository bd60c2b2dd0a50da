"""Growth: how far networks that begin with few pixels have grown, by the images that were seen."""

import dataclasses
import math

import tensorflow as tf

SMALLEST = 4  # pixels, those of level 0


@dataclasses.dataclass(frozen=True)
class Growth:
    """The schedule of progressive growing; level n has 4 * 2 ** n pixels.

    Each level is trained for `stable` images. Then the next one comes in for `fade` of them; levels
    between two whole numbers are those of a fade.

    Args:
        first: int, the level that training begins with.
        last: int, that of the images.
        stable, fade: float >= 0, images that are seen, in thousands.

    Reference: Karras et al. 2018 (PGGAN), https://arxiv.org/abs/1710.10196, section 3;
    https://github.com/tkarras/progressive_growing_of_gans at 2504c3f, train.py, TrainingSchedule
    """

    first: int
    last: int
    stable: float
    fade: float

    def level(self, images):
        """Returns the level after so many images, a float.

        Args:
            images: int.
        """
        whole = self.stable + self.fade
        if not whole:
            return float(self.last)
        done, into = divmod(images / 1000, whole)
        faded = max(into - self.stable, 0.0) / self.fade if self.fade else 0.0
        return min(self.first + done + faded, float(self.last))


def level_of(size):
    """Returns the level of images, or None where no level has so many pixels.

    Args:
        size: int, height and width in pixels.
    """
    level = size // SMALLEST
    whole = level >= 1 and size == SMALLEST * 2 ** (level.bit_length() - 1)
    return level.bit_length() - 1 if whole else None


def stages(growth):
    """Returns dict, name -> (height and width of images in pixels, whether they come in).

    Args:
        growth: `Growth`.
    """
    sizes = [SMALLEST << level for level in range(growth.first, growth.last + 1)]
    found = {f"{size} pixels": (size, False) for size in sizes}
    return found | {f"fading to {size} pixels": (size, True) for size in sizes[1:]}


def stage(level):
    """Returns the name of what a level trains, of those of `stages`.

    Args:
        level: float.
    """
    size = SMALLEST << math.ceil(level)
    return f"{size} pixels" if level == int(level) else f"fading to {size} pixels"


def pooled(image, factor):
    """Returns images of which each pixel is the mean of a square of them.

    Args:
        image: tensor (batch, height, width, channels).
        factor: int >= 1, the square's side in pixels.
    """
    return image if factor == 1 else tf.nn.avg_pool2d(image, factor, factor, "VALID")


def blended(image, level):
    """Returns images as coarse as those of a generator whose last level comes in.

    Args:
        image: tensor (batch, height, width, channels), the sides even.
        level: float scalar tensor, not a whole number.
    """
    coarse = tf.repeat(tf.repeat(pooled(image, 2), 2, 1), 2, 2)
    return image + (coarse - image) * (tf.math.ceil(level) - level)
