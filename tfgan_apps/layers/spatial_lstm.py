"""RowLSTM and DiagonalBiLSTM: recurrent layers over the rows and the diagonals of an image."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfgan_apps.layers.lstm_scan import lstm_scan
from tfgan_apps.layers.masked_conv import MaskedConv2D, causal_mask


@keras.saving.register_keras_serializable(package="tfgan_apps")
class RowLSTM(keras.layers.Layer):
    """An LSTM that goes down the rows, its states being whole rows.

    The input-to-state convolution sees the pixel and its left neighbour, the state-to-state one
    three pixels of the row above. States begin at 0.

    Args:
        filters: int, h of the paper.
        colours: int, C of the image. Defaults to 1.

    Input: (batch, height, width, channels), and perhaps a map that is added to the gates, (batch,
    height, width, 4 * filters). Output: (batch, height, width, filters).

    Reference: van den Oord et al. 2016, https://arxiv.org/abs/1601.06759, section 3.1. "3 x 1" in
    the paper means three pixels of one row.
    """

    def __init__(self, filters, colours=1, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.colours = colours
        self.input_to_state = MaskedConv2D(
            filters, (1, 3), "B", colours, gates=4, dtype=self.dtype_policy, name="input_to_state"
        )

    def build(self, inputs_shape, condition_shape=None):
        self.input_to_state.build(inputs_shape)
        shape = (3, self.filters, 4 * self.filters)
        self.state_to_state = self.add_weight(shape, "glorot_uniform", name="state_to_state")

    def call(self, inputs, condition=None):
        # The convolution as a product with two pixels: the left neighbour and the pixel itself.
        pixels = tf.concat(
            [tf.pad(inputs[:, :, :-1], ((0, 0), (0, 0), (1, 0), (0, 0))), inputs], -1
        )
        outputs = (1, -1, 4 * self.filters)
        weights = (
            ops.reshape(ops.cast(self.input_to_state.causal_kernel(), inputs.dtype), outputs),
            ops.reshape(ops.cast(self.state_to_state, inputs.dtype), outputs),
            ops.reshape(ops.cast(self.input_to_state.bias, inputs.dtype), (1, 1, *outputs[::2])),
        )
        added = None if condition is None else _rows(condition)
        hidden = lstm_scan(_rows(pixels), weights, (-1, 0, 1), added=added)
        return tf.transpose(hidden[:, 0], (1, 0, 2, 3))

    def compute_output_spec(self, inputs, condition=None):
        return keras.KerasTensor((*inputs.shape[:-1], self.filters), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "colours": self.colours}


@keras.saving.register_keras_serializable(package="tfgan_apps")
class DiagonalBiLSTM(keras.layers.Layer):
    """Two LSTMs that go along the diagonals, from the upper left and from the upper right.

    Each state sees the one above and the one before in its row. The two hidden maps are projected
    and added, that of the second direction one row further down: a pixel sees nothing to its
    right. Rows are shifted against each other so that a diagonal is a column; both directions
    advance together, one product of matrices a column. States begin at 0.

    Args:
        filters: int, h of the paper.
        outputs: int, channels out.
        colours: int, C of the image. Defaults to 1.

    Input: (batch, height, width, channels), and perhaps a map that is added to the gates, (batch,
    height, width, 4 * filters). Output: (batch, height, width, outputs).

    Reference: van den Oord et al. 2016, https://arxiv.org/abs/1601.06759, section 3.2.
    """

    def __init__(self, filters, outputs, colours=1, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.outputs = outputs
        self.colours = colours

    def build(self, inputs_shape, condition_shape=None):
        h, channels = self.filters, inputs_shape[-1]

        def weight(name, rows, columns):
            # Each direction is a matrix of its own, and starts like one.
            return self.add_weight((2, rows, columns), _EachGlorot(), name=name)

        self.input_to_state = weight("input_to_state", channels, 4 * h)
        self.bias = self.add_weight((2, 1, 4 * h), "zeros", name="bias")
        self.state_to_state = weight("state_to_state", 2 * h, 4 * h)  # rows: above, before
        self.projection = weight("projection", h, self.outputs)
        self.projection_bias = self.add_weight(
            (2, 1, self.outputs), "zeros", name="projection_bias"
        )
        size, colours = (1, 1), self.colours
        self._input_mask = causal_mask(size, channels, h, "B", colours, gates=4)[0]
        self._projection_mask = causal_mask(size, h, self.outputs, "B", colours)[0]

    def kernels(self, dtype):
        """Returns input-to-state, state-to-state and projection, masked: (2, rows, columns)."""
        return (
            ops.cast(self.input_to_state * self._input_mask, dtype),
            ops.cast(self.state_to_state, dtype),
            ops.cast(self.projection * self._projection_mask, dtype),
        )

    def call(self, inputs, condition=None):
        height, width = inputs.shape[1:3]
        from_input, from_state, projection = self.kernels(inputs.dtype)
        weights = (from_input, from_state, ops.cast(self.bias, inputs.dtype)[:, None])
        columns = np.arange(width + height - 1)[:, None] - np.arange(height)
        # States stay 0 until a row begins.
        inside = tf.constant(((columns >= 0) & (columns < width))[..., None], inputs.dtype)
        added = None if condition is None else _diagonals(condition)
        hidden = lstm_scan(_diagonals(inputs), weights, (-1, 0), inside, added)
        maps = _unskew(tf.transpose(hidden, (1, 2, 3, 0, 4)), width)
        forward, backward = tf.unstack(_matmul(maps, projection))
        bias = ops.cast(self.projection_bias, inputs.dtype)
        forward, backward = forward + bias[0], tf.reverse(backward + bias[1], [2])
        return forward + tf.pad(backward[:, :-1], ((0, 0), (1, 0), (0, 0), (0, 0)))

    def compute_output_spec(self, inputs, condition=None):
        return keras.KerasTensor((*inputs.shape[:-1], self.outputs), self.compute_dtype)

    def get_config(self):
        sizes = {"filters": self.filters, "outputs": self.outputs, "colours": self.colours}
        return {**super().get_config(), **sizes}


@keras.saving.register_keras_serializable(package="tfgan_apps")
class _EachGlorot(keras.initializers.GlorotUniform):
    """Glorot's initializer for each matrix of a stack."""

    def __call__(self, shape, dtype=None):
        return ops.stack(
            [super(_EachGlorot, self).__call__(shape[1:], dtype) for _ in range(shape[0])]
        )


