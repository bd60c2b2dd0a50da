"""A client of TensorFlow Serving, over gRPC or REST; the local server answers it alike."""

import base64
import contextlib
import itertools
import json
import random
import time
import urllib.parse

import grpc
import numpy as np
import requests
import tensorflow as tf
import urllib3
from absl import logging
from google.protobuf import json_format
from tensorflow.core.protobuf import meta_graph_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from tfgan_apps.serving.client.errors import ServingError
from tfgan_apps.serving.messages import plain

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 10.0  # seconds between attempts, doubled from one to the next
_GRPC_OPTIONS = [
    ("grpc.max_receive_message_length", -1),  # else 4 MB, less than a batch of images
    ("grpc.max_send_message_length", -1),
    ("grpc.initial_reconnect_backoff_ms", 200),  # else an attempt may not even try to connect
    ("grpc.max_reconnect_backoff_ms", 1000),
]
_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.ABORTED,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    499: grpc.StatusCode.CANCELLED,
    500: grpc.StatusCode.INTERNAL,
    501: grpc.StatusCode.UNIMPLEMENTED,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}


class Client:
    """Asks one model of a server; a context manager that closes its connection.

    A server that is not there yet, or too busy, is asked again after waits that double and have a
    random part, so that clients do not return all at once; the first time it is reported. Every
    other error is raised at once.

    Args:
        address: "host:port"; for REST also a URL such as "https://host/path".
        model: the model's name.
        protocol: "grpc" or "rest". Defaults to `"grpc"`.
        version: int, the version to ask. Defaults to the latest.
        label: str, the label of the version to ask, instead of its number.
        signature: str. Defaults to `"serving_default"`.
        deadline: float, seconds that each call may take, attempts and waits together. Over REST
            it is looked at whenever a part of the answer arrives: a server that falls silent in the
            middle of it is waited for that long once more. Defaults to `60.0`.
        retries: int, attempts after the first one. Defaults to `5`, about 12 seconds.
        report: function of a str, told when a server is about to be asked again. Defaults to absl's
            `logging.warning`.

    Raises:
        ValueError: an unknown protocol, a version and a label, an empty label, no time or fewer
            than no retries.
    """

    def __init__(
        self,
        address,
        model,
        protocol="grpc",
        version=None,
        label=None,
        signature="serving_default",
        deadline=60.0,
        retries=5,
        report=logging.warning,
    ):
        if protocol not in _TRANSPORTS:
            raise ValueError(f"protocol must be 'grpc' or 'rest'. Received: protocol={protocol!r}")
        if version is not None and label is not None:
            raise ValueError(
                f"version or label must be None. Received: version={version}, label={label!r}"
            )
        if label == "":
            raise ValueError("label must not be empty. Received: label=''")
        if not deadline > 0 or retries < 0:
            raise ValueError(
                "deadline must be positive and retries at least 0. "
                f"Received: deadline={deadline}, retries={retries}"
            )
        self.signature = signature
        self.deadline = deadline
        self.retries = retries
        self._address = address
        self._report = report
        self._signatures = {}
        self._transport = _TRANSPORTS[protocol](address, _model_spec(model, version, label))

    def predict(self, inputs):
        """Asks for a prediction.

        Args:
            inputs: dict, input's name -> array-like; files and texts are bytes or str. Numbers are
                converted to the dtype that the signature declares.

        Returns:
            A dict, output's name -> array, of bytes (dtype object) for string outputs.

        Raises:
            ServingError: what the server answers, or that it does not in time.
            ValueError: numbers that the declared dtype does not hold.
        """
        if self.signature not in self._signatures:
            self._signatures = self.metadata()
        # What the model does not declare is sent as it is, for the server to say so.
        declared = self._signatures.get(self.signature, meta_graph_pb2.SignatureDef())
        dtypes = {name: tf.as_dtype(tensor.dtype) for name, tensor in declared.inputs.items()}
        arrays = {name: _array(name, v, dtypes.get(name)) for name, v in inputs.items()}
        predict = self._transport.predict
        return self._ask(lambda timeout: predict(self.signature, declared, arrays, timeout))

    def metadata(self):
        """Returns the model's signatures: a dict, name -> `SignatureDef`.

        Raises:
            ServingError: what the server answers, or that it does not in time.
        """
        signatures = self._ask(self._transport.metadata).signature_def
        # TensorFlow Serving tells what its loader alone runs, too: __saved_model_init_op.
        return {name: each for name, each in signatures.items() if not name.startswith("__")}

    def status(self):
        """Returns a list of `ModelVersionStatus`: `version`, `state` and `status` (its error).

        Raises:
            ServingError: what the server answers, or that it does not in time.
        """
        return list(self._ask(self._transport.status).model_version_status)

    def close(self):
        """Closes the connection."""
        self._transport.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _ask(self, call):
        """Calls a function of the seconds that are left, again while the server is unavailable."""
        end = time.monotonic() + self.deadline
        for attempt in itertools.count():
            left = end - time.monotonic()
            try:
                return call(max(left, 0.001))  # 0 would be no limit, or none that HTTP can have
            except ServingError as error:
                wait = min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT) * random.uniform(0.5, 1)
                left = end - time.monotonic()
                last = attempt == self.retries or wait >= left
                if error.code is not grpc.StatusCode.UNAVAILABLE or last:
                    raise
            if attempt == 0:
                self._report(
                    f"{self._address} is not available, trying again up to {self.retries} times, "
                    f"for at most {left:.0f} s"
                )
            time.sleep(wait)


