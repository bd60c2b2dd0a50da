"""Requests of the gRPC API."""

import tensorflow as tf
from tensorflow_serving.apis import predict_pb2


def predict_request(name, signature="", version=None, label=None, **inputs):
    """Returns a `PredictRequest` of arrays."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = name, signature
    if version is not None:
        request.model_spec.version.value = version
    if label is not None:
        request.model_spec.version_label = label
    for alias, value in inputs.items():
        request.inputs[alias].CopyFrom(tf.make_tensor_proto(value))
    return request
