"""Parameters of augmentation: how strongly each transform acts on each image, drawn by chance.

Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
https://arxiv.org/abs/2006.06676, appendix B; https://github.com/NVlabs/stylegan2-ada-pytorch at
d72cc7d, training/augment.py
"""

import dataclasses
import math
from collections.abc import Callable

import tensorflow as tf

DISTRIBUTIONS = {"uniform": tf.random.stateless_uniform, "normal": tf.random.stateless_normal}


def _angle(u):
    return (2.0 * u - 1.0) * math.pi


def _power(deviation):
    return lambda z: tf.pow(2.0, deviation * z)


@dataclasses.dataclass(frozen=True)
class Transform:
    """How the parameters of a transform are drawn.

    Args:
        group: str, of the sets of `Pipeline`.
        distribution: of `DISTRIBUTIONS`, uniform in [0, 1) or standard normal.
        value: function of what was drawn.
        neutral: float, the value that does nothing.
        size: int, numbers for each image. Defaults to 1.
        gates: int, how many decide for themselves whether to be neutral: 1 or `size`. Defaults
            to 1.
        half: bool, whether it is one of two that are there with the probability together. Defaults
            to False.
    """

    group: str
    distribution: str
    value: Callable
    neutral: float
    size: int = 1
    gates: int = 1
    half: bool = False


TRANSFORMS = {
    "flip": Transform("blit", "uniform", lambda u: tf.floor(2.0 * u), 0.0),
    "quarter_turns": Transform("blit", "uniform", lambda u: tf.floor(4.0 * u), 0.0),
    "shift": Transform("blit", "uniform", lambda u: 0.125 * (2.0 * u - 1.0), 0.0, 2),
    "scale": Transform("geom", "normal", _power(0.2), 1.0),
    "rotation_before": Transform("geom", "uniform", _angle, 0.0, half=True),
    "stretch": Transform("geom", "normal", _power(0.2), 1.0),
    "rotation_after": Transform("geom", "uniform", _angle, 0.0, half=True),
    "fractional_shift": Transform("geom", "normal", lambda z: 0.125 * z, 0.0, 2),
    "brightness": Transform("color", "normal", lambda z: 0.2 * z, 0.0),
    "contrast": Transform("color", "normal", _power(0.5), 1.0),
    "luma_flip": Transform("color", "uniform", lambda u: tf.floor(2.0 * u), 0.0),
    "hue": Transform("color", "uniform", _angle, 0.0),
    "saturation": Transform("color", "normal", _power(1.0), 1.0),
    "bands": Transform("filter", "normal", _power(1.0), 1.0, 4, 4),
    "noise": Transform("noise", "normal", lambda z: 0.1 * tf.abs(z), 0.0),
    "cutout": Transform("cutout", "uniform", lambda u: u, -1.0, 2),
}
"""The sixteen, in order. Turns are of radians, shifts (x, y) of the image's sides."""


def drawn(groups, probability, draw):
    """Returns the parameters of each image's transforms.

    Each image has numbers for all transforms, in fixed places, so that what it draws for one does
    not depend on which others there are.

    Args:
        groups: sequence of str, whose transforms there are.
        probability: scalar tensor >= 0, of each transform in each image; above 1 it is 1.
        draw: function of (distribution, name, shape=...) as `AdversarialModel.draw` is when it
            knows the count: `functools.partial(model.draw, count=...)`.

    Returns:
        dict, name from `TRANSFORMS` -> float32 tensor (batch,), or (batch, size).
    """
    probability = tf.cast(probability, tf.float32)
    half = 1.0 - tf.sqrt(tf.clip_by_value(1.0 - probability, 0.0, 1.0))
    numbers = {name: _numbers(name, draw) for name in DISTRIBUTIONS}
    gates = draw(DISTRIBUTIONS["uniform"], "gates", shape=(_count(lambda t: t.gates),))
    parameters, place = {}, dict.fromkeys((*DISTRIBUTIONS, "gates"), 0)
    for name, transform in TRANSFORMS.items():
        first, gate = place[transform.distribution], place["gates"]
        place[transform.distribution] += transform.size
        place["gates"] += transform.gates
        if transform.group in groups:
            number = numbers[transform.distribution][:, first : first + transform.size]
            chance = half if transform.half else probability
            open_ = gates[:, gate : gate + transform.gates] < chance
            value = tf.where(open_, transform.value(number), transform.neutral)
            parameters[name] = value[:, 0] if transform.size == 1 else value
    return parameters


def _numbers(distribution, draw):
    """Returns all that is drawn from a distribution, (batch, numbers)."""
    count = _count(lambda t: t.size if t.distribution == distribution else 0)
    return draw(DISTRIBUTIONS[distribution], distribution, shape=(count,))


def _count(size):
    """Returns how many numbers the transforms need, by a function of each."""
    return sum(map(size, TRANSFORMS.values()))