def _model_spec(model, version, label):
    spec = model_pb2.ModelSpec(name=model)
    if version is not None:
        spec.version.value = version
    if label is not None:
        spec.version_label = label
    return spec


def _array(name, values, dtype):
    """Returns what is sent for an input: bytes (dtype object), or numbers of the declared dtype."""
    try:
        if dtype is None:
            dtype = tf.as_dtype(np.asarray(values).dtype)
        if dtype == tf.string:  # Not as NumPy's own strings: they lose zeros at the end.
            return np.vectorize(_bytes_of, otypes=[object])(np.asarray(values, object))
        given = np.asarray(values)
        with np.errstate(invalid="ignore"):
            array = given.astype(dtype.as_numpy_dtype)
        if dtype.is_integer and not np.array_equal(array, given):
            raise ValueError("other values than those given")
    except (TypeError, ValueError, OverflowError) as error:
        expected = "bytes or str" if dtype == tf.string else dtype
        raise ValueError(f"{name} must be {expected}. Received: {values!r:.200}") from error
    return array


def _bytes_of(value):
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        return value
    raise TypeError(type(value).__name__)


class _Grpc:
    """The official stubs."""

    def __init__(self, address, model_spec):
        self._address, self._model_spec = address, model_spec
        self._channel = grpc.insecure_channel(address, options=_GRPC_OPTIONS)
        self._predictions = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def predict(self, signature, declared, arrays, timeout):
        request = predict_pb2.PredictRequest(model_spec=self._model_spec)
        request.model_spec.signature_name = signature
        for name, array in arrays.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(array, _dtype(array)))
        response = self._call(self._predictions.Predict, request, timeout)
        return {name: tf.make_ndarray(tensor) for name, tensor in response.outputs.items()}

    def metadata(self, timeout):
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=self._model_spec, metadata_field=["signature_def"]
        )
        response = self._call(self._predictions.GetModelMetadata, request, timeout)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        response.metadata["signature_def"].Unpack(signatures)
        return signatures

    def status(self, timeout):
        request = get_model_status_pb2.GetModelStatusRequest(model_spec=self._model_spec)
        return self._call(self._models.GetModelStatus, request, timeout)

    def close(self):
        self._channel.close()

    def _call(self, method, request, timeout):
        try:
            return method(request, timeout=timeout)
        except grpc.RpcError as error:
            details = error.details() or ""
            if "Failed parsing HTTP/2" in details:  # to ask again would not help
                code = grpc.StatusCode.FAILED_PRECONDITION
                raise ServingError(code, f"{self._address} {_NO_GRPC}.") from error
            raise ServingError(error.code(), plain(details)) from error


_NO_GRPC = "answers, but not gRPC. Give the server's port for it (8500), or take protocol rest"

