"""StandingBatchNormalization: batch normalization that knows statistics of truncated latents."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class StandingBatchNormalization(keras.layers.Layer):
    """Normalizes by the batch in training, and in inference by statistics that were measured.

    Which statistics are right depends on how far the latents of an example may be from 0: a
    truncation of 0, none, and each of `truncations` have their own, which
    `standing_statistics.measure` finds; an example of a negative one is normalized by the moving
    averages of training. The statistics of a truncation between two are those of the nearest.

    Args:
        truncations: sequence of floats > 0. Defaults to none.
        affine: bool, whether there are a scale and an offset, too. Defaults to False.
        momentum, epsilon: as of `keras.layers.BatchNormalization`. Default to PyTorch's.

    Input: features (batch, height, width, channels) and truncations (batch,), float32.
    Output: as the features.

    Reference: Brock et al. 2019 (BigGAN), https://arxiv.org/abs/1809.11096, appendix C
    """

    def __init__(self, truncations=(), affine=False, momentum=0.9, epsilon=1e-5, **kwargs):
        super().__init__(**{"autocast": False, **kwargs})  # truncations stay float32
        self.truncations, self.affine = tuple(truncations), affine
        numbers = {"momentum": momentum, "epsilon": epsilon, "center": affine, "scale": affine}
        self.batch = keras.layers.BatchNormalization(
            **numbers, synchronized=True, dtype=self.dtype_policy, name="batch"
        )

    def build(self, features_shape, truncation_shape):
        self.batch.build(features_shape)
        shape = 1 + len(self.truncations), features_shape[-1]
        options = {"trainable": False, "autocast": False, "dtype": "float32"}
        self.mean = self.add_weight(shape, "zeros", name="standing_mean", **options)
        self.variance = self.add_weight(shape, "ones", name="standing_variance", **options)

    def call(self, features, truncation, training=False):
        if training:
            return self.batch(features, training=True)
        row = tf.where(truncation < 0.0, 0, 1 + self.row(truncation))
        moving = self.batch.moving_mean, self.batch.moving_variance
        pairs = zip(moving, (self.mean, self.variance), strict=True)
        mean, variance = (self._of_rows(*pair, row) for pair in pairs)
        scale = ops.rsqrt(variance + self.batch.epsilon)
        offset = -mean * scale
        if self.affine:
            gamma, beta = (ops.cast(w, "float32") for w in (self.batch.gamma, self.batch.beta))
            scale, offset = scale * gamma, offset * gamma + beta
        x = ops.cast(features, "float32")  # a float16 variance would overflow
        return ops.cast(x * scale + offset, features.dtype)

    def compute_output_shape(self, features_shape, truncation_shape):
        return features_shape

    def row(self, truncation):
        """Returns which of the standing statistics serve truncations of at least 0, int32.

        Args:
            truncation: float tensor (batch,).
        """
        known = tf.constant((0.0, *self.truncations))
        return tf.argmin(tf.abs(truncation[:, None] - known), -1, tf.int32)

    @staticmethod
    def _of_rows(moving, standing, row):
        rows = tf.concat([tf.cast(moving, tf.float32)[None], standing], 0)
        return tf.gather(rows, row)[:, None, None]

    def get_config(self):
        own = {"truncations": self.truncations, "affine": self.affine}
        numbers = {"momentum": self.batch.momentum, "epsilon": self.batch.epsilon}
        return super().get_config() | own | numbers
