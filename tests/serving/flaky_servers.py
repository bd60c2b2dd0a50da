"""Servers of a model that answers its seeds, and fail as they are told, over gRPC and HTTP."""

import concurrent.futures
import contextlib
import http.server
import json
import threading
import time

import grpc
from google.protobuf import json_format
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
)

_SEEDS = {"seed": {"name": "seed:0", "dtype": "DT_INT32"}}
_TEXT = {"text": {"name": "text:0", "dtype": "DT_STRING"}}
_SIGNATURES = {
    "serving_default": {"inputs": _SEEDS, "outputs": _SEEDS},
    "tell": {"inputs": _SEEDS, "outputs": _TEXT},
    "tell_both": {"inputs": _SEEDS, "outputs": _SEEDS | _TEXT},
}


class _Service(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, codes):
        self.codes = list(codes)
        self.asked = 0

    def GetModelMetadata(self, request, context):
        signatures = get_model_metadata_pb2.SignatureDefMap()
        json_format.ParseDict({"signature_def": _SIGNATURES}, signatures)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.metadata["signature_def"].Pack(signatures)
        return response

    def Predict(self, request, context):
        self.asked += 1
        if self.codes and (code := self.codes.pop(0)):
            context.abort(code, "as it was told")
        return predict_pb2.PredictResponse(outputs=request.inputs)


@contextlib.contextmanager
def over_grpc(codes=(), port=0):
    """Fails with the codes, one after the other, then answers; yields the service, its address."""
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    service = _Service(codes)
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(service, server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield service, f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self._send(200, {"metadata": {"signature_def": {"signature_def": _SIGNATURES}}})

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked += 1
        answer = self.server.answers.pop(0) if self.server.answers else None
        self._send(*(answer or (200, {"outputs": request["inputs"]["seed"]})))

    def _send(self, status, body):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        # Less than this is what a connection that breaks off has sent.
        self.send_header("Content-Length", str(max(len(content), self.server.announced)))
        self.end_headers()
        step = 1 if self.server.pause else len(content)
        with contextlib.suppress(ConnectionError):  # A client does not wait for the end.
            for start in range(0, len(content), step):
                time.sleep(self.server.pause)
                self.wfile.write(content[start : start + step])

    def log_message(self, *_):
        """Silent."""


@contextlib.contextmanager
def over_rest(answers=(), port=0, announced=0, pause=0):
    """Gives the answers (status, body), then works; yields the server, its address.

    Args:
        answers: sequence of (HTTP status, JSON object or bytes).
        port: int.
        announced: int, bytes that each answer claims to have at least.
        pause: float, seconds before each byte of an answer.
    """
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.answers, server.asked = list(answers), 0
    server.announced, server.pause = announced, pause
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server, f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
