"""Growth: how far networks that begin with few pixels have grown, by the images that were seen."""

import dataclasses
import math

import keras
import tensorflow as tf

from tfgan_apps import accumulation
from tfgan_apps.arguments import check, check_numbers
from tfgan_apps.player_optimizers import begin_anew

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

    def end_before_the_last(self, images):
        """Returns where so many images end, a str; "" where it is at the last level.

        Args:
            images: int.
        """
        level = self.level(images)
        if level == self.last:
            return ""
        if level > self.last - 1:
            return f"while {SMALLEST << self.last} pixels come in"
        return f"at {SMALLEST << math.ceil(level)} of {SMALLEST << self.last} pixels"


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Progress(keras.layers.Layer):
    """How far a model has grown: the images that it has seen, and the level of its training step.

    Input: (batch, ...), of which only the count is taken. Output: the level, float32 (batch,).

    Args:
        image_size, first_size: int, height and width of the images, and of the first ones.
        stable_kimg, fade_kimg: see `Growth`.

    Raises:
        ValueError: a number is out of its range.
    """

    def __init__(self, image_size, first_size, stable_kimg, fade_kimg, **kwargs):
        super().__init__(**kwargs)
        check_numbers(0, stable_kimg=stable_kimg, fade_kimg=fade_kimg)
        first = level_of(first_size)
        fits = first is not None and first_size <= image_size
        check(fits, f"a power of 2, from {SMALLEST} to {image_size}", first_size=first_size)
        self.growth = Growth(first, level_of(image_size), stable_kimg, fade_kimg)
        self.stages = stages(self.growth)
        options = {"trainable": False, "autocast": False, "aggregation": "only_first_replica"}
        self.images = self.add_weight((), "zeros", "int64", name="images", **options)
        start = keras.initializers.Constant(self.growth.level(0))
        self.level = self.add_weight((), start, "float32", name="level", **options)
        self.built = True

    @property
    def stage(self):
        """The name of what is trained, of `stages`."""
        return stage(float(self.level.numpy()))

    def move_on(self, model):
        """Moves the level on; where a fade begins or ends, the model's optimizers begin anew.

        Args:
            model: compiled `AdversarialModel`.
        """
        before = self.stage
        self.level.assign(self.growth.level(int(self.images.numpy())))
        if self.stage != before:
            for player in model.players():
                begin_anew(model.optimizer_of(player))

    def count(self, model, real):
        """Counts the images of a training step.

        Args:
            model: `AdversarialModel`.
            real: this replica's images.
        """
        self.images.assign_add(accumulation.examples(model, real))

    def as_seen(self, real, name):
        """Returns real images as coarse as the generated ones of a stage.

        Args:
            real: tensor (batch, height, width, channels).
            name: str, of `stages`.
        """
        size, fading = self.stages[name]
        real = pooled(real, real.shape[1] // size)
        return blended(real, self.level.value) if fading else real

    def coarseness(self, name):
        """Returns how many pixels of the last level's images a pixel of a stage is wide.

        The authors' discriminators see all images at the last level's size, and slopes are taken
        there: their norm is this many times smaller than that of slopes at the stage's pixels.

        Args:
            name: str, of `stages`.
        """
        return (SMALLEST << self.growth.last) // self.stages[name][0]

    def call(self, inputs):
        return tf.fill([tf.shape(inputs)[0]], self.level.value)

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs.shape[:1], "float32")


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
