"""Projection: the styles and the noise with which a generator's image is nearest to a given one.

Reference: Karras et al. 2020, https://arxiv.org/abs/1912.04958, section 5 and appendix D;
https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d, projector.py

Differences:
    Features are those that are given, all of one weight; the authors' are LPIPS', of VGG16.
"""

import dataclasses
import math

import keras
import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check, check_integers, check_numbers
from tfgan_apps.gradients import GradientTape
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.style_to_image import StyleToImage

_MAPPED = 10_000  # draws of noise, of whose styles mean and deviation are taken
_SMALLEST = 8  # height of the smallest noise map whose likeness to itself is measured
_EPSILON = 1e-10


@dataclasses.dataclass(frozen=True)
class Projection:
    """What `project` has found.

    Args:
        styles: float32 (layers, style_size), the same style in each.
        noise: float32 (n,), or None for a generator without noise.
        image: float32 (height, width, channels), of these styles and this noise.
        distances: list of float, of each step, without what noise is penalized by.
    """

    styles: np.ndarray
    noise: np.ndarray | None
    image: np.ndarray
    distances: list


def project(
    model,
    image,
    features,
    steps=1000,
    label=None,
    learning_rate=0.1,
    wander=0.05,
    noise_weight=1e5,
    seed=0,
    progress=None,
):
    """Returns the `Projection` of an image, by Adam on one style and on all noise maps.

    Args:
        model: `StyleGAN`, `StyleGAN2` or `StyleGAN3`, whose averages are used.
        image: float (height, width, channels) in [-1, 1], of the size that the model draws.
        features: function, images float32 (N, height, width, channels) in [-1, 1] -> list of
            features (N, h, w, c), through which gradients flow; see `unit_distance`.
        steps: int >= 1. Defaults to 1000.
        label: int, class of the image, for a model with classes. Defaults to None.
        learning_rate: float > 0, after a rise over 5 % of the steps and before a fall over the
            last 25 %. Defaults to 0.1.
        wander: float >= 0, deviation of noise on the style at first, as a part of that of all
            styles; none after three quarters of the steps. Defaults to 0.05.
        noise_weight: float >= 0, of how much noise is like itself next to it. Defaults to 1e5.
        seed: int, of all draws. Defaults to 0.
        progress: function of the steps done and of all of them. Defaults to None.

    Raises:
        ValueError: an argument does not fit the model, or is out of its range.
    """
    served = model.serving()
    check(isinstance(served, StyleToImage), "one that draws by styles", model=type(model).__name__)
    shape = served.synthesis.output.shape[1:]
    check(np.shape(image) == tuple(shape), f"of shape {tuple(shape)}", image=np.shape(image))
    fits = np.isfinite(image).all() and np.abs(image).max() <= 1
    check(fits, "finite, in [-1, 1]", image=(np.min(image), np.max(image)))
    check_integers(1, steps=steps)
    check_numbers(0, wander=wander, noise_weight=noise_weight)
    check_numbers(1e-12, learning_rate=learning_rate)
    known = f"an integer >= 0 and below {len(served.names)}" if served.names else "None"
    fits = label in range(len(served.names)) if served.names else label is None
    check(fits, known, label=label)
    mean, deviation = _styles(served, label, seed)
    search = _Search(served, mean, model.noise_sides, seed)
    target = features(tf.constant(image, tf.float32)[None])
    step = search.towards(target, features, noise_weight)
    distances = []
    for number in range(steps):
        search.optimizer.learning_rate = learning_rate * rate(number / steps)
        spread = wander * deviation * max(0.0, 1 - number / steps / 0.75) ** 2
        place = tf.constant([seed, number])
        distances.append(float(step(tf.constant(spread, tf.float32), place)))
        if progress:
            progress(number + 1, steps)
    return search.found(distances)


def rate(t):
    """Returns the learning rate after a part t of the steps, as a part of the largest.

    Args:
        t: float in [0, 1).
    """
    return (0.5 - 0.5 * math.cos(math.pi * min(1.0, (1 - t) / 0.25))) * min(1.0, t / 0.05)


def unit_distance(first, second):
    """Returns the sum over layers of the mean over places of the squared differences.

    Features of a place are divided by their length first: LPIPS with weights of 1.

    Args:
        first, second: lists of features (N, h, w, c).

    Returns:
        float32 (N,).
    """
    parts = [
        tf.reduce_mean(tf.reduce_sum(tf.square(_unit(a) - _unit(b)), -1), (1, 2))
        for a, b in zip(first, second, strict=True)
    ]
    return tf.add_n(parts)


