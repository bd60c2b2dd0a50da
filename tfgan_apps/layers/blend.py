"""Blend: what is new comes in slowly, in place of what was."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Blend(keras.layers.Layer):
    """Mixes two tensors by how far a network has grown.

    Args:
        number: int, the level from which on only what is new counts; one level before only what was
            does.

    Input: what is new, and what was, of one shape (batch, ...), and the level of each example,
    float32 (batch,).
    Output: as what is new.

    Reference: Karras et al. 2018 (PGGAN), https://arxiv.org/abs/1710.10196, figure 2
    """

    def __init__(self, number, **kwargs):
        super().__init__(**{"autocast": False, **kwargs})  # levels stay float32
        self.number = number
        self.built = True  # it has no weights

    def call(self, new, old, level):
        share = ops.cast(ops.clip(self.number - level, 0.0, 1.0), new.dtype)
        return new + (old - new) * ops.reshape(share, [-1] + [1] * (len(new.shape) - 1))

    def compute_output_shape(self, new_shape, old_shape, level_shape):
        return new_shape

    def get_config(self):
        return {**super().get_config(), "number": self.number}
