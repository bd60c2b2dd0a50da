"""Graphs that a stock server cannot run are refused."""

import ctypes
import functools
import os

import keras
import pytest
import tensorflow as tf

from tfgan_apps.serving.export import ExportError, export_saved_model
from tfgan_apps.serving.export.graph_check import unservable_ops
from tfgan_apps.serving.kinds.image_to_image import ImageToImage


class Apply(keras.layers.Layer):
    """Applies a function of a float32 tensor that keeps its shape."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, image):
        return tf.ensure_shape(self.function(image), image.shape)


def python_function(x):
    return tf.py_function(lambda t: t, [x], tf.float32)


def numpy_function(x):
    return tf.numpy_function(lambda t: t, [x], tf.float32)


def another_librarys_op(x):
    register_an_op()
    return _op("NotTensorflows", x)


@functools.cache
def register_an_op():
    """Registers an op that does not come with TensorFlow, through its C API."""
    library = ctypes.CDLL(os.path.join(tf.sysconfig.get_lib(), "libtensorflow_cc.so.2"))
    library.TF_NewOpDefinitionBuilder.restype = library.TF_NewStatus.restype = ctypes.c_void_p
    builder = ctypes.c_void_p(library.TF_NewOpDefinitionBuilder(b"NotTensorflows"))
    library.TF_OpDefinitionBuilderAddInput(builder, b"x: float")
    library.TF_OpDefinitionBuilderAddOutput(builder, b"y: float")
    library.TF_RegisterOpDefinition(builder, ctypes.c_void_p(library.TF_NewStatus()))


def xla_op(x):
    """What graphs that come from JAX hold."""
    kind = tf.compat.v1.AttrValue(type=tf.float32.as_datatype_enum)
    return _op("XlaSharding", x, {"T": kind})


def _op(name, x, attributes=None):
    graph = tf.compat.v1.get_default_graph()
    return graph.create_op(name, [x], [tf.float32], attrs=attributes).outputs[0]


def compiled(x):
    return tf.function(lambda t: t * 2, jit_compile=True)(x)


REFUSED = {
    python_function: "EagerPyFunc calls a Python function",
    numpy_function: "PyFunc calls a Python function",
    another_librarys_op: "NotTensorflows is not an op of TensorFlow's own",
    xla_op: "XlaSharding is an op that only XLA runs",
    compiled: r"is compiled by XLA only \(jit_compile=True\)",
}


@pytest.mark.parametrize("function", REFUSED)
def test_export_is_refused_and_removed(function, from_layers, tmp_path):
    served = ImageToImage({"x_to_y": from_layers([Apply(function)])}, 16)
    with pytest.raises(ExportError, match=f"that run everywhere. Received: .*{REFUSED[function]}"):
        export_saved_model(served, tmp_path / "tiny")
    assert os.listdir(tmp_path / "tiny") == []
    assert not (tmp_path / "models.config").exists()


def test_ops_of_tensorflow_pass(tmp_path):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    def serve(x):
        drawn = tf.random.stateless_normal(tf.shape(x), [1, 2], alg="philox")
        looped = tf.map_fn(lambda v: tf.cond(v > 0, lambda: v, lambda: -v), x + drawn)
        return {"y": looped + tf.data.Dataset.from_tensors(x).get_single_element()}

    tf.saved_model.save(tf.Module(), tmp_path, signatures={"serving_default": serve})
    assert unservable_ops(tmp_path) == []
