"""Measures the local server against calling the SavedModel's function in a bare loop.

    python -m benchmarks.serving

One PNG of 256 px a request, CycleGAN's generator with fresh weights. The bare loop and the server
are processes of their own, and take turns: bare loop, gRPC, REST, bare loop, ...; a ratio is that
of the throughputs in one round.
"""

import base64
import concurrent.futures
import contextlib
import http.client
import json
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import grpc
import numpy as np
import tensorflow as tf
from absl import app, flags, logging
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

SAVED_MODEL = flags.DEFINE_string(
    "saved_model", None, "<model>/<version>; by default a fresh generator is exported."
)
IMAGE_SIZE = flags.DEFINE_integer("image_size", 256, "Pixels.", 4)
CLIENTS = flags.DEFINE_integer("clients", os.cpu_count(), "Requests on the way at a time.", 1)
REQUESTS = flags.DEFINE_integer("requests", 8, "In each part of a round.", 1)
ROUNDS = flags.DEFINE_integer("rounds", 12, "Measured, after one that is not.", 1)


def main(_):
    """Prints throughput, ratio and latencies."""
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # Three processes share the device.
    tf.get_logger().setLevel("ERROR")
    logging.set_verbosity(logging.ERROR)
    with contextlib.ExitStack() as stack:
        path = pathlib.Path(SAVED_MODEL.value or _export(stack)).absolute()
        image = np.random.default_rng(0).integers(0, 256, (IMAGE_SIZE.value,) * 2 + (3,), np.uint8)
        file = tf.io.encode_png(image).numpy()
        bare = _start_bare_loop(stack, path, file)
        grpc_port, rest_port = _start_server(stack, path)
        ways = {
            "gRPC": _grpc_client(stack, grpc_port, path.parent.name, file),
            "REST": _rest_client(rest_port, path.parent.name, file),
        }
        _report(*_measure(bare, ways))


def _measure(bare, ways):
    """Returns the seconds of each part of each round, and the latencies of each way."""
    seconds = {name: [] for name in ("bare loop", *ways)}
    latencies = {name: [] for name in ways}
    for measured in [False] + [True] * ROUNDS.value:
        bare.send(REQUESTS.value if measured else 2)
        parts = {"bare loop": bare.recv()}
        for name, ask in ways.items():
            parts[name], each = _ask_all(ask, REQUESTS.value if measured else 2 * CLIENTS.value)
            latencies[name] += each if measured else []
        for name, value in parts.items() if measured else ():
            seconds[name].append(value)
    return seconds, latencies


def _ask_all(ask, count):
    """Returns the seconds that `count` requests took together, and each."""

    def timed(_):
        start = time.perf_counter()
        ask()
        return time.perf_counter() - start

    with concurrent.futures.ThreadPoolExecutor(CLIENTS.value) as clients:
        start = time.perf_counter()
        each = list(clients.map(timed, range(count)))
        return time.perf_counter() - start, each


def _report(seconds, latencies):
    for name, values in seconds.items():
        rate = REQUESTS.value / statistics.median(values)
        line = f"{name}: median {rate:.2f} images/s"
        if name in latencies:
            ratios = [
                bare / value for bare, value in zip(seconds["bare loop"], values, strict=True)
            ]
            p50, p99 = np.percentile(latencies[name], [50, 99])
            line += (
                f", {statistics.median(ratios):.1%} of the bare loop ({min(ratios):.1%} to "
                f"{max(ratios):.1%}), latency p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms"
            )
        print(line)
    print(
        f"{ROUNDS.value} rounds of {REQUESTS.value} images of {IMAGE_SIZE.value} px, "
        f"{CLIENTS.value} at a time, {os.cpu_count()} cores"
    )


def _export(stack):
    from tfgan_apps.models.cyclegan import build_generator
    from tfgan_apps.serving.export import export_saved_model
    from tfgan_apps.serving.kinds.image_to_image import ImageToImage

    folder = stack.enter_context(tempfile.TemporaryDirectory())
    served = ImageToImage({"x_to_y": build_generator()}, IMAGE_SIZE.value)
    return export_saved_model(served, f"{folder}/cyclegan")


def _start_bare_loop(stack, path, file):
    """Returns a connection: a number of calls goes in, their seconds come back."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_bare_loop, args=(there, str(path), file), daemon=True)
    process.start()
    stack.callback(process.kill)
    return here


def _bare_loop(connection, path, file):
    signature = tf.saved_model.load(path).signatures["serving_default"]
    image_bytes = tf.constant([file])
    while count := connection.recv():
        start = time.perf_counter()
        for _ in range(count):
            signature(image_bytes=image_bytes)["image_bytes"].numpy()
        connection.send(time.perf_counter() - start)


def _start_server(stack, path):
    """Returns the ports of gRPC and REST."""
    words = [f"--model_base_path={path.parent}", "--port=0", "--rest_api_port=0"]
    command = [sys.executable, "-m", "apps.serve", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    stack.callback(process.kill)
    for line in process.stdout:
        if line.startswith("gRPC at "):
            return [int(word.split(":")[-1]) for word in line.split(", ")]
    raise RuntimeError(f"The server ended with code {process.wait()} before it listened.")


def _grpc_client(stack, port, model, file):
    options = [("grpc.max_receive_message_length", -1)]
    channel = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{port}", options))
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.inputs["image_bytes"].CopyFrom(tf.make_tensor_proto([file]))
    return lambda: stub.Predict(request, timeout=600)


def _rest_client(port, model, file):
    body = json.dumps({"instances": [{"b64": base64.b64encode(file).decode()}]})

    def ask():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        connection.request("POST", f"/v1/models/{model}:predict", body)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != 200:
            raise RuntimeError(answer)

    return ask


if __name__ == "__main__":
    app.run(main)
