"""The scan against the same loop, differentiated by TensorFlow."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers.lstm_scan import lstm, lstm_scan

STEPS, NETWORKS, BATCH, PLACES, FILTERS = 5, 2, 3, 4, 2


def plain(inputs, from_input, from_state, bias, added, offsets, inside):
    """Returns the hidden states, place by place."""
    hidden = cell = tf.zeros((NETWORKS, BATCH, PLACES, FILTERS), tf.float64)
    nothing = tf.zeros((NETWORKS, BATCH, FILTERS), tf.float64)
    lines = []
    for t in range(STEPS):
        places = []
        for p in range(PLACES):
            seen = [hidden[:, :, p + o] if 0 <= p + o < PLACES else nothing for o in offsets]
            gates = inputs[t, :, :, p] @ from_input + tf.concat(seen, -1) @ from_state
            places.append(gates + bias[:, 0] + added[t, :, :, p])
        hidden, cell = lstm(tf.stack(places, 2), cell)
        hidden, cell = hidden * inside[t], cell * inside[t]
        lines.append(hidden)
    return tf.stack(lines)


@pytest.mark.parametrize("offsets", [(-1, 0, 1), (-1, 0), (0,)])
@pytest.mark.parametrize("graph", [False, True])
def test_states_and_gradients(offsets, graph):
    rng = np.random.default_rng(0)
    lines, gates = (STEPS, NETWORKS, BATCH, PLACES), 4 * FILTERS
    shapes = [(*lines, 3), (NETWORKS, 3, gates), (NETWORKS, len(offsets) * FILTERS, gates)]
    shapes += [(NETWORKS, 1, 1, gates), (*lines, gates)]
    arguments = [tf.constant(rng.normal(size=shape)) for shape in shapes]
    inside = tf.constant(rng.integers(0, 2, (STEPS, PLACES, 1)), tf.float64)
    upstream = tf.constant(rng.normal(size=(*lines, FILTERS)))

    def values(function):
        with tf.GradientTape() as tape:
            tape.watch(arguments)
            hidden = function(*arguments)
        return [hidden, *tape.gradient(hidden, arguments, upstream)]

    def ours(inputs, *weights_and_added):
        *weights, added = weights_and_added
        return lstm_scan(inputs, weights, offsets, inside, added)

    found = (tf.function(values) if graph else values)(ours)
    expected = values(lambda *arguments: plain(*arguments, offsets, inside))
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
