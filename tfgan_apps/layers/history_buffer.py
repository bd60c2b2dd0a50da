"""HistoryBuffer: half of the generated images that a discriminator sees are older ones."""

import keras
import tensorflow as tf

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.layers.global_batch import of_all_replicas


@keras.saving.register_keras_serializable(package="tfgan_apps")
class HistoryBuffer(keras.layers.Layer):
    """Exchanges the second half of each batch for stored images, and stores the first half.

    As long as fewer images are stored than half of a batch has, a batch is returned as it is.
    The images that are taken are drawn from all that are stored, none twice in a batch; they stay.
    What is stored takes an empty place while there is one, then that of an image drawn at random.

    The buffer is model state: it is saved, resumed and works in a graph. Replicas share one buffer:
    n of them give what one device gives on the same batch.

    Args:
        buffer_size: int >= 0, images kept. 0 returns every batch as it is.
        image_shape: (height, width, channels).

    Call args:
        images: (batch, *image_shape) float32, this replica's images; gradients are stopped.
        seed: int tensor of shape (2,), the same on all replicas, fresh for each call.

    Raises:
        ValueError: `buffer_size` is negative.

    Reference: Shrivastava et al. 2017, https://arxiv.org/abs/1612.07828, section 2.3
    """

    def __init__(self, buffer_size, image_shape, **kwargs):
        super().__init__(dtype="float32", autocast=False, **kwargs)
        check_integers(0, buffer_size=buffer_size)
        self.buffer_size = buffer_size
        if not buffer_size:
            return
        state = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        self.images = self.add_weight((buffer_size, *image_shape), name="images", **state)
        self.stored = self.add_weight((), dtype="int32", name="stored", **state)

    def check_batch(self, images):
        """Raises `ValueError` unless half of a global batch can be stored.

        Args:
            images: this replica's part of one, of which the length may be unknown.
        """
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        half = (images.shape[0] or 0) * replicas // 2
        fits = not self.buffer_size or self.buffer_size >= half
        check(fits, f"0, or at least half a batch, {half}", buffer_size=self.buffer_size)

    def call(self, images, seed):
        images = tf.stop_gradient(images)
        if not self.buffer_size:
            return images
        return of_all_replicas(lambda all_images: self._exchange(all_images, seed), images)

    def _exchange(self, images, seed):
        half = tf.shape(images)[0] // 2
        new, others = images[:half], images[half:]
        is_stored = tf.range(self.buffer_size) < self.stored.value
        taken, replaced = tf.unstack(tf.random.stateless_uniform((2, self.buffer_size), seed))
        # The largest draws are of places that are all different; of equal ones the first go first.
        places = tf.math.top_k(tf.where(is_stored, taken, -1.0), half).indices
        older = tf.gather(self.images.value, places)
        fresh = tf.shape(others)[0] - half  # the one of an odd batch that has no partner
        older = tf.where(self.stored.value >= half, older, others[fresh:])
        places = tf.math.top_k(tf.where(is_stored, replaced, 2.0), half).indices
        self.images.value.scatter_update(tf.IndexedSlices(new, places))
        self.stored.assign(tf.minimum(self.stored.value + half, self.buffer_size))
        return tf.concat([new, others[:fresh], older], 0)