# What comes of taking JSON of another form for an answer.
_NO_ANSWER = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    json_format.ParseError,
)


@contextlib.contextmanager
def _as_serving_errors():
    """Raises what can go wrong on the way over HTTP as `ServingError`."""
    try:
        yield
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise ServingError(grpc.StatusCode.DEADLINE_EXCEEDED, str(error)) from error
    except (requests.ConnectionError, urllib3.exceptions.ProtocolError) as error:
        raise ServingError(grpc.StatusCode.UNAVAILABLE, str(error)) from error
    except (*_NO_ANSWER, requests.RequestException, urllib3.exceptions.HTTPError) as error:
        message = f"this is no answer of TensorFlow Serving: {type(error).__name__}: {error}"
        raise ServingError(grpc.StatusCode.UNKNOWN, message) from error


class _Rest:
    """TF Serving's REST API, version 1, in column format."""

    def __init__(self, address, model_spec):
        base = address if "://" in address else f"http://{address}"
        self._url = f"{base.rstrip('/')}/v1/models/{_quoted(model_spec.name)}"
        if model_spec.HasField("version"):
            self._url += f"/versions/{model_spec.version.value}"
        elif model_spec.version_label:
            self._url += f"/labels/{_quoted(model_spec.version_label)}"
        self._session = requests.Session()

    @_as_serving_errors()
    def predict(self, signature, declared, arrays, timeout):
        body = {
            "signature_name": signature,
            "inputs": {name: _to_json(array.tolist()) for name, array in arrays.items()},
        }
        outputs = self._call("POST", ":predict", timeout, json.dumps(body))["outputs"]
        tensors = declared.outputs
        if len(tensors) == 1:  # Then the server leaves out the name.
            outputs = dict.fromkeys(tensors, outputs)
        return {name: _from_json(values, tensors[name].dtype) for name, values in outputs.items()}

    @_as_serving_errors()
    def metadata(self, timeout):
        answer = self._call("GET", "/metadata", timeout)["metadata"]["signature_def"]
        signatures = get_model_metadata_pb2.SignatureDefMap()
        return json_format.ParseDict(answer, signatures, ignore_unknown_fields=True)

    @_as_serving_errors()
    def status(self, timeout):
        answer = self._call("GET", "", timeout)
        response = get_model_status_pb2.GetModelStatusResponse()
        return json_format.ParseDict(answer, response, ignore_unknown_fields=True)

    def close(self):
        self._session.close()

    def _call(self, method, path, timeout, body=None):
        end = time.monotonic() + timeout
        options = {"data": body, "timeout": timeout, "stream": True}
        with self._session.request(method, self._url + path, **options) as response:
            content = b"".join(_chunks(response.raw, end))
        if response.status_code != 200:
            code = _CODES.get(response.status_code, grpc.StatusCode.UNKNOWN)
            raise ServingError(code, plain(_error_of(response, content)))
        return json.loads(content)


_TRANSPORTS = {"grpc": _Grpc, "rest": _Rest}


def _dtype(array):
    return tf.string if array.dtype == object else array.dtype


def _quoted(name):
    return urllib.parse.quote(name, safe="")


def _chunks(raw, end):
    """Yields what there is of an answer until its end: the timeout of HTTP is one of each read."""
    while chunk := raw.read1(2**16, decode_content=True):
        if time.monotonic() > end:
            raise requests.Timeout("the answer was still under way at the deadline")
        yield chunk


def _error_of(response, content):
    try:
        return json.loads(content)["error"]
    except (ValueError, LookupError, TypeError):
        return f"{response.status_code} {response.reason}: {content.decode(errors='replace'):.1000}"


def _to_json(value):
    if isinstance(value, list):
        return [_to_json(each) for each in value]
    if isinstance(value, bytes):
        return {"b64": base64.b64encode(value).decode()}
    return value


def _from_json(value, dtype):
    dtype = tf.as_dtype(dtype)
    return np.array(_from_b64(value) if dtype == tf.string else value, dtype.as_numpy_dtype)


def _from_b64(value):
    if isinstance(value, list):
        return [_from_b64(each) for each in value]
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value.encode()
