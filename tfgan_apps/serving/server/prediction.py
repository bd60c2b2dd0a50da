"""What `PredictionService` answers, with the checks, codes and messages of TF Serving."""

import dataclasses
import math

import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2

from tfgan_apps.serving.server.status import invalid

DEFAULT_SIGNATURE = "serving_default"
_MAX_RANK = 254  # TensorFlow's
_MAX_SPREAD = 1 << 20  # values, or bytes of strings, for which one stands


def predict(manager, request, limits):
    """Returns the `PredictResponse` to a `PredictRequest`.

    Args:
        manager: `servables.ServableManager`.
        request: `PredictRequest`.
        limits: `limits.Limits`.

    Raises:
        StatusError: as TF Serving answers.
    """
    with using(manager, request) as servable:
        return run(servable, request, limits)


def run(servable, request, limits):
    """Returns what one version of a model answers to a `PredictRequest`.

    Args:
        servable: `servables.Servable`.
        request: `PredictRequest`; the name and the version in its `model_spec` are not looked at.
        limits: `limits.Limits`.

    Raises:
        StatusError: as TF Serving answers, or a limit is passed.
    """
    name = request.model_spec.signature_name or DEFAULT_SIGNATURE
    feeds = _arrays(servable.signature(name), request.inputs, limits)
    limits.check_pictures(feeds)
    outputs = servable.run(name, feeds, list(request.output_filter) or None)
    limits.check_answer(outputs, as_json=False)
    response = predict_pb2.PredictResponse()
    response.model_spec.name = servable.name
    response.model_spec.version.value = servable.version
    response.model_spec.signature_name = name
    for alias, array in outputs.items():
        response.outputs[alias].CopyFrom(tf.make_tensor_proto(array))
    return response


def metadata(manager, request):
    """Returns the `GetModelMetadataResponse` to a `GetModelMetadataRequest`.

    Args:
        manager: `servables.ServableManager`.
        request: `GetModelMetadataRequest`; `signature_def` is the only field there is.

    Raises:
        StatusError: as TF Serving answers.
    """
    need_model_spec(request)
    if not request.metadata_field:
        raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
    for field in request.metadata_field:
        if field != "signature_def":
            raise invalid(f"Metadata field {field} is not supported")
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    with using(manager, request) as servable:
        signatures = get_model_metadata_pb2.SignatureDefMap(signature_def=servable.signatures)
        response.model_spec.name = servable.name
        response.model_spec.version.value = servable.version
    response.metadata["signature_def"].Pack(signatures)
    return response


def using(manager, request):
    """Returns a context manager that yields the version that a request's `model_spec` names.

    Args:
        manager: `servables.ServableManager`.
        request: a request with a `model_spec`.

    Raises:
        StatusError: the request has no `model_spec`.
    """
    need_model_spec(request)
    spec = request.model_spec
    choice = spec.WhichOneof("version_choice")
    return manager.using(
        spec.name,
        version=spec.version.value if choice == "version" else None,
        label=spec.version_label if choice == "version_label" else None,
    )


def need_model_spec(request):
    """Refuses a request without a `model_spec`.

    Raises:
        StatusError: INVALID_ARGUMENT with TF Serving's message.
    """
    if not request.HasField("model_spec"):
        raise invalid("Missing ModelSpec")


def check_feeds(signature, feeds):
    """Returns the feeds of a signature, with its defaults for those that are left out.

    Args:
        signature: `SignatureDef`.
        feeds: dict, name of an input -> array; bytes are in object arrays.

    Returns:
        dict, name of an input -> array: every input of the signature.

    Raises:
        StatusError: INVALID_ARGUMENT when a name, dtype or shape is not the signature's.
    """
    _check_count(signature, feeds)
    complete = {}
    for alias in sorted(signature.inputs):
        if alias in feeds:
            complete[alias] = feeds[alias]
        elif alias in signature.defaults:
            complete[alias] = _array(alias, signature.defaults[alias])
        else:
            raise invalid(
                f"Signature input alias: {alias}(feed name: {signature.inputs[alias].name}) not "
                "found in request and no default value provided. Inputs expected to be in the "
                f"request {{{_join(feeds)}}}, or default input alias set: "
                f"{_join(signature.defaults)}"
            )
    used = [alias for alias in feeds if alias in signature.inputs]
    if len(used) != len(feeds):
        raise invalid(
            f"Inputs contains invalid name. Used request inputs: {_join(used)}, request input: "
            f"{_join(feeds)}"
        )
    _check_types(signature, complete)
    return complete


