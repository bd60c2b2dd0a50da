"""TF Serving's REST API, version 1, as model_servers/http_server.cc and http_rest_api_*.cc answer.

Differences: `classify` and `regress` are not implemented; every error has a JSON body, also where
TF Serving's source leaves it empty or makes it HTML; a body over a limit (413) and one that is not
there in time (408) are refused, and a full queue answers 503; so are requests of web pages (403)
whose origin is not allowed, and those that are get the headers of CORS.
"""

import asyncio
import contextlib
import logging
import re
import urllib.parse
import zlib

import grpc
from aiohttp import http_exceptions, web
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2

from tfgan_apps.serving.server import json_text, prediction, rest_json
from tfgan_apps.serving.server.arrivals import Arrivals
from tfgan_apps.serving.server.status import StatusError, as_status, invalid, shortened

# ToHTTPStatusCode in http_server.cc; every other code is a 500.
_HTTP_STATUS = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.CANCELLED: 499,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}
_DISCARD_SECONDS = 5.0
_MESSAGE_LIMIT = 1 << 14  # characters; the longest path that is read has half as many
_LOGGER = logging.getLogger(__name__)
# kPredictionApiGegex and kModelStatusApiRegex in http_rest_api_util.cc.
_MODEL = r"([^/:]+)"
_CHOICE = r"(?:/versions/(\d+)|/labels/([^/:]+))?"
_POST = re.compile(rf"/v1/models/{_MODEL}{_CHOICE}:(classify|regress|predict)", re.I | re.A)
_GET = re.compile(rf"/v1/models(?:/{_MODEL})?{_CHOICE}(?:/(metadata))?", re.I | re.A)


def _is_news(record):
    """Returns whether a log record is about more than a client that does not speak HTTP."""
    return not isinstance((record.exc_info or (None, None))[1], http_exceptions.HttpProcessingError)


_LOGGER.addFilter(_is_news)


class RestApi:
    """Answers REST requests.

    Args:
        manager: `servables.ServableManager`.
        workers: `workers.Workers`, which run what takes time.
        max_request_bytes: int, of a body, unpacked when it came compressed. What comes
            and what is answered at a time may have eight times as many, or as `limits.max_answer`.
        limits: `limits.Limits`.
        callers: `callers.Callers`.
        memory: `memory.Memory`.
        timeout: float, seconds in which a body must have come, and an answer been taken.
    """

    def __init__(self, manager, workers, max_request_bytes, limits, callers, memory, timeout=60.0):
        self.arrivals = Arrivals(8 * max(max_request_bytes, limits.max_answer))
        self._manager, self._workers = manager, workers
        self._limits, self._callers, self._memory = limits, callers, memory
        self._timeout = timeout
        self.app = web.Application(client_max_size=max_request_bytes)
        handle, expect = self._handle, self._expect
        self.app.router.add_route("*", r"/{path:[\s\S]*}", handle, expect_handler=expect)

    async def _handle(self, request):
        try:
            with self.arrivals.arrival() as arrival:
                return await self._answer(request, arrival)
        finally:
            self._memory.give_back()

    async def _answer(self, request, arrival):
        response = await self._respond(request, arrival)
        try:  # Sent here, so that a client that does not read is not waited for.
            async with arrival.coming(self._timeout):
                try:
                    arrival.take(response.content_length)
                except StatusError as busy:
                    response = _response(*_told(busy))
                response.headers.update(self._callers.headers(request.headers))
                await response.prepare(request)
                await response.write_eof()
            await _discard(request, min(self._timeout, _DISCARD_SECONDS))
        except (TimeoutError, ConnectionError):
            if request.transport:
                request.transport.abort()
        return response

    async def _expect(self, request):
        """Answers a client that asks whether it may send its body."""
        if (request.content_length or 0) > request.client_max_size:
            return _too_large(request.client_max_size)
        if request.headers["Expect"].lower() != "100-continue":
            message = "Expect: 100-continue is all that is understood."
            return _response(417, json_text.error(message))
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # The answer itself has not begun.

    async def _respond(self, request, arrival):
        path = request.raw_path
        try:
            self._callers.check(request.headers)
            if not re.match("/v1/", path, re.I):
                error = json_text.error(f"Malformed request: {request.method} {path}")
                return _response(404, error)
            name, choice, verb = _parse(request.method, path)
            if verb == "options":
                return _options(request)
            if verb == "status":
                return _response(200, _status(self._manager, name, choice))
            if verb == "metadata":
                return _response(200, _metadata(self._manager, name, choice))
            body = await _read(request, arrival, self._timeout)
            if isinstance(body, web.Response):
                return body
            job = self._workers.submit(
                "rest", _predict, self._manager, self._limits, name, choice, verb, body
            )
            del body  # A request that waits for its client holds it only once.
            answer = await asyncio.wrap_future(job)
            arrival.release()
            return _response(*answer)
        except Exception as error:
            return _response(*_told(error))


