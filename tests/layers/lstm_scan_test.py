"""The scan against the same loop, differentiated by TensorFlow."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers.lstm_scan import lstm, lstm_scan

STEPS, NETWORKS, BATCH, PLACES, FILTERS = 5, 2, 3, 4, 2


def plain(gates, kernel, offsets, inside):
    """Returns the hidden states, place by place."""
    hidden = cell = tf.zeros((NETWORKS, BATCH, PLACES, FILTERS), tf.float64)
    nothing = tf.zeros((NETWORKS, BATCH, FILTERS), tf.float64)
    lines = []
    for t in range(STEPS):
        places = []
        for p in range(PLACES):
            seen = [hidden[:, :, p + o] if 0 <= p + o < PLACES else nothing for o in offsets]
            places.append(gates[t, :, :, p] + tf.concat(seen, -1) @ kernel)
        hidden, cell = lstm(tf.stack(places, 2), cell)
        hidden, cell = hidden * inside[t], cell * inside[t]
        lines.append(hidden)
    return tf.stack(lines)


@pytest.mark.parametrize("offsets", [(-1, 0, 1), (-1, 0), (0,)])
@pytest.mark.parametrize("graph", [False, True])
def test_states_and_gradients(offsets, graph):
    rng = np.random.default_rng(0)
    gates = tf.constant(rng.normal(size=(STEPS, NETWORKS, BATCH, PLACES, 4 * FILTERS)))
    kernel = tf.constant(rng.normal(size=(NETWORKS, len(offsets) * FILTERS, 4 * FILTERS)))
    inside = tf.constant(rng.integers(0, 2, (STEPS, PLACES, 1)), tf.float64)
    weights = tf.constant(rng.normal(size=(STEPS, NETWORKS, BATCH, PLACES, FILTERS)))

    def values(function):
        with tf.GradientTape() as tape:
            tape.watch([gates, kernel])
            hidden = function(gates, kernel, offsets, inside)
        return [hidden, *tape.gradient(hidden, [gates, kernel], weights)]

    found = (tf.function(values) if graph else values)(lstm_scan)
    for ours, expected in zip(found, values(plain), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-12)
