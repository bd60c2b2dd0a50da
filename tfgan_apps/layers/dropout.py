"""Dropout whose masks are one device's on several replicas, and go on where a run was stopped."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Dropout(keras.layers.Layer):
    """Sets elements to 0 in training, at random, and scales the others up.

    `keras.layers.Dropout` draws one mask for all replicas. Here a mask is a function of the seed,
    of the calls that were made before (a weight, saved with the model) and of the place in the
    global batch.

    Args:
        rate: float in [0, 1), the probability of 0.
        seed: int, which other layers of the model do not have.

        in_inference: bool, whether it acts then, too, by a mask that all examples and calls share:
            an answer depends on nothing else that is asked. Defaults to False.

    Call: float tensor (batch, ...) -> the same shape; the identity unless `training`.

    Reference: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from
    Overfitting", https://jmlr.org/papers/v15/srivastava14a.html
    """

    def __init__(self, rate, seed, in_inference=False, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be in [0, 1). Received: rate={rate}")
        self.rate, self.seed, self.in_inference = rate, seed, in_inference
        state = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        self.calls = self.add_weight((), dtype="int64", name="calls", **state)
        self.built = True

    def call(self, inputs, training=False):
        if not self.rate or not (training or self.in_inference):
            return inputs
        if not training:
            drawn = tf.random.stateless_uniform(tf.shape(inputs)[1:], (self.seed, -1))
            return self._masked(inputs, drawn[None])
        seed = tf.stack([tf.constant(self.seed, tf.int64), self.calls.value])
        replica = tf.distribute.get_replica_context()
        count, *rest = tf.unstack(tf.shape(inputs))
        shape = [count * replica.num_replicas_in_sync, *rest]
        drawn = tf.random.stateless_uniform(shape, seed)
        if replica.num_replicas_in_sync > 1:
            first = count * replica.replica_id_in_sync_group
            drawn = drawn[first : first + count]
        self.calls.assign_add(1)
        return self._masked(inputs, drawn)

    def _masked(self, inputs, drawn):
        kept = tf.cast(drawn >= self.rate, inputs.dtype)
        return inputs * kept * (1.0 / (1.0 - self.rate))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        own = {"rate": self.rate, "seed": self.seed, "in_inference": self.in_inference}
        return {**super().get_config(), **own}
