"""MinibatchDeviation: tells a discriminator how much the images of a batch differ."""

import keras
import tensorflow as tf
from keras import ops

from tfgan_apps.layers.global_batch import of_all_replicas


@keras.saving.register_keras_serializable(package="tfgan_apps")
class MinibatchDeviation(keras.layers.Layer):
    """Appends channels with the mean standard deviation of features over a group of examples.

    Images i, i + groups, i + 2 groups, ... of the batch of all replicas make a group.

    Args:
        group_size: int >= 1, examples of a group; the whole batch where it has fewer. Defaults to
            4.
        channels: int >= 1, that are appended; each stands for as many of the features. Defaults to
            1.

    Input: (batch, height, width, features). A batch is a multiple of the group's size, or smaller.
    Output: (batch, height, width, features + channels).

    Reference: Karras et al. 2018 (PGGAN), https://arxiv.org/abs/1710.10196, section 3
    """

    def __init__(self, group_size=4, channels=1, **kwargs):
        super().__init__(**kwargs)
        self.group_size, self.channels = group_size, channels
        self.built = True  # it has no weights

    def call(self, inputs):
        appended = ops.cast(of_all_replicas(self._deviation, inputs), inputs.dtype)
        ones = ops.ones_like(inputs[..., : self.channels])
        return ops.concatenate([inputs, appended * ones], axis=-1)

    def _deviation(self, inputs):
        """Returns float32 (batch, 1, 1, channels)."""
        batch, height, width, features = ops.shape(inputs)
        size = tf.minimum(self.group_size, batch)
        shape = size, batch // size, height, width, self.channels, features // self.channels
        x = tf.reshape(ops.cast(inputs, "float32"), shape)
        x -= ops.mean(x, axis=0, keepdims=True)
        deviation = ops.sqrt(ops.mean(ops.square(x), axis=0) + 1e-8)
        mean = ops.mean(deviation, axis=(1, 2, 4))
        return tf.tile(mean, (size, 1))[:, None, None]

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + self.channels)

    def get_config(self):
        return super().get_config() | {"group_size": self.group_size, "channels": self.channels}
