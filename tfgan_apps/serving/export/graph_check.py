"""Refusal of graphs that TensorFlow Serving cannot run."""

import os

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

_PYTHON_OPS = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}
# Wrappers are generated with TensorFlow: an op that another library registers has none.
_OWN_OPS = set(dir(tf.raw_ops))


def unservable_ops(saved_model):
    """Returns what a stock server cannot run in a SavedModel, a list of descriptions.

    Args:
        saved_model: directory that holds `saved_model.pb`.
    """
    proto = saved_model_pb2.SavedModel()
    with open(os.path.join(saved_model, "saved_model.pb"), "rb") as file:
        proto.ParseFromString(file.read())
    found = set()
    for graph in (meta_graph.graph_def for meta_graph in proto.meta_graphs):
        functions = graph.library.function
        names = {function.signature.name for function in functions}
        nodes = [*graph.node, *(node for function in functions for node in function.node_def)]
        found |= {_complaint(op) for op in {node.op for node in nodes} - names}
        found |= {
            f"{function.signature.name} is compiled by XLA only (jit_compile=True)"
            for function in functions
            if function.attr["_XlaMustCompile"].b
        }
    return sorted(found - {None})


def _complaint(op):
    if op in _PYTHON_OPS:
        return f"{op} calls a Python function"
    if op.startswith("Xla"):
        return f"{op} is an op that only XLA runs"
    if op not in _OWN_OPS:
        return f"{op} is not an op of TensorFlow's own"
    return None
