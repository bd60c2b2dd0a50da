"""A model in this process, asked as a `Client` asks one of a server; no extra is needed."""

import json
import os

import grpc
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2

from tfgan_apps.serving.client.errors import ServingError
from tfgan_apps.serving.client.examples import InputError
from tfgan_apps.serving.export.saved_model import ABOUT, versions
from tfgan_apps.serving.messages import plain

_BATCH = 16
_CODES = {code.value[0]: code for code in grpc.StatusCode}


class InProcess:
    """What a `ServedModel` or a SavedModel answers.

    Args:
        signatures: dict, name -> `tf.function` of a `ServedModel`, or signature of a SavedModel.
        signature: str, the one that is asked. Defaults to `"serving_default"`.
    """

    def __init__(self, signatures, signature="serving_default"):
        self.signatures = signatures
        self.signature = signature

    def metadata(self):
        """Returns name -> `SignatureDef`; that of the signature that is asked says more than it."""
        described = {name: meta_graph_pb2.SignatureDef() for name in self.signatures}
        if self.signature in described:
            specs, outputs = self._specs()
            described[self.signature].CopyFrom(
                meta_graph_pb2.SignatureDef(
                    inputs={name: _info(spec) for name, spec in specs.items()},
                    outputs={name: _info(spec) for name, spec in outputs.items()},
                )
            )
        return described

    def predict(self, inputs):
        """Returns output's name -> array.

        Args:
            inputs: dict, input's name -> list of bytes, str or numbers.

        Raises:
            ServingError: the graph refuses them.
        """
        specs, _ = self._specs()
        function = self._function()
        tensors = {name: tf.constant(values, specs[name].dtype) for name, values in inputs.items()}
        as_one = [dict] == [type(each) for each in function.structured_input_signature[0]]
        try:
            answer = function(tensors) if as_one else function(**tensors)
        except tf.errors.OpError as error:
            raise ServingError(_CODES[error.error_code], plain(error.message)) from error
        return {name: value.numpy() for name, value in answer.items()}

    def _function(self):
        function = self.signatures[self.signature]
        return (
            function.get_concrete_function() if hasattr(function, "python_function") else function
        )

    def _specs(self):
        """Returns the inputs and the outputs, each a dict, name -> `tf.TensorSpec`."""
        function = self._function()
        specs = tf.nest.flatten(function.structured_input_signature)
        return {spec.name: spec for spec in specs}, function.structured_outputs


def load(path):
    """Returns the signatures of a SavedModel: a dict, name -> function.

    Args:
        path: str, of a version, or of the model: then its highest version is meant.

    Raises:
        InputError: there is none.
    """
    return tf.saved_model.load(_version(path)).signatures


def about(path):
    """Returns what a SavedModel tells of itself, a dict; empty where it is of another program.

    Args:
        path: see `load`.
    """
    file = os.path.join(_version(path), ABOUT)
    if not os.path.exists(file):
        return {}
    with open(file, encoding="utf-8") as stream:
        return json.load(stream)


def _version(path):
    if os.path.isdir(path) and not os.path.exists(os.path.join(path, "saved_model.pb")):
        path = os.path.join(path, str(max(versions(path), default="")))
    if not os.path.exists(os.path.join(path, "saved_model.pb")):
        raise InputError(f"saved_model must hold a SavedModel or versions of one. Received: {path}")
    return path


def answers(model, examples):
    """Yields what a signature with one output answers: (example, output's name, its value).

    Args:
        model: `InProcess`.
        examples: list of `Example`, with the same parts.
    """
    for first in range(0, len(examples), _BATCH):
        batch = examples[first : first + _BATCH]
        parts = [example.parts for example in batch]
        columns = {name: [part[name] for part in parts] for name in parts[0]}
        ((name, values),) = model.predict(columns).items()
        for example, value in zip(batch, values, strict=True):
            yield example, name, value


def _info(spec):
    return meta_graph_pb2.TensorInfo(
        dtype=spec.dtype.as_datatype_enum, tensor_shape=spec.shape.as_proto()
    )
