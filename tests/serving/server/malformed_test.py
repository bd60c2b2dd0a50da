"""500 requests that must be refused, each with its error, while good ones are answered."""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import time

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_service_pb2_grpc

from tests.serving.server import malformed_requests, oversized_requests
from tests.serving.server.malformed_requests import GOOD, PREDICT, good_body, message
from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

ROOT = pathlib.Path(__file__).parents[3]
SECONDS = 60  # that anything may take
GLIBC = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536"}
PEAK_MB = 200  # six times the largest body; 50 when it was written
GROWTH_MB = 20  # less than a quarter of what is sent in large bodies

COUNTS = {
    malformed_requests.json_cut_short: 35,
    malformed_requests.json_with_garbage: 20,
    malformed_requests.json_of_another_kind: 10,
    malformed_requests.nested_json: 5,
    malformed_requests.wrong_keys: 25,
    malformed_requests.wrong_names: 25,
    malformed_requests.wrong_types: 20,
    malformed_requests.wrong_base64: 15,
    malformed_requests.wrong_shapes: 25,
    malformed_requests.large_and_wrong: 20,
    malformed_requests.cut_off: 20,
    malformed_requests.truncated_png: 20,
    malformed_requests.unknown: 25,
    malformed_requests.unknown_signature: 10,
    malformed_requests.unknown_version_to_read: 15,
    malformed_requests.malformed_path: 15,
    malformed_requests.not_implemented: 5,
    malformed_requests.huge_body: 4,
    malformed_requests.huge_length: 6,
    malformed_requests.no_http: 15,
    malformed_requests.no_grpc: 15,
    malformed_requests.half_open: 25,
    malformed_requests.wrong_message: 30,
    malformed_requests.unknown_to_grpc: 20,
    malformed_requests.undecodable_message: 10,
    malformed_requests.unknown_method: 3,
    malformed_requests.huge_message: 2,
    oversized_requests.too_many_rows: 9,
    oversized_requests.too_many_pixels: 20,
    oversized_requests.too_many_values: 3,
    oversized_requests.few_bytes_for_many: 8,
    oversized_requests.too_many_fields: 5,
    oversized_requests.too_large_an_answer: 5,
    oversized_requests.foreign_page: 10,
}


def make(choose):
    """Returns 500 cases, each (name of its kind, send, code, pattern), in random order.

    Args:
        choose: `random.Random`.
    """
    cases = [(kind.__name__, *kind(choose)) for kind, count in COUNTS.items() for _ in range(count)]
    choose.shuffle(cases)
    return cases


class Server:
    """The server in a process of its own, and the ways to ask it."""

    def __init__(self, base_path, folder):
        command = [sys.executable, "-m", "apps.serve", f"--model_base_path={base_path}"]
        command += ["--port=0", "--rest_api_port=0", "--threads=2"]
        command += [f"--max_request_mb={malformed_requests.LIMIT_MB}", *oversized_requests.FLAGS]
        self._log = folder / "log"
        with open(self._log, "wb") as log:
            # One arena that gives memory back at once: what grows is the server's own.
            environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", **GLIBC}
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.grpc_port, self.rest_port = map(int, self._wait_for(r"gRPC at .*?(\d+), .*:(\d+)\n"))
        self.channel = grpc.insecure_channel(
            f"127.0.0.1:{self.grpc_port}",
            [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)],
        )

    def _wait_for(self, pattern):
        end = time.monotonic() + 2 * SECONDS
        while not (match := re.search(pattern, self.log())):
            assert self.process.poll() is None and time.monotonic() < end, self.log()
            time.sleep(0.05)
        return match.groups()

    def log(self):
        return self._log.read_text(errors="replace")

    def memory(self, which="VmRSS"):
        """Resident bytes, now or (VmHWM) at most."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{which}:\s+(\d+) kB", status)[1]) << 10

    def close(self):
        self.channel.close()
        self.process.terminate()
        try:
            return self.process.wait(SECONDS)
        finally:
            self.process.kill()

    def connect(self, port):
        return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)

    def rest(self, method, path, body=None, headers=None):
        """Returns (HTTP status, parsed answer)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.rest_port, timeout=SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def predict(self, request):
        """Returns the answer to a `PredictRequest`."""
        stub = prediction_service_pb2_grpc.PredictionServiceStub(self.channel)
        return stub.Predict(request, timeout=SECONDS)

    def call(self, method, data):
        """Returns the bytes that a method answers to bytes."""
        return self.channel.unary_unary(f"/tensorflow.serving.{method}")(data, timeout=SECONDS)


@pytest.fixture
def server(tmp_path, inverting):
    export_saved_model(ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "models" / "negative")
    started = Server(tmp_path / "models", tmp_path)
    started.stalled = []
    try:
        yield started
    finally:
        for client, _ in started.stalled:
            client.close()
        code = started.close()
    assert code == 0, started.log()
    assert "Traceback" not in started.log()


def ask_what_is_good(server, protocol):
    """Returns the negative of the good picture."""
    if protocol == "rest":
        status, answer = server.rest("POST", PREDICT, good_body())
        assert status == 200, answer
        return base64.b64decode(answer["predictions"][0]["b64"])
    return server.predict(message(image_bytes=[GOOD])).outputs["image_bytes"].string_val[0]


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="memory is read from /proc")
def test_500_malformed_requests(server):
    cases = make(random.Random(0))
    assert len(cases) == 500
    negative = ask_what_is_good(server, "rest")
    at_start = server.memory()
    picture = tf.io.decode_png(negative).numpy()
    np.testing.assert_array_equal(picture, 255 - tf.io.decode_png(GOOD).numpy())
    for index, (kind, send, code, says) in enumerate(cases):
        found, error = send(server)
        assert found == code and re.search(says, error, re.S), f"{kind}: {found} {error}"
        if index % 5 == 0:
            protocol = ("rest", "grpc")[index // 5 % 2]
            assert ask_what_is_good(server, protocol) == negative, f"{protocol} after {kind}"
        if index == 250:
            before = server.memory()
    grown = server.memory() - before >> 20
    assert grown < GROWTH_MB, f"{grown} MiB more after the second half of the requests"
    peak = server.memory("VmHWM") - at_start >> 20
    assert peak < PEAK_MB, f"{peak} MiB more than at the start, at the peak"
    finish_stalled(server, negative)


def finish_stalled(server, negative):
    """Those that had stalled go on, and are answered as if nothing had been."""
    for client, missing in server.stalled:
        client.settimeout(SECONDS)
        if missing is not None:
            client.sendall(missing)
            with contextlib.closing(http.client.HTTPResponse(client)) as response:
                response.begin()
                answer = json.loads(response.read())
                assert base64.b64decode(answer["predictions"][0]["b64"]) == negative
