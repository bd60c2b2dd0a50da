"""An LSTM over lines of places, whose gradient is one loop and one product for its weights."""

import tensorflow as tf


def lstm(gates, cell):
    """Returns the hidden state and the cell of an LSTM.

    Args:
        gates: (..., 4 * filters), the sums in the order output, forget, input, candidate.
        cell: (..., filters), the previous cell.
    """
    hidden, cell, _ = _lstm(gates, cell)
    return hidden, cell


def _lstm(gates, cell):
    """Returns `lstm` and the four activations, (..., 4 * filters)."""
    *sums, candidate = tf.split(gates, 4, axis=-1)
    o, f, i = tf.split(tf.sigmoid(tf.concat(sums, -1)), 3, axis=-1)
    g = tf.tanh(candidate)
    cell = f * cell + i * g
    return o * tf.tanh(cell), cell, tf.concat([o, f, i, g], -1)


def scan(step, states, *inputs):
    """Returns what each step gives, stacked.

    Args:
        step: function, (states, inputs of one step) -> (states, tuple of tensors).
        states: tuple of tensors, the first ones.
        inputs: tensors with as many parts along their first axis as there are steps.
    """
    length = inputs[0].shape[0]
    arrays = [tf.TensorArray(x.dtype, length).unstack(x) for x in inputs]
    first = step(states, [x[0] for x in inputs])[1]  # for dtypes and shapes only
    outputs = tuple(tf.TensorArray(x.dtype, length, element_shape=x.shape) for x in first)

    def advance(t, states, outputs):
        states, found = step(states, [array.read(t) for array in arrays])
        return t + 1, states, tuple(o.write(t, x) for o, x in zip(outputs, found, strict=True))

    loop = (tf.constant(0), states, outputs)
    loop = tf.while_loop(lambda t, *_: t < length, advance, loop, maximum_iterations=length)
    return [output.stack() for output in loop[2]]


def lstm_scan(inputs, weights, offsets, inside=None, added=None):
    """Returns the hidden states of LSTMs that advance together, line after line.

    A line has P places in a row; the state of a place sees those of its neighbours on the line
    before. States begin at 0.

    Args:
        inputs: (T, D, B, P, channels); D networks side by side.
        weights: input to state (D, channels, 4 * filters), state to state (D, neighbours * filters,
            4 * filters), and the bias (D, 1, 1, 4 * filters).
        offsets: sequence of int, where the neighbours are: 0 for the place itself, -1 before it.
        inside: (T, P, 1), 0 where the state stays 0, else 1. Defaults to 1 everywhere.
        added: (T, D, B, P, 4 * filters), added to the gates. Defaults to None.

    Returns:
        (T, D, B, P, filters).
    """
    if inside is None:
        inside = tf.ones((inputs.shape[0], inputs.shape[3], 1), inputs.dtype)

    @tf.custom_gradient
    def run(inputs, from_input, from_state, bias, *added):
        kernel = tf.concat([from_input, from_state], 1)
        hidden, cells, activations = _forward(inputs, kernel, bias, offsets, inside, added)

        def gradient(upstream):
            gates = _backward(upstream, from_state, offsets, inside, cells, activations)
            before = _neighbours(_previous(hidden), offsets)
            return (
                tf.einsum("tdbpj,dij->tdbpi", gates, from_input),
                _outer_products(inputs, gates),
                _outer_products(before, gates),
                _outer_products(tf.ones_like(gates[..., :1]), gates)[:, None],
                *(gates for _ in added),
            )

        return hidden, gradient

    return run(inputs, *weights, *([] if added is None else [added]))


def _forward(inputs, kernel, bias, offsets, inside, added):
    def step(states, parts):
        inside, line, *added = parts
        seen = tf.concat([line, _neighbours(states[0], offsets)], -1)
        gates = tf.add_n([_products(seen, kernel) + bias, *added])
        hidden, cell, activations = _lstm(gates, states[1])
        hidden, cell = hidden * inside, cell * inside
        return (hidden, cell), (hidden, cell, activations)

    shape = (*tf.unstack(tf.shape(inputs)[1:4]), kernel.shape[-1] // 4)
    zeros = tf.ensure_shape(tf.zeros(shape, inputs.dtype), (*inputs.shape[1:4], shape[-1]))
    return scan(step, (zeros, zeros), inside, inputs, *added)


def _backward(upstream, kernel, offsets, inside, cells, activations):
    """Returns the gradient of the gates."""
    transposed = tf.transpose(kernel, (0, 2, 1))

    def step(states, inputs):
        upstream, inside, cell, before, activations = inputs
        o, f, i, g = tf.split(activations, 4, axis=-1)
        hidden = (upstream + states[0]) * inside
        squashed = tf.tanh(cell)
        cell = states[1] * inside + hidden * o * (1 - squashed**2)
        gates = [hidden * squashed * o * (1 - o), cell * before * f * (1 - f)]
        gates = tf.concat([*gates, cell * g * i * (1 - i), cell * i * (1 - g**2)], -1)
        hidden = _from_neighbours(_products(gates, transposed), offsets)
        return (hidden, cell * f), (gates,)

    zeros = tf.zeros_like(upstream[0])
    parts = (upstream, inside, cells, _previous(cells), activations)
    (gates,) = scan(step, (zeros, zeros), *(tf.reverse(x, [0]) for x in parts))
    return tf.reverse(gates, [0])


def _previous(states):
    """Returns what the states were one step before."""
    return tf.concat([tf.zeros_like(states[:1]), states[:-1]], 0)


def _neighbours(states, offsets):
    """Returns the states of the neighbours side by side, (..., P, neighbours * filters)."""
    return tf.concat([_shifted(states, offset) for offset in offsets], -1)


def _from_neighbours(gradients, offsets):
    """Returns the gradient of states, given that of `_neighbours`."""
    parts = tf.split(gradients, len(offsets), axis=-1)
    return tf.add_n([_shifted(x, -offset) for x, offset in zip(parts, offsets, strict=True)])


def _shifted(states, offset):
    """Returns at each place the state that is `offset` places away, 0 beyond the ends."""
    if offset == 0:
        return states
    zeros = tf.zeros_like(states[..., : abs(offset), :])
    if offset < 0:
        return tf.concat([zeros, states[..., :offset, :]], -2)
    return tf.concat([states[..., offset:, :], zeros], -2)


def _outer_products(x, y):
    """Returns the sums of x_i y_j over steps, batch and places, (D, i, j)."""
    lines = (*x.shape[:2], -1)
    x, y = (tf.reshape(z, (*lines, z.shape[-1])) for z in (x, y))
    return tf.reduce_sum(tf.matmul(x, y, transpose_a=True), 0)


def _products(x, kernels):
    """Multiplies vectors (D, B, P, n) with a matrix for each network."""
    batch, places = tf.shape(x)[1], x.shape[2]
    flat = tf.reshape(x, (x.shape[0], batch * places, x.shape[3])) @ kernels
    return tf.reshape(flat, (x.shape[0], batch, places, kernels.shape[2]))
