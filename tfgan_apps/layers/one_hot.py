"""Class numbers as vectors of 0 and 1, inside a network."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class OneHot(keras.layers.Layer):
    """Gives a label a vector that is 1 at its place, else 0.

    Args:
        classes: int >= 1, labels are below it.

    Call: int tensor (batch,) -> float tensor (batch, classes).
    """

    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        self.classes = classes

    def call(self, label):
        return ops.one_hot(label, self.classes, dtype=self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return (*input_shape, self.classes)

    def get_config(self):
        return {**super().get_config(), "classes": self.classes}
