"""Warm-up requests, which TensorFlow Serving replays before a version answers its first client."""

import importlib.util
import os

import tensorflow as tf
from absl import logging

FILE = os.path.join("assets.extra", "tf_serving_warmup_requests")


def write(saved_model, name, served, sizes):
    """Writes a request for each signature and batch size, of `one_by_one` only for the first size.

    Without tensorflow-serving-api, whose protos the file consists of, none is written and a warning
    says so; the version is served all the same, with a slower first answer.

    Args:
        saved_model: directory of the SavedModel.
        name: the model's name.
        served: a `ServedModel`.
        sizes: list of int, examples in a request.
    """
    if importlib.util.find_spec("tensorflow_serving") is None:
        logging.warning(
            "%s gets no warm-up requests, because tensorflow-serving-api is not installed: "
            "pip install 'tfgan_apps[serving]', and python -m apps.export",
            name,
        )
        return
    path = os.path.join(saved_model, FILE)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with tf.io.TFRecordWriter(path) as file:
        for size in sizes:
            for signature, request in served.examples(size).items():
                if size > sizes[0] and signature in served.one_by_one:
                    continue
                file.write(_log(name, signature, request).SerializeToString())


def read(saved_model):
    """Yields (signature, request) of a SavedModel's warm-up requests, none without a file.

    Args:
        saved_model: directory of the SavedModel.

    Yields:
        str and dict, input's name -> array.
    """
    path = os.path.join(saved_model, FILE)
    if not os.path.exists(path):
        return
    from tensorflow_serving.apis import prediction_log_pb2

    for record in tf.data.TFRecordDataset(path).as_numpy_iterator():
        request = prediction_log_pb2.PredictionLog.FromString(record).predict_log.request
        inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
        yield request.model_spec.signature_name, inputs


def _log(name, signature, request):
    from tensorflow_serving.apis import prediction_log_pb2

    log = prediction_log_pb2.PredictionLog()
    log.predict_log.request.model_spec.name = name
    log.predict_log.request.model_spec.signature_name = signature
    for key, value in request.items():
        log.predict_log.request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    return log