def _rows(x):
    """Returns the rows of a map for `lstm_scan`, (H, 1, B, W, channels)."""
    return tf.transpose(x, (1, 0, 2, 3))[:, None]


def _diagonals(x):
    """Returns the diagonals of a map and of its mirror image, (W + H - 1, 2, B, H, channels)."""
    return tf.transpose(_skew(tf.stack([x, tf.reverse(x, [2])])), (3, 0, 1, 2, 4))


def _matmul(x, kernels):
    """Multiplies the vectors of each direction, (2, ..., rows), with its matrix."""
    shape = tf.shape(x)
    flat = tf.reshape(x, (2, -1, kernels.shape[1])) @ kernels
    return tf.reshape(flat, tf.concat([shape[:-1], kernels.shape[2:]], 0))


def _skew(x):
    """Shifts row r right by r: (2, B, H, W, channels) -> (2, B, H, W + H - 1, channels)."""
    _, batch, height, width, channels = x.shape
    batch = tf.shape(x)[1]
    x = tf.pad(x, ((0, 0), (0, 0), (0, 0), (0, height), (0, 0)))
    x = tf.reshape(x, (2, batch, height * (width + height), channels))[:, :, :-height]
    return tf.reshape(x, (2, batch, height, width + height - 1, channels))


def _unskew(x, width):
    """Undoes `_skew`."""
    _, _, height, skewed, channels = x.shape
    batch = tf.shape(x)[1]
    x = tf.reshape(x, (2, batch, height * skewed, channels))
    x = tf.pad(x, ((0, 0), (0, 0), (0, height), (0, 0)))
    return tf.reshape(x, (2, batch, height, skewed + 1, channels))[:, :, :, :width]
