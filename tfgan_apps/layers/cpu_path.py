"""Decides where layers compute what they compute in the way that is fastest on a CPU."""

import keras
import tensorflow as tf


def takes_cpu_path(inputs, dtypes):
    """Returns whether a layer's inputs are tensors of one of the dtypes on a machine without GPU.

    Args:
        inputs: tensor, or what Keras passes while it builds a functional model.
        dtypes: tuple of str, those for which the way is faster.
    """
    on_gpu = bool(tf.config.list_logical_devices("GPU"))
    return not keras.backend.is_keras_tensor(inputs) and not on_gpu and inputs.dtype.name in dtypes
