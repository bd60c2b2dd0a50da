"""The recurrent layers against their equations, one pixel after the other in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import DiagonalBiLSTM, MaskedConv2D, RowLSTM


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(gates, cell):
    o, f, i, g = np.split(gates, 4, -1)
    cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(cell), cell


def randomized(layer, shape):
    """Builds a layer and gives every weight a value that is not 0."""
    rng = np.random.default_rng(0)
    layer.build(shape)
    for weight in layer.weights:
        weight.assign(rng.normal(size=weight.shape))
    return layer


@pytest.fixture
def image():
    return np.random.default_rng(1).normal(size=(2, 4, 5, 6)).astype("float32")


def test_row_lstm_equals_its_equations(image):
    layer = randomized(RowLSTM(4, colours=3), image.shape)
    gates = np.array(layer.input_to_state(image))
    kernel = np.array(layer.state_to_state)
    hidden = cell = np.zeros((2, 5, 4))
    for r, row in enumerate(np.array(layer(image)).transpose(1, 0, 2, 3)):
        padded = np.pad(hidden, ((0, 0), (1, 1), (0, 0)))
        states = sum(padded[:, j : j + 5] @ kernel[j] for j in range(3))
        hidden, cell = lstm(gates[:, r] + states, cell)
        np.testing.assert_allclose(row, hidden, atol=1e-5)


def diagonal(layer, image, direction):
    """Returns the projected hidden map of one direction, by the equations."""
    to_state, states, projection = (np.array(k)[direction] for k in layer.kernels("float32"))
    bias, h = np.array(layer.bias)[direction, 0], layer.filters
    image = image[:, :, ::-1] if direction else image
    hidden = np.zeros((image.shape[1] + 1, image.shape[2] + 1, image.shape[0], h))
    cell = np.zeros_like(hidden)
    for r in range(image.shape[1]):
        for c in range(image.shape[2]):
            above, before = hidden[r, c + 1], hidden[r + 1, c]
            gates = image[:, r, c] @ to_state + bias + above @ states[:h] + before @ states[h:]
            hidden[r + 1, c + 1], cell[r + 1, c + 1] = lstm(gates, cell[r + 1, c])
    out = hidden[1:, 1:].transpose(2, 0, 1, 3) @ projection
    out = out + np.array(layer.projection_bias)[direction, 0]
    return out[:, :, ::-1] if direction else out


def test_diagonal_bilstm_equals_its_equations(image):
    layer = randomized(DiagonalBiLSTM(4, 7, colours=3), image.shape)
    backward = np.pad(diagonal(layer, image, 1), ((0, 0), (1, 0), (0, 0), (0, 0)))[:, :-1]
    np.testing.assert_allclose(layer(image), diagonal(layer, image, 0) + backward, atol=1e-5)


@pytest.mark.parametrize("make", [lambda: RowLSTM(4), lambda: DiagonalBiLSTM(4, 3)])
def test_a_condition_is_added_to_the_gates(image, make):
    layer = randomized(make(), image.shape)
    condition = np.zeros((2, 4, 5, 16), "float32")
    np.testing.assert_array_equal(layer(image, condition), layer(image))
    condition[:, 1, 2] = 1.0
    changed = np.any(np.array(layer(image, condition)) != np.array(layer(image)), (0, 3))
    assert changed[1, 2] and not changed[0].any()


def dependencies(network, shape):
    """Returns how many (output, input) pairs depend, and how many of them look ahead."""
    rng = np.random.default_rng(0)
    for weight in network.weights:
        weight.assign(rng.normal(size=weight.shape) * 0.5)
    image = tf.constant(rng.normal(size=(1, *shape)), tf.float32)
    count = np.prod(shape)

    @tf.function
    def gradient(i):
        with tf.GradientTape() as tape:
            tape.watch(image)
            logit = tf.reshape(network(image), (-1,))[i]
        return tf.reshape(tape.gradient(logit, image), (-1,))

    # One after the other: TensorFlow's vectorized jacobian is wrong for loops inside a gradient.
    depends = np.array([gradient(i) for i in tf.range(count)]) != 0
    return depends.sum(), np.triu(depends).sum()


def network(kind, depth, first_kernel, shape, filters):
    """A network without dead units: leaky ReLU, not ReLU."""
    colours = shape[-1]
    leaky = keras.layers.LeakyReLU()

    def masked(x, channels, kernel_size=1, mask="B"):
        return MaskedConv2D(channels, kernel_size, mask, colours)(x)

    image = keras.Input(shape)
    x = masked(image, 2 * filters, first_kernel, "A")
    for _ in range(depth):
        if kind == "row":
            y = masked(RowLSTM(filters, colours)(x), 2 * filters)
        elif kind == "diagonal":
            y = DiagonalBiLSTM(filters, 2 * filters, colours)(x)
        else:
            y = masked(leaky(masked(leaky(x), filters)), filters, 3)
            y = masked(leaky(y), 2 * filters)
        x = x + y
    return keras.Model(image, masked(leaky(x), colours))


REACH = [  # the specification's table: kind, layers, first kernel, image, pairs reached
    ("cnn", 1, 3, (7, 7, 1), 366),
    ("cnn", 3, 3, (7, 7, 1), 781),
    ("cnn", 3, 7, (7, 7, 1), 1121),
    ("row", 1, 3, (7, 7, 1), 876),
    ("row", 1, 7, (7, 7, 1), 1094),
    ("row", 3, 3, (7, 7, 1), 974),
    ("diagonal", 1, 3, (7, 7, 1), 1146),
    ("diagonal", 1, 7, (7, 7, 1), 1158),
    ("cnn", 2, 3, (5, 5, 3), 2109),
    ("row", 2, 3, (5, 5, 3), 2415),
    ("diagonal", 2, 3, (5, 5, 3), 2739),
]


@pytest.mark.parametrize(("kind", "depth", "kernel", "shape", "pairs"), REACH)
def test_what_a_pixel_sees_of_the_past_and_of_the_future(kind, depth, kernel, shape, pairs):
    built = network(kind, depth, kernel, shape, filters=6 if shape[-1] == 3 else 4)
    assert dependencies(built, shape) == (pairs, 0)


@pytest.mark.parametrize("layer", [RowLSTM(4, 3), DiagonalBiLSTM(4, 6, 3)])
def test_config_round_trip(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
