"""Second derivatives of a function, as penalties on gradients need them."""

import numpy as np
import tensorflow as tf


def assert_twice_differentiable(call, *inputs, tolerance=1e-5, step=1e-6):
    """Fails unless the gradient of a squared gradient is what differences say, also with XLA.

    Args:
        call: function of float64 tensors -> tensor.
        inputs: float64 tensors.
        tolerance: float, of what is compared, by its size. Defaults to 1e-5.
        step: float, of the differences. Defaults to 1e-6.
    """
    compiled = tf.function(_slopes(call), jit_compile=True)
    penalty, slopes = tf.function(_slopes(call))(*inputs)
    for own, other in zip(slopes, compiled(*inputs)[1], strict=True):
        assert np.linalg.norm(own - other) < tolerance * np.linalg.norm(own)
    for number, slope in enumerate(slopes):
        direction = np.random.default_rng(number).normal(size=inputs[number].shape)
        ends = []
        for way in (step, -step):
            moved = [*inputs]
            moved[number] = inputs[number] + way * direction
            ends.append(compiled(*moved)[0])
        found = float((ends[0] - ends[1]) / (2 * step))
        expected = float(tf.reduce_sum(slope * direction))
        size = float(tf.norm(slope)) * np.linalg.norm(direction)
        assert abs(found - expected) < tolerance * size


def _slopes(call):
    """Returns a function: inputs -> the squared gradients' sum, and its gradients."""

    def slopes(*inputs):
        with tf.GradientTape() as outer:
            outer.watch(inputs)
            with tf.GradientTape() as inner:
                inner.watch(inputs)
                output = tf.reduce_sum(call(*inputs) ** 2)
            penalty = sum(tf.reduce_sum(x**2) for x in inner.gradient(output, inputs))
        return penalty, outer.gradient(penalty, inputs)

    return slopes
