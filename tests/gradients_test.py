"""Sums in a fixed order, and that a tape of ours records what one of TensorFlow's does."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.gradients import GradientTape, keep_sums

# (1 + 1e8) - 1e8 is 0 in float32, 1 + (1e8 - 1e8) is 1.
SUMMANDS = [np.full(64, value, np.float32) for value in (1.0, 1e8, -1e8)]
ORDERS = list(itertools.permutations(range(3)))
X = np.float32([0.5, -2.0, 3.0])


def sums(summed):
    """Returns the sums of the summands in each order, by which of them is made in the graph.

    What is made there has memory that may be written to, arguments have none.

    Args:
        summed: function of three tensors -> their sum.
    """
    found = {}
    for order, free in itertools.product(ORDERS, range(3)):

        @tf.function
        def total(*summands, free=free):
            return summed(*(2.0 * s if i == free else s for i, s in enumerate(summands)))

        halved = [
            SUMMANDS[i] / 2.0 if place == free else SUMMANDS[i] for place, i in enumerate(order)
        ]
        found[order, free] = float(total(*map(tf.constant, halved))[0])
    return found


def by_gradient(tape_class, *summands):
    x = tf.ones(64)
    with tape_class() as tape:
        tape.watch(x)
        loss = tf.add_n([tf.reduce_sum(x * summand) for summand in summands])
    return tape.gradient(loss, x)


def test_a_sum_of_gradients_does_not_depend_on_whose_memory_is_free():
    keep_sums()
    found = sums(functools.partial(by_gradient, GradientTape))
    assert len({(order, total) for (order, _), total in found.items()}) == len(ORDERS)


def test_else_it_would():
    keep_sums()
    found = sums(functools.partial(by_gradient, tf.GradientTape))
    assert len({(order, total) for (order, _), total in found.items()}) > len(ORDERS)


def test_a_sum_in_a_graph_is_made_as_it_is_written():
    keep_sums()
    for (order, _), total in sums(lambda first, second, third: first + second + third).items():
        first, second, third = (SUMMANDS[i][0] for i in order)
        assert total == (first + second) + third


def of_a_part(tape_class, x):
    """What was computed before the tape is a constant to it."""
    before = x * x
    with tape_class() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(before * x)
    return tape.gradient(loss, x)


def of_a_part_in_a_condition(tape_class, x):
    before = x * x

    def chosen():
        with tape_class() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(before * x)
        return tape.gradient(loss, x)

    return tf.cond(x[0] > 0, chosen, lambda: x)


def of_a_slope(tape_class, x):
    with tape_class() as outer:
        outer.watch(x)
        with tape_class() as inner:
            inner.watch(x)
            y = tf.reduce_sum(x**3)
        size = tf.reduce_sum(inner.gradient(y, x) ** 2)
    return outer.gradient(size, x)


def of_several(tape_class, x):
    y, unused = 2.0 * x, tf.ones(2)
    with tape_class(persistent=True) as tape:
        tape.watch([x, y, unused])
        first, second = x * y + x, tf.gather(x, [0, 0, 2])
    found = tape.gradient([first, second], {"x": x, "y": [y]}, [x, 3.0 * x])
    zeros = tape.gradient(first, [unused, x], unconnected_gradients="zero")
    return tf.convert_to_tensor(found["x"]), found["y"][0], *zeros, tape.gradient(second, x)


@pytest.mark.parametrize(
    "of", [of_a_part, of_a_part_in_a_condition, of_a_slope, of_several], ids=lambda of: of.__name__
)
@pytest.mark.parametrize("graph", [True, False])
def test_it_is_the_gradient_that_tensorflow_records(of, graph):
    def found(tape_class):
        return [tf.convert_to_tensor(g) for g in tf.nest.flatten(of(tape_class, tf.constant(X)))]

    ours = (tf.function(found) if graph else found)(GradientTape)
    for gradient, expected in zip(ours, found(tf.GradientTape), strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_what_a_loss_does_not_depend_on_has_none():
    @tf.function
    def found(x, other):
        with GradientTape() as tape:
            tape.watch([x, other])
            loss = tf.reduce_sum(x)
        return tape.gradient(loss, [x, other])[1] is None

    assert found(tf.constant(X), tf.constant(X))
