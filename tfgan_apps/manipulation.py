"""What a model of a single image does beside samples and edits: larger images, and moving ones.

Reference: Shaham et al. 2019 (SinGAN), https://arxiv.org/abs/1905.01164, section 4;
https://github.com/tamarott/SinGAN at 1d79f8a, SR.py and SinGAN/manipulate.py
"""

import math

import tensorflow as tf

from tfgan_apps.arguments import check, check_fraction, check_integers, check_numbers
from tfgan_apps.pyramid import ceil, resized

_STEP = 2 ** (1 / 3)  # by which a side grows from step to step, about
_FIRST = 0.05  # of a walk's first step


def growth_of(factor):
    """Returns how many steps make an image larger, and by how much each.

    Args:
        factor: float > 1, of a side.

    Raises:
        ValueError: it is not larger than 1.
    """
    check_numbers(low=1, factor=factor)
    check(factor > 1, "larger than 1", factor=factor)
    steps = max(round(math.log(factor, _STEP)), 1)
    return steps, factor ** (1 / steps)


def super_resolved(model, factor, seed=0):
    """Returns the training image, larger, with details of its kind: (height, width, 3).

    Step by step it is enlarged, and the finest scale adds details.

    Args:
        model: `SinGAN`, trained with a `scale_ratio` of 1 / `growth_of(factor)[1]`.
        factor: float > 1, by which its sides grow.
        seed: int, of the noise. Defaults to 0.

    Raises:
        ValueError: the factor is not larger than 1.
    """
    steps, growth = growth_of(factor)
    image, finest = model.image.value, model.pyramid.scales - 1
    draw = tf.function(lambda image, noise: model.shown(finest, image, noise), autograph=False)
    for step in range(steps):
        size = [ceil(growth * side) for side in image.shape[1:3]]
        image = resized(image, growth, size)
        noise = tf.random.stateless_normal((1, *model.noise_shape(finest, size)), (seed, step))
        image = draw(image, model.surrounded(noise, finest))
    height, width = (int(factor * side + 1e-6) for side in model.pyramid.image_size)
    return image[0, :height, :width].numpy()


def animated(model, frames=100, start_scale=2, pull=0.1, momentum=0.9, seed=0):
    """Returns images that move: a walk of the noise around that of the reconstruction.

    Args:
        model: `SinGAN`; the authors train it with `noise_padding` of noise.
        frames: int >= 1, images. Defaults to 100.
        start_scale: int, from which on noise moves. Defaults to 2.
        pull: float in [0, 1), towards the fixed noise (the authors' alpha). Defaults to 0.1.
        momentum: float in [0, 1), of the walk's steps (beta). Defaults to 0.9.
        seed: int, of the walk. Defaults to 0.

    Returns:
        float32 array (frames, height, width, 3), a little beyond [-1, 1].

    Raises:
        ValueError: a number is out of its range.
    """
    check_integers(1, frames=frames)
    check_fraction(pull=pull, momentum=momentum)
    scales = range(model.pyramid.scales)
    check(start_scale in scales, f"from 0 to {scales[-1]}", start_scale=start_scale)
    walks = [_walk(model, scale, scale >= start_scale, pull, momentum, seed) for scale in scales]

    @tf.function(autograph=False)
    def shown(noises):
        image = model.starts[0].value
        for scale, noise in enumerate(noises):
            image = model.pyramid.finer(image, model.pyramid.sizes[scale]) if scale else image
            image = model.shown(scale, image, noise)
        return image[0]

    return tf.stack([shown([next(walk) for walk in walks]) for _ in range(frames)]).numpy()


def _walk(model, scale, moves, pull, momentum, seed):
    """Yields a scale's noise of each frame."""
    star = model.star_noise(scale)
    shape = 1, *model.noise_shape(scale, model.pyramid.sizes[scale])

    def fresh(frame):
        place = frame * model.pyramid.scales + scale
        return model.surrounded(tf.random.stateless_normal(shape, (seed, place)), scale)

    before, now, frame = star, (1 - _FIRST) * star + _FIRST * fresh(0), 0
    while True:
        frame += 1
        step = momentum * (now - before) + (1 - momentum) * fresh(frame)
        before, now = now, pull * star + (1 - pull) * (now + step)
        yield now if moves else star
