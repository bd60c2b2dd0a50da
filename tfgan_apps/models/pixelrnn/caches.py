"""What the three networks keep while they sample.

A row needs of the row above what `row_terms` makes of it, for all columns and layers at once; a
pixel needs besides what its left neighbour leaves. For W columns, L layers and B images that is

| network | of the row above | of the left neighbour |
|---|---|---|
| PixelCNN | inner maps (W, L, B, h) | inner maps (L, B, h) |
| Row LSTM | hidden states, cells (W, L, B, h) | layer inputs (L, B, 2h) |
| Diagonal BiLSTM | hidden states of both directions (W, L, B, h) | hidden states, cells (L, B, h) |

The second direction of the Diagonal BiLSTM goes over a row when that row is complete.
"""

import tensorflow as tf

from tfgan_apps.layers.lstm_scan import lstm, scan


def dense(layer):
    """Returns the matrix and the bias of a 1 x 1 `MaskedConv2D`."""
    return layer.causal_kernel()[0, 0], tf.convert_to_tensor(layer.bias)


class _Caches:
    """Base: each network says what it keeps.

    Args:
        network: of `build_network`.
        depth: int, its layers.
        conditions: (height, width, depth, B, channels), what is added to the gates, or None.
    """

    def __init__(self, network, depth, conditions):
        self.conditions = conditions
        self.layers = [self._weights(network, f"layer_{i}") for i in range(depth)]
        names = self.layers[0]
        self.stacked = {name: tf.stack([w[name] for w in self.layers]) for name in names}
        self.depth, self.filters = depth, self.stacked["bias"].shape[-1] // self.gates

    def empty(self, batch, width):
        """Returns the cache above the first row."""
        shape = (width, self.depth, batch, self.filters)
        return tuple(tf.zeros(shape) for _ in range(self.kept))

    def nothing_left(self, batch):
        """Returns what the left neighbour of the first column leaves."""
        return tuple(tf.zeros((self.depth, batch, n * self.filters)) for n in self.left)

    def _products(self, x, kernel):
        """Returns the products of vectors (W, L, B, n) with the matrix of each layer."""
        # Not as a product that broadcasts: TensorFlow 2.21 (oneDNN) computes garbage for L = 1.
        return tf.einsum("wlbi,lij->wlbj", x, self.stacked[kernel])

    def _gates(self, r, x, kernel, bias="bias"):
        """Returns products with the matrix of each layer, with bias and condition."""
        gates = self._products(x, kernel) + self.stacked[bias][:, None]
        return gates if self.conditions is None else gates + self.conditions[r]


class PixelCNNCaches(_Caches):
    """The maps inside the residual blocks, which the 3 x 3 convolutions look at."""

    gates, kept, left, right = 1, 1, (1,), (1,)

    def _weights(self, network, name):
        conv = network.get_layer(f"{name}_conv")
        above, here = tf.unstack(conv.causal_kernel())
        down, down_bias = dense(network.get_layer(f"{name}_down"))
        up, up_bias = dense(network.get_layer(f"{name}_up"))
        return {
            "above": tf.reshape(above, (-1, conv.filters)),
            "here": tf.reshape(here[:2], (-1, conv.filters)),
            "bias": tf.convert_to_tensor(conv.bias),
            **{"down": down, "down_bias": down_bias, "up": up, "up_bias": up_bias},
        }

    def row_terms(self, r, cache):
        terms = self._products(_neighbours(cache[0]), "above") + self.stacked["bias"][:, None]
        condition = tf.zeros_like(terms) if self.conditions is None else self.conditions[r]
        return terms, condition

    def pixel(self, i, x, left, terms):
        weights = self.layers[i]
        inner = tf.nn.relu(x) @ weights["down"] + weights["down_bias"] + terms[1]
        inner = tf.nn.relu(inner)
        y = terms[0] + tf.concat([left[0], inner], -1) @ weights["here"]
        return tf.nn.relu(y) @ weights["up"] + weights["up_bias"], (inner,), (inner,)

    def end_row(self, r, row, cache):
        return row


