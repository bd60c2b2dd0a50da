"""TF Serving's gRPC services: PredictionService and ModelService."""

import asyncio

import google.protobuf.message
import grpc
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    predict_pb2,
)

from tfgan_apps.serving.server import prediction
from tfgan_apps.serving.server.status import StatusError, as_status

_MESSAGE_SECONDS = 60.0  # in which a request's message must have come
_MESSAGE_LIMIT = 1024  # TF Serving cuts what it says over gRPC here.
_NOT_SERVED = ("Classify", "Regress", "MultiInference")


def make_handlers(manager, workers, beside):
    """Returns the handlers of both services for `grpc.aio.Server.add_generic_rpc_handlers`.

    Parsing and writing of messages are done by the workers, too.

    Args:
        manager: `servables.ServableManager`.
        workers: `workers.Workers`, which run Predict.
        beside: `workers.Workers` for the rest, so that a busy server still says how it is.
    """
    predictions = {
        "Predict": _handler(manager, workers, _predict),
        "GetModelMetadata": _handler(manager, beside, _metadata),
        **{name: _refusal(name) for name in _NOT_SERVED},
    }
    models = {
        "GetModelStatus": _handler(manager, beside, _status),
        "HandleReloadConfigRequest": _handler(manager, beside, _reload),
    }
    return [
        grpc.method_handlers_generic_handler("tensorflow.serving.PredictionService", predictions),
        grpc.method_handlers_generic_handler("tensorflow.serving.ModelService", models),
    ]


def _handler(manager, workers, function):
    async def answer(_, context):
        try:
            with workers.place() as submit:
                async with asyncio.timeout(_MESSAGE_SECONDS):
                    job = submit(_outcome, function, manager, await context.read())
            # A call whose client's deadline passes is cancelled, and with it what waits.
            found, refusal = await asyncio.wrap_future(job)
        except StatusError as busy:
            refusal = busy.code, busy.message
        except TimeoutError:
            refusal = grpc.StatusCode.DEADLINE_EXCEEDED, "The request's message did not come."
        if refusal:
            await context.abort(*refusal)
        return found

    # To the client it is the same as unary; here the place is taken before the message is read.
    return grpc.stream_unary_rpc_method_handler(answer)


def _outcome(function, manager, data):
    """Returns (answer, None), or (None, (code, message)).

    A raised error would keep the request's memory until the next collection.
    """
    try:
        return function(manager, data), None
    except Exception as error:
        status = as_status(error)
        refusal = status.code, _shortened(status.message)
        del status  # Its traceback holds this frame.
        return None, refusal


def _refusal(name):
    async def refuse(_, context):
        await context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"{name} needs tf.Example inputs; the models here are served by Predict",
        )

    return grpc.stream_unary_rpc_method_handler(refuse)


def _predict(manager, data):
    request = _parse(predict_pb2.PredictRequest, data)
    return prediction.predict(manager, request).SerializeToString()


def _metadata(manager, data):
    request = _parse(get_model_metadata_pb2.GetModelMetadataRequest, data)
    return prediction.metadata(manager, request).SerializeToString()


def _status(manager, data):
    request = _parse(get_model_status_pb2.GetModelStatusRequest, data)
    prediction.need_model_spec(request)
    spec = request.model_spec
    version = spec.version.value if spec.HasField("version") else None
    response = get_model_status_pb2.GetModelStatusResponse()
    for number, state, code, message in manager.statuses(spec.name, version):
        row = response.model_version_status.add(version=number, state=state)
        row.status.error_code, row.status.error_message = code, message
    return response.SerializeToString()


def _reload(manager, data):
    manager.reload(_parse(model_management_pb2.ReloadConfigRequest, data).config)
    response = model_management_pb2.ReloadConfigResponse()
    response.status.SetInParent()
    return response.SerializeToString()


def _parse(message, data):
    try:
        return message.FromString(data)
    except (google.protobuf.message.DecodeError, TypeError) as error:  # TypeError: the end came.
        raise StatusError(
            grpc.StatusCode.INTERNAL,
            f"The request must be a serialized {message.DESCRIPTOR.full_name}. Received: {error}",
        ) from error


def _shortened(message):
    return message if len(message) <= _MESSAGE_LIMIT else message[:_MESSAGE_LIMIT] + "...TRUNCATED"
