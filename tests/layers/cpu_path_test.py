import keras
import tensorflow as tf

from tfgan_apps.layers.cpu_path import takes_cpu_path


def test_only_tensors_of_the_named_dtypes_without_gpu():
    without_gpu = not tf.config.list_logical_devices("GPU")
    assert takes_cpu_path(tf.zeros((), tf.bfloat16), ("float32", "bfloat16")) == without_gpu
    assert not takes_cpu_path(tf.zeros((), tf.bfloat16), ("float32",))
    assert not takes_cpu_path(keras.Input((2,), dtype="float32"), ("float32",))
