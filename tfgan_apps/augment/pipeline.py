"""The augmentation of StyleGAN2-ADA: up to sixteen transforms of images, differentiable twice.

Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
https://arxiv.org/abs/2006.06676; https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d,
training/augment.py
Differences: the reflected border is as large as it can be, whatever the batch needs: see
`geometry.resampled`; images of four channels pass, opacity keeps its value under colours.
"""

import tensorflow as tf

from tfgan_apps import arguments
from tfgan_apps.augment import colors, corruptions, geometry, parameters

SETS = {
    "blit": ("blit",),
    "geom": ("geom",),
    "color": ("color",),
    "filter": ("filter",),
    "noise": ("noise",),
    "cutout": ("cutout",),
    "bg": ("blit", "geom"),
    "bgc": ("blit", "geom", "color"),
    "bgcf": ("blit", "geom", "color", "filter"),
    "bgcfn": ("blit", "geom", "color", "filter", "noise"),
    "bgcfnc": ("blit", "geom", "color", "filter", "noise", "cutout"),
}
"""Groups of transforms, by the authors' names of their sets."""


class Pipeline:
    """Augments each image of a batch in its own way, by chance.

    Args:
        sets: name from `SETS`. Defaults to `"bgc"`, all that keeps images sharp and whole.

    Raises:
        ValueError: no set has that name.
    """

    def __init__(self, sets="bgc"):
        arguments.check_choice(SETS, sets=sets)
        self.sets = sets

    def __call__(self, images, probability, draw, name="augmentation"):
        """Returns augmented images; with probability 0, to 1e-4 what they were.

        Args:
            images: float tensor (batch, height, width, channels) in [-1, 1], the sides known.
            probability: scalar tensor >= 0, of each transform; above 1 it is 1.
            draw: function of (distribution, name, shape=...) that returns a tensor
                (batch, *shape): `functools.partial(model.draw, count=tf.shape(images)[0])`.
            name: str, tells apart the batches of a step, as the real ones and the generated ones.
        """

        def named(distribution, what, shape):
            return draw(distribution, f"{name}/{what}", shape=shape)

        groups = SETS[self.sets]
        chosen = parameters.drawn(groups, probability, named)
        noise = None
        if "noise" in groups:
            noise = named(parameters.DISTRIBUTIONS["normal"], "noise", images.shape[1:])
        return augmented(images, chosen, noise)


def augmented(images, chosen, noise=None):
    """Returns images after the transforms whose parameters are given; what is absent is not done.

    It is computed in float32.

    Args:
        images: float tensor (batch, height, width, channels) in [-1, 1], the sides known.
        chosen: dict, name from `parameters.TRANSFORMS` -> tensor (batch,) or (batch, size).
        noise: float tensor as images, of a standard normal distribution; it is needed with
            `chosen["noise"]`.

    Returns:
        Tensor as images.
    """
    chosen = {name: tf.cast(value, tf.float32) for name, value in chosen.items()}
    x = tf.cast(images, tf.float32)
    plane, colored = geometry.inverse(chosen, *x.shape[1:3]), colors.map_of(chosen)
    if plane is not None:
        x = geometry.resampled(x, plane)
    if colored is not None:
        x = colors.recolored(x, *colored)
    if "bands" in chosen:
        x = corruptions.filtered(x, chosen["bands"])
    if "noise" in chosen:
        x = corruptions.noisy(x, chosen["noise"], tf.cast(noise, tf.float32))
    if "cutout" in chosen:
        x = corruptions.cut_out(x, chosen["cutout"])
    return tf.cast(x, images.dtype)
