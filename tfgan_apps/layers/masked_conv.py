"""MaskedConv2D: a convolution that sees nothing of what comes later in raster and colour order."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def colour_groups(channels, colours):
    """Returns the colour that each channel belongs to: contiguous groups, as equal as can be."""
    return np.arange(channels) * colours // channels


def causal_mask(kernel_size, inputs, filters, mask, colours=1, gates=1):
    """Returns the 0s and 1s that make a kernel causal, float32 (height, width, inputs, outputs).

    Args:
        kernel_size: (height, width), odd.
        inputs: int, channels in.
        filters: int, channels out of each gate.
        mask: `"A"`: a pixel's own earlier colours are seen; `"B"`: its own colour too.
        colours: int, C of the image. Defaults to 1.
        gates: int; the outputs are so many blocks of `filters`, each with colours of its own.
            Defaults to 1.
    """
    height, width = kernel_size
    keep = np.zeros((height, width, inputs, filters), "float32")
    keep[: height // 2] = 1
    keep[height // 2, : width // 2] = 1
    of_input = colour_groups(inputs, colours)[:, None]
    of_output = colour_groups(filters, colours)[None]
    seen = of_input < of_output if mask == "A" else of_input <= of_output
    keep[height // 2, width // 2] = seen
    return np.tile(keep, gates)


@keras.saving.register_keras_serializable(package="tfgan_apps")
class MaskedConv2D(keras.layers.Layer):
    """Convolves with a causal kernel, stride 1, to maps of the input's size.

    The whole kernel is a weight, as in the paper, and multiplied with the mask whenever it is used;
    the rows below the centre are not computed with.

    Args:
        filters: int, channels out of each gate.
        kernel_size: int or (height, width), odd.
        mask: `"A"` for the first layer, on the image; `"B"` for all others.
        colours: int, C of the image. Defaults to 1.
        gates: int, blocks of `filters` channels out, each with colours of its own. Defaults to 1.
        kernel_initializer: Keras initializer. Defaults to `"glorot_uniform"`.

    Input: (batch, height, width, channels). Output: (batch, height, width, gates * filters).

    Raises:
        ValueError: an even kernel, or another mask.

    Reference: van den Oord et al. 2016, https://arxiv.org/abs/1601.06759, section 3.4.
    """

    def __init__(
        self,
        filters,
        kernel_size=1,
        mask="B",
        colours=1,
        gates=1,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        size = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)
        if mask not in ("A", "B"):
            raise ValueError(f"mask must be 'A' or 'B'. Received: mask={mask!r}")
        if size[0] % 2 == 0 or size[1] % 2 == 0:
            raise ValueError(f"kernel_size must be odd. Received: kernel_size={kernel_size}")
        self.filters = filters
        self.kernel_size = size
        self.mask = mask
        self.colours = colours
        self.gates = gates
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        inputs, outputs = input_shape[-1], self.gates * self.filters
        shape = (*self.kernel_size, inputs, outputs)
        self.kernel = self.add_weight(shape, self.kernel_initializer, name="kernel")
        self.bias = self.add_weight((outputs,), "zeros", name="bias")
        arguments = (self.filters, self.mask, self.colours, self.gates)
        self._mask = causal_mask(self.kernel_size, inputs, *arguments)

    def causal_kernel(self):
        """Returns the masked kernel without what is 0 all over: rows below, columns to the right.

        Its last row, and for a kernel of one row its last column, are the centre's.
        """
        height, width = self.kernel_size
        last = width if height > 1 else width // 2 + 1
        kernel = ops.convert_to_tensor(self.kernel)
        kernel = kernel * ops.cast(self._mask, kernel.dtype)
        return kernel[: height // 2 + 1, :last]

    def call(self, inputs):
        height, width = self.kernel_size
        right = width // 2 if height > 1 else 0
        padding = ((0, 0), (height // 2, 0), (width // 2, right), (0, 0))
        kernel = ops.cast(self.causal_kernel(), inputs.dtype)
        outputs = tf.nn.conv2d(tf.pad(inputs, padding), kernel, 1, "VALID")
        return outputs + ops.cast(self.bias, inputs.dtype)

    def compute_output_spec(self, inputs):
        shape = (*inputs.shape[:-1], self.gates * self.filters)
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "mask": self.mask,
            "colours": self.colours,
            "gates": self.gates,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
