"""StyleTruncation: brings styles nearer to their mean, and gives them to layers."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class StyleTruncation(keras.layers.Layer):
    """Gives each of `count` layers the style, the first ones mean + truncation * (style - mean).

    The mean is a weight that begins at 0; `follow` moves it in training.

    Args:
        count: int, layers.
        cutoff: int, how many of them have truncated styles. Defaults to None, all.

    Input: the style, float32 (batch, size), and the truncation, float32 (batch,): 1 for none, 0 for
    the mean.
    Output: (batch, count, size).

    Reference: Karras et al. 2019 (StyleGAN), https://arxiv.org/abs/1812.04948, appendix B
    """

    def __init__(self, count, cutoff=None, **kwargs):
        super().__init__(**{"autocast": False, **kwargs})
        self.count, self.cutoff = count, cutoff

    def build(self, style_shape, truncation_shape):
        options = {"trainable": False, "aggregation": "only_first_replica", "autocast": False}
        self.mean = self.add_weight(style_shape[-1:], "zeros", "float32", name="mean", **options)

    def call(self, style, truncation):
        kept = self.count if self.cutoff is None else self.cutoff
        truncated = ops.arange(self.count) < kept
        share = ops.where(truncated, ops.reshape(truncation, (-1, 1)), 1.0)[..., None]
        return self.mean + share * (style[:, None] - self.mean)

    def follow(self, style, decay):
        """Moves the mean towards that of styles, over all replicas.

        Args:
            style: float32 tensor (batch, size), of this replica.
            decay: float in [0, 1], what is left of the mean.
        """
        own = tf.reduce_mean(tf.stop_gradient(style), 0)
        found = tf.distribute.get_replica_context().all_reduce("MEAN", own)
        self.mean.assign(decay * self.mean.value + (1.0 - decay) * found)

    def compute_output_shape(self, style_shape, truncation_shape):
        return (style_shape[0], self.count, style_shape[-1])

    def get_config(self):
        return super().get_config() | {"count": self.count, "cutoff": self.cutoff}
