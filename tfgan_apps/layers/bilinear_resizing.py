"""Bilinear resizing inside a network, the same as outside it."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfgan_apps")
class BilinearResizing(keras.layers.Layer):
    """Makes images of another size, between the centers of pixels; of half the size, means of 4.

    Args:
        size: int, height and width of what comes out, in pixels.

    Call: float tensor (batch, height, width, channels) -> (batch, size, size, channels).
    """

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def call(self, images):
        return tf.cast(tf.image.resize(images, (self.size, self.size)), images.dtype)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.size, self.size, input_shape[3])

    def get_config(self):
        return {**super().get_config(), "size": self.size}
