"""ImagePool: a history of generated images that the discriminator is trained on."""

import keras
import tensorflow as tf

from tfgan_apps.layers.global_batch import of_all_replicas


@keras.saving.register_keras_serializable(package="tfgan_apps")
class ImagePool(keras.layers.Layer):
    """Exchanges each new image, half of the time, for an older one.

    While the pool has room an image is stored and returned as it is. Afterwards each image is,
    with probability 1/2, swapped with a random stored one; else it is returned and not stored.
    The images are asked for one after the other, also within a batch.

    The pool is model state: it is saved, resumed and works in a graph. Replicas share one pool:
    each sees the images of all, in the order of the global batch, so that n replicas give what
    one device gives on the same batch.

    Args:
        size: int >= 0, images kept. 0 returns every image as it is.
        image_shape: (height, width, channels).

    Call args:
        images: (batch, *image_shape) float32, this replica's images; gradients are stopped.
        seed: int tensor of shape (2,), the same on all replicas, fresh for each call.

    Raises:
        ValueError: when `size` is negative.

    Reference: Shrivastava et al. 2017, https://arxiv.org/abs/1612.07828; the rule is that of
    https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix, util/image_pool.py.
    """

    def __init__(self, size, image_shape, **kwargs):
        super().__init__(dtype="float32", autocast=False, **kwargs)
        if size < 0:
            raise ValueError(f"size must be >= 0. Received: size={size}")
        self.size = size
        if not size:
            return
        state = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        # One spare row takes the writes that are not kept: shapes stay static for XLA.
        self.images = self.add_weight((size + 1, *image_shape), name="images", **state)
        self.seen = self.add_weight((), dtype="int64", name="seen", **state)

    def call(self, images, seed):
        images = tf.stop_gradient(images)
        if not self.size:
            return images
        return of_all_replicas(lambda all_images: self._exchange(all_images, seed), images)

    def _exchange(self, images, seed):
        order = tf.range(tf.shape(images, out_type=tf.int64)[0])
        has_room = self.seen.value + order < self.size
        swap, place = tf.unstack(tf.random.stateless_uniform((2, tf.size(order)), seed))
        swapped = ~has_room & (swap > 0.5)
        slot = tf.where(has_room, self.seen.value + order, tf.cast(place * self.size, order.dtype))
        slot = tf.where(has_room | swapped, slot, self.size)

        # same_slot[i, j]: image j came before image i and went to the slot that i asks for.
        same_slot = (slot[:, None] == slot) & (order < order[:, None])
        writer = tf.reduce_max(tf.where(same_slot, order, -1), axis=1)
        from_batch = tf.gather(images, tf.maximum(writer, 0))
        from_pool = tf.gather(self.images.value, slot)
        stored = tf.where(_per_image(writer >= 0), from_batch, from_pool)

        written_again = tf.reduce_any(same_slot, axis=0)
        target = tf.where(written_again, tf.cast(self.size, slot.dtype), slot)
        self.images.value.scatter_update(tf.IndexedSlices(images, target))
        self.seen.assign_add(tf.size(order, out_type=tf.int64))
        return tf.where(_per_image(swapped), stored, images)


def _per_image(condition):
    return condition[:, None, None, None]
