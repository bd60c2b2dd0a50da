"""ReflectionPadding2D: a border that mirrors the image without repeating its edge."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class ReflectionPadding2D(keras.layers.Layer):
    """Mirrors `padding` rows and columns around the image; the edge itself is not repeated.

    Args:
        padding: int >= 1, pixels added on each side. Defaults to 1.

    Input: (batch, height, width, channels), height and width > padding.
    Output: (batch, height + 2 * padding, width + 2 * padding, channels).

    Raises:
        ValueError: when `padding` is not a positive int.
    """

    def __init__(self, padding=1, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(padding, int) or padding < 1:
            raise ValueError(f"padding must be an int >= 1. Received: padding={padding!r}")
        self.padding = padding

    def call(self, inputs):
        border = (self.padding, self.padding)
        return ops.pad(inputs, ((0, 0), border, border, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape):
        batch, *sides, channels = input_shape
        return (batch, *(side and side + 2 * self.padding for side in sides), channels)

    def get_config(self):
        return {**super().get_config(), "padding": self.padding}