class RowLSTMCaches(_Caches):
    """The states of the row above; the left neighbours that the input-to-state convolutions see."""

    gates, kept, left, right = 4, 2, (2,), (1, 1)

    def _weights(self, network, name):
        layer = network.get_layer(f"{name}_lstm")
        inputs = layer.input_to_state
        up, up_bias = dense(network.get_layer(f"{name}_up"))
        return {
            "above": tf.reshape(
                tf.convert_to_tensor(layer.state_to_state), (-1, 4 * layer.filters)
            ),
            "here": tf.reshape(inputs.causal_kernel(), (-1, 4 * layer.filters)),
            "bias": tf.convert_to_tensor(inputs.bias),
            **{"up": up, "up_bias": up_bias},
        }

    def row_terms(self, r, cache):
        hidden, cell = cache
        return self._gates(r, _neighbours(hidden), "above"), cell

    def pixel(self, i, x, left, terms):
        weights = self.layers[i]
        gates = terms[0] + tf.concat([left[0], x], -1) @ weights["here"]
        hidden, cell = lstm(gates, terms[1])
        return hidden @ weights["up"] + weights["up_bias"], (x,), (hidden, cell)

    def end_row(self, r, row, cache):
        return row


class DiagonalBiLSTMCaches(_Caches):
    """The hidden states of the row above, both directions; the state of the left neighbour."""

    gates, kept, left, right = 4, 2, (1, 1), (1, 2)

    def _weights(self, network, name):
        layer = network.get_layer(f"{name}_lstm")
        to_state, states, projections = layer.kernels("float32")
        biases = tf.convert_to_tensor(layer.bias)[:, 0]
        projection_biases = tf.convert_to_tensor(layer.projection_bias)[:, 0]
        h = layer.filters
        return {
            "here": tf.concat([to_state[0], states[0, h:]], 0),
            "above": states[0, :h],
            "bias": biases[0],
            "up": projections[0],
            "up_bias": projection_biases[0],
            **{"back_in": to_state[1], "back_above": states[1, :h], "back_before": states[1, h:]},
            **{"back_bias": biases[1], "back_up": projections[1]},
            "back_up_bias": projection_biases[1],
        }

    def row_terms(self, r, cache):
        hidden, backward = cache
        seen = self._products(backward, "back_up") + self.stacked["back_up_bias"][:, None]
        seen = tf.where(r > 0, seen, 0.0) + self.stacked["up_bias"][:, None]
        return self._gates(r, hidden, "above"), seen

    def pixel(self, i, x, left, terms):
        weights = self.layers[i]
        gates = terms[0] + tf.concat([x, left[0]], -1) @ weights["here"]
        hidden, cell = lstm(gates, left[1])
        return hidden @ weights["up"] + terms[1], (hidden, cell), (hidden, x)

    def end_row(self, r, row, cache):
        hidden, inputs = row
        gates = self._products(cache[1], "back_above")
        gates = gates + self._gates(r, inputs, "back_in", "back_bias")

        def step(states, gates):
            gates = gates[0] + states[0] @ self.stacked["back_before"]
            hidden, cell = lstm(gates, states[1])
            return (hidden, cell), (hidden,)

        zeros = tf.zeros_like(hidden[0])
        (backward,) = scan(step, (zeros, zeros), tf.reverse(gates, [0]))
        return hidden, tf.reverse(backward, [0])


def _neighbours(x):
    """Returns the vectors of left neighbour, place itself and right one side by side."""
    before, after = [[1, 0]] + [[0, 0]] * 3, [[0, 1]] + [[0, 0]] * 3
    return tf.concat([tf.pad(x[:-1], before), x, tf.pad(x[1:], after)], -1)


CACHES = {
    "pixelcnn": PixelCNNCaches,
    "row_lstm": RowLSTMCaches,
    "diagonal_bilstm": DiagonalBiLSTMCaches,
}
