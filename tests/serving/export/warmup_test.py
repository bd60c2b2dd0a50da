"""Warm-up requests, as TensorFlow Serving finds them."""

import sys

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from tfgan_apps.serving.export import ExportError, export_saved_model, warmup
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

FILE = "assets.extra/tf_serving_warmup_requests"


def test_a_request_for_each_signature_and_batch_size(inverting, tmp_path):
    (tmp_path / "batching.config").write_text("allowed_batch_sizes: [1, 3]")
    path = export_saved_model(ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "tiny")
    logs = [
        prediction_log_pb2.PredictionLog.FromString(record)
        for record in tf.data.TFRecordDataset(f"{path}/{FILE}").as_numpy_iterator()
    ]
    requests = [log.predict_log.request for log in logs]
    assert {request.model_spec.name for request in requests} == {"tiny"}
    names = ["serving_default", "x_to_y", "fit", "fit", "uint8"]  # `fit` has two inputs
    expected = [*((name, 1) for name in names), ("uint8", 3)]
    found = [
        (request.model_spec.signature_name, tensor.tensor_shape.dim[0].size)
        for request in requests
        for tensor in request.inputs.values()
    ]
    assert sorted(found) == sorted(expected)


def test_requests_read_back_are_the_examples(inverting, tmp_path):
    served = ImageToImage({"x_to_y": inverting()}, 16)
    warmup.write(tmp_path, "tiny", served, [2])
    found = dict(warmup.read(tmp_path))
    examples = served.examples(2)
    assert set(found) == set(examples)
    for name, request in examples.items():
        assert found[name].keys() == request.keys()
        for key, value in request.items():
            np.testing.assert_array_equal(found[name][key], value)


class OnlyThree(ImageToImage):
    """A model that fails on the batch sizes of the server, not on those of the check."""

    def _translate(self, network, image, fit, received):
        tf.debugging.assert_less(tf.shape(image)[0], 4, "too many")
        return super()._translate(network, image, fit, received)


def test_a_failing_request_refuses_the_export(inverting, tmp_path):
    expected = "'uint8' must answer its warm-up request of 4. Received: .*too many"
    with pytest.raises(ExportError, match=f"(?s){expected}"):
        export_saved_model(OnlyThree({"x_to_y": inverting()}, 16), tmp_path / "tiny")
    assert list((tmp_path / "tiny").iterdir()) == []


def test_without_the_protos_a_warning_says_what_is_missing(
    inverting, tmp_path, monkeypatch, caplog
):
    monkeypatch.setitem(sys.modules, "tensorflow_serving", None)
    path = export_saved_model(ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "tiny")
    assert "tiny gets no warm-up requests" in caplog.text
    assert "pip install 'tfgan_apps[serving]'" in caplog.text
    assert list(warmup.read(path)) == []