def check_outputs(signature, names):
    """Returns the outputs to fetch: all of a signature's, or those that were asked for.

    Args:
        signature: `SignatureDef`.
        names: list of names, or None for all.

    Raises:
        StatusError: INVALID_ARGUMENT when a name is unknown or stands there twice.
    """
    for i, name in enumerate(names or []):
        if name not in signature.outputs:
            raise invalid(
                f"output tensor alias not found in signature: {name} Outputs expected to be in "
                f"the set {{{_join(signature.outputs)}}}."
            )
        if name in names[:i]:
            raise invalid(f"duplicate output tensor alias: {name}")
    return names or sorted(signature.outputs)


def dtype_name(enum):
    """Returns a dtype's name as the runtime writes it: "float", not "float32"."""
    return types_pb2.DataType.Name(enum).removeprefix("DT_").lower()


def _check_count(signature, feeds):
    sent, known = len(feeds), len(signature.inputs)
    if sent > known or (sent < known and not signature.defaults):
        raise invalid(
            f"input size does not match signature: {sent}!={known} len({{{_join(feeds)}}}) != "
            f"len({{{_join(signature.inputs)}}}). "
            f"Sent extra: {{{_join(set(feeds) - set(signature.inputs))}}}. "
            f"Missing but required: {{{_join(set(signature.inputs) - set(feeds))}}}."
        )


def _check_types(signature, feeds):
    # The runtime counts its arguments in the order of the tensors' names.
    in_order = sorted(feeds, key=lambda alias: signature.inputs[alias].name)
    for index, alias in enumerate(in_order):
        info, array = signature.inputs[alias], feeds[alias]
        given = tf.as_dtype(array.dtype).as_datatype_enum
        if given != info.dtype:
            raise invalid(
                f"Expects arg[{index}] to be {dtype_name(info.dtype)} but {dtype_name(given)} is "
                "provided"
            )
        # TF Serving leaves this to whichever op stumbles over it.
        expected = tf.TensorShape(info.tensor_shape)
        if not expected.is_compatible_with(array.shape):
            raise invalid(
                f"Input {alias} must have the shape {expected}. Received: the shape {array.shape}"
            )


@dataclasses.dataclass(frozen=True)
class _Announced:
    """What a `TensorProto` says that it holds."""

    dtype: tf.DType
    shape: tuple


def _arrays(signature, protos, limits):
    """Returns what `TensorProto`s hold; a few bytes can announce much, so that is checked first."""
    _check_count(signature, protos)
    announced = {alias: _announced(alias, proto) for alias, proto in protos.items()}
    limits.check_shapes(signature, check_feeds(signature, announced))
    return {alias: _array(alias, proto) for alias, proto in protos.items()}


def _announced(alias, proto):
    if len(proto.tensor_shape.dim) > _MAX_RANK:
        raise _parsing_error(alias)
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    if min(shape, default=1) < 0 or _spread(proto, math.prod(shape)) > _MAX_SPREAD:
        raise _parsing_error(alias)
    try:
        dtype = tf.as_dtype(proto.dtype)
    except TypeError as error:
        raise _parsing_error(alias) from error
    if not dtype.is_numpy_compatible:
        raise _parsing_error(alias)
    return _Announced(dtype, shape)


def _spread(proto, size):
    """Returns what is announced and not held: the last value stands for all that are missing."""
    if proto.string_val:
        return max(0, size - len(proto.string_val)) * (1 + len(proto.string_val[-1]))
    return max(0, size - proto.ByteSize())


def _array(alias, proto):
    """Returns what a `TensorProto` holds."""
    try:
        return tf.make_ndarray(proto)
    except (KeyError, TypeError, ValueError) as error:
        raise _parsing_error(alias) from error


def _parsing_error(alias):
    return invalid(f"tensor parsing error: {alias}")


def _join(names):
    return ",".join(sorted(names))
