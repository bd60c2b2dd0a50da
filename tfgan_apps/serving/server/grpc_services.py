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

from tfgan_apps.serving.server import prediction, wire
from tfgan_apps.serving.server.arrivals import Arrivals
from tfgan_apps.serving.server.status import StatusError, as_status, invalid, shortened

_MESSAGE_SECONDS = 60.0  # in which a request's message must have come
_MESSAGES = 100  # that may be coming at a time
_MESSAGE_LIMIT = 1024  # TF Serving cuts what it says over gRPC here.
_NOT_SERVED = ("Classify", "Regress", "MultiInference")


class GrpcServices:
    """Both services.

    Parsing and writing of messages are done by the workers, too.

    Args:
        manager: `servables.ServableManager`.
        workers: `workers.Workers`, which run Predict.
        beside: `workers.Workers` for the rest, so that a busy server still says how it is.
        limits: `limits.Limits` of Predict.
        memory: `memory.Memory`.
    """

    def __init__(self, manager, workers, beside, limits, memory):
        self.arrivals, self.answers = Arrivals(_MESSAGES), Arrivals(8 * limits.max_answer)
        self._manager = manager
        self._workers, self._beside = workers, beside
        self._limits = limits
        self._memory = memory

    def handlers(self):
        """Returns the handlers for `grpc.aio.Server.add_generic_rpc_handlers`."""
        predictions = {
            "Predict": self._handler(self._workers, _predict, self._limits),
            "GetModelMetadata": self._handler(self._beside, _metadata),
            **{name: _refusal(name) for name in _NOT_SERVED},
        }
        models = {
            "GetModelStatus": self._handler(self._beside, _status),
            "HandleReloadConfigRequest": self._handler(self._beside, _reload),
        }
        services = {"PredictionService": predictions, "ModelService": models}
        return [
            grpc.method_handlers_generic_handler(f"tensorflow.serving.{name}", methods)
            for name, methods in services.items()
        ]

    def _handler(self, workers, function, *args):
        async def answer(_, context):
            try:
                data = await self._message(context)
                job = workers.submit("grpc", _outcome, function, self._manager, data, *args)
                del data
                # A call whose client's deadline passes is cancelled, and with it what waits.
                found, refusal = await asyncio.wrap_future(job)
                if not refusal:
                    await self._send(context, found)
            except StatusError as busy:
                refusal = busy.code, busy.message
            except TimeoutError:
                refusal = grpc.StatusCode.DEADLINE_EXCEEDED, "The request's message did not come."
            finally:
                self._memory.give_back()
            if refusal:
                await context.abort(*refusal)

        # To the client it is the same as unary; here what comes and what goes is counted.
        return grpc.stream_stream_rpc_method_handler(answer)

    async def _message(self, context):
        with self.arrivals.arrival() as arrival:
            async with arrival.coming(_MESSAGE_SECONDS):
                arrival.take(1)
                return await context.read()

    async def _send(self, context, data):
        with self.answers.arrival() as answer:
            answer.take(len(data))
            # To the end of the call: gRPC keeps what a client does not read until it leaves.
            await context.write(data)


def _outcome(function, *args):
    """Returns (answer, None), or (None, (code, message)).

    A raised error would keep the request's memory until the next collection.
    """
    try:
        return function(*args), None
    except Exception as error:
        status = as_status(error)
        refusal = status.code, shortened(status.message, _MESSAGE_LIMIT)
        del status  # Its traceback holds this frame.
        return None, refusal


def _refusal(name):
    async def refuse(_, context):
        await context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"{name} needs tf.Example inputs; the models here are served by Predict",
        )

    return grpc.stream_unary_rpc_method_handler(refuse)


def _predict(manager, data, limits):
    request = _parse(predict_pb2.PredictRequest, data)
    return prediction.predict(manager, request, limits).SerializeToString()


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
        if wire.count_fields(data, message.DESCRIPTOR) > wire.MAX_FIELDS:
            raise invalid(f"A request may have at most {wire.MAX_FIELDS} fields. Received: more")
        return message.FromString(data)
    except (google.protobuf.message.DecodeError, TypeError) as error:  # TypeError: the end came.
        raise StatusError(
            grpc.StatusCode.INTERNAL,
            f"The request must be a serialized {message.DESCRIPTOR.full_name}. Received: {error}",
        ) from error