def make_runner(app, timeout=60.0, **kwargs):
    """Returns the `web.AppRunner` of an application.

    Args:
        app: that of a `RestApi`.
        timeout: float, seconds after which a connection is closed that has not sent the whole head
            of its next request.
        **kwargs: more arguments for `web.AppRunner`.
    """
    # Of a refused body, `_discard` has read what is to be read: it sees when the client leaves.
    options = {"access_log": None, "logger": _LOGGER, "lingering_time": 0}
    options["auto_decompress"] = False  # see `_unpacking`
    return web.AppRunner(app, keepalive_timeout=timeout, **options, **kwargs)


async def _discard(request, seconds):
    """Reads what is left of a refused body for a moment: a client that sends on sees the answer."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(seconds):
            while await request.content.readany():
                pass


def _parse(method, path):
    """Returns (name, version or label as keyword arguments, what is asked for)."""
    if method == "OPTIONS":
        return "", {}, "options"
    grammar = {"POST": _POST, "GET": _GET}.get(method)
    match = grammar and grammar.fullmatch(path)
    if not match:
        raise invalid(f"Malformed request: {method} {path}")
    name, version, label, verb = match.groups()
    choice = {}
    if version and (len(version) > 1000 or int(version) >= 2**63):
        raise invalid(f"Failed to convert version: {version} to numeric.")
    if version:
        choice["version"] = int(version)
    if label:
        choice["label"] = _unquote(label)
    if verb != (verb or "").lower():  # Only the path's grammar overlooks the case.
        verb = None
    if method == "POST" and not verb:
        raise invalid(f"Malformed request: {method} {path}")
    if not name:
        raise invalid("Missing model name in request.")
    return _unquote(name), choice, verb or "status"


def _unquote(text):
    return urllib.parse.unquote(text).encode("utf-8", "replace").decode()


def _options(request):
    if not re.search("https?://", request.headers.get("Origin", "")):
        raise StatusError(
            grpc.StatusCode.FAILED_PRECONDITION, "Origin header is missing in CORS preflight"
        )
    return _response(200, b"")


async def _read(request, arrival, timeout):
    """Returns the body of a request, or the response to one whose body is not taken."""
    limit, body = request.client_max_size, bytearray()
    if (request.content_length or 0) > limit:
        return _too_large(limit)
    unpack, end = _unpacking(request.headers.get("Content-Encoding", "identity").lower())
    try:
        async with arrival.coming(timeout):
            async for packed in request.content.iter_any():
                piece = unpack(packed, limit + 1 - len(body))
                arrival.take(len(piece))
                body += piece
                if len(body) > limit:
                    return _too_large(limit)
        end()
        return body
    except TimeoutError:
        response = _response(408, json_text.error(f"The body did not come in {timeout} seconds."))
        response.force_close()
        return response
    except (ConnectionError, web.RequestPayloadError, zlib.error) as error:
        # The request keeps the error, whose traceback would keep the request, with what came of
        # the body, until the next collection.
        error.__traceback__ = None
        if isinstance(error, ConnectionError):
            return _response(499, json_text.error("The client has left."))
        return _response(400, json_text.error(f"The body cannot be read: {error}"))


def _unpacking(encoding):
    """Returns functions: (bytes that came, the most that are wanted) -> bytes; and of the end.

    aiohttp would answer an encoding that it does not know in words of its own.
    """
    if encoding == "identity":
        return lambda packed, most: packed, lambda: None
    if encoding not in ("gzip", "deflate"):
        raise invalid(f"Content-Encoding must be gzip, deflate or none. Received: {encoding}")
    unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)  # tells the two apart

    def end():
        if not unpacker.eof:
            raise zlib.error("its packed data are incomplete")

    return unpacker.decompress, end


def _predict(manager, limits, name, choice, verb, body):
    """Returns (HTTP status, body), in a worker.

    An error is returned, too: raised, it would keep the request's memory until the next collection.
    """
    try:
        if verb != "predict":
            raise StatusError(
                grpc.StatusCode.UNIMPLEMENTED,
                f"This server answers predict alone; tensorflow_model_server does {verb}, too.",
            )
        limits.check_values(json_text.count(body))
        document = json_text.parse(body)
        asked = rest_json.signature_name(document)
        with manager.using(name, **choice) as servable:
            inputs = _inputs(servable, asked)
            row = rest_json.is_row_format(document)
            outputs = _outputs(servable, asked, document, inputs, limits)
        return 200, rest_json.answer(outputs, row)
    except Exception as error:
        return _told(error)


def _outputs(servable, asked, document, inputs, limits):
    """Returns what a signature answers, within limits; each is looked at as soon as it can be."""
    name = asked or prediction.DEFAULT_SIGNATURE
    signature = servable.signature(name)
    limits.check_rows(signature, rest_json.batch_sizes(document, inputs))
    feeds = rest_json.feeds(document, inputs)
    limits.check_shapes(signature, feeds)
    limits.check_pictures(feeds)
    outputs = servable.run(name, feeds)
    limits.check_answer(outputs, as_json=True)
    return outputs


def _inputs(servable, asked):
    name = asked or prediction.DEFAULT_SIGNATURE
    if name not in servable.signatures:
        raise invalid(f'Serving signature name: "{name}" not found in signature def')
    inputs = servable.signatures[name].inputs
    if not inputs:
        raise invalid(f"Failed to get input map for signature: {asked or 'DEFAULT'}")
    return inputs


def _status(manager, name, choice):
    response = get_model_status_pb2.GetModelStatusResponse()
    for version, state, code, message in manager.statuses(name, **choice):
        row = response.model_version_status.add(version=version, state=state)
        row.status.error_code, row.status.error_message = code, message
    return _json(response).encode()


def _metadata(manager, name, choice):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = name
    if "version" in choice:
        request.model_spec.version.value = choice["version"]
    if "label" in choice:
        request.model_spec.version_label = choice["label"]
    response = prediction.metadata(manager, request)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    response.metadata["signature_def"].Unpack(signatures)
    # The pieces are joined as http_rest_api_util.cc joins them.
    spec, signatures = (
        _json(message, preserving_proto_field_name=True)
        for message in (response.model_spec, signatures)
    )
    return f'{{\n"model_spec":{spec},\n"metadata": {{"signature_def": {signatures}}}\n}}\n'.encode()


def _json(message, **kwargs):
    text = json_format.MessageToJson(
        message, indent=1, always_print_fields_with_no_presence=True, **kwargs
    )
    return text + "\n"  # as the C++ library ends it


def _told(error):
    status = as_status(error)
    message = shortened(status.message, _MESSAGE_LIMIT)
    return _HTTP_STATUS.get(status.code, 500), json_text.error(message)


def _too_large(limit):
    return _response(413, json_text.error(f"The body must have at most {limit} bytes."))


def _response(status, body):
    return web.Response(status=status, body=body, content_type="application/json")