def self_likeness(noise_map):
    """Returns how much a map is like itself next to it, at its size and at halves of it down to 8.

    Args:
        noise_map: float (side, side).
    """
    found, x = 0.0, noise_map[None, :, :, None]
    while True:
        for axis in (1, 2):
            found += tf.square(tf.reduce_mean(x * tf.roll(x, 1, axis)))
        if x.shape[1] <= _SMALLEST:
            return found
        x = tf.nn.avg_pool2d(x, 2, 2, "VALID")


def _unit(x):
    x = tf.cast(x, tf.float32)
    return x / (tf.sqrt(tf.reduce_sum(tf.square(x), -1, keepdims=True) + _EPSILON**2) + _EPSILON)


def _styles(served, label, seed):
    """Returns the mean style of noise (1, style_size), and how far from it styles are, a float."""
    inputs = {
        "latents": tf.random.stateless_normal(
            (_MAPPED, *served.mapping.input["latents"].shape[1:]), (seed, -1)
        )
    }
    if label is not None:
        inputs["label"] = tf.fill([_MAPPED], label)
    mapped = served.mapping(inputs)
    mean = tf.reduce_mean(mapped, 0, keepdims=True)
    return mean, math.sqrt(float(tf.reduce_sum(tf.square(mapped - mean))) / _MAPPED)


class _Search:
    """What moves towards an image: a style, and noise maps.

    Args:
        served: `StyleToImage`.
        mean: style (1, style_size), where it begins.
        sides: sequence of int, of the noise maps.
        seed: int, of the noise at first.
    """

    def __init__(self, served, mean, sides, seed):
        self.served, self.sides = served, sides
        self.style, self.noise = keras.Variable(mean), None
        self.moved = [self.style]
        if sides:
            count = sum(side**2 for side in sides)
            self.noise = keras.Variable(tf.random.stateless_normal((1, count), (seed, -2)))
            self.moved.append(self.noise)
        self.optimizer = Adam(0.1, 0.9, 0.999, epsilon=1e-8)
        if served.synthesis.compute_dtype == "float16":
            self.optimizer = keras.optimizers.LossScaleOptimizer(self.optimizer)
        self.optimizer.build(self.moved)

    def drawn(self, wandered=0.0):
        """Returns the image of the style, float32 (1, height, width, channels)."""
        style = self.style.value + wandered
        inputs = {"styles": tf.repeat(style[:, None], self.served.truncated.count, 1)}
        if "transform" in self.served.synthesis.input:
            inputs["transform"] = tf.eye(3, batch_shape=[1])
        if self.noise is not None:
            inputs["noise"] = tf.convert_to_tensor(self.noise.value)
        return self.served.synthesis(inputs, training=False)

    def maps(self):
        """Returns the noise, a list of maps (side, side)."""
        if self.noise is None:
            return []
        parts = tf.split(self.noise.value[0], [side**2 for side in self.sides])
        return [tf.reshape(x, (side, side)) for x, side in zip(parts, self.sides, strict=True)]

    def towards(self, target, features, noise_weight):
        """Returns a function of a deviation of the style and of a seed, which makes a step."""

        @tf.function
        def step(deviation, seed):
            with GradientTape() as tape:
                wandered = tf.random.stateless_normal(self.style.shape, seed) * deviation
                distance = tf.reduce_sum(unit_distance(features(self.drawn(wandered)), target))
                likeness = sum((self_likeness(x) for x in self.maps()), 0.0)
                loss = self.optimizer.scale_loss(distance + noise_weight * likeness)
            slopes = tape.gradient(loss, [variable.value for variable in self.moved])
            self.optimizer.apply(slopes)
            self.normalize()
            return distance

        return step

    def normalize(self):
        """Gives each noise map a mean of 0 and a mean square of 1."""
        made = []
        for x in self.maps():
            x -= tf.reduce_mean(x)
            made.append(tf.reshape(x * tf.math.rsqrt(tf.reduce_mean(tf.square(x))), [-1]))
        if made:
            self.noise.assign(tf.concat(made, 0)[None])

    def found(self, distances):
        """Returns the `Projection`."""
        noise = None if self.noise is None else self.noise.numpy()[0]
        styles = np.repeat(self.style.numpy(), self.served.truncated.count, 0)
        return Projection(styles, noise, self.drawn().numpy()[0], distances)
