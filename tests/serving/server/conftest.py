"""Small models whose versions are known apart by what they answer, and a server."""

import os
import pathlib
import socket
import time

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from tests.serving.server.predict_request import predict_request
from tfgan_apps.serving.server import model_configs
from tfgan_apps.serving.server.local_server import LocalServer
from tfgan_apps.serving.server.servables import ServableManager


class Adding(tf.Module):
    """Adds a number; `join` has two inputs and two outputs; `busy` takes its time."""

    def __init__(self, amount, weights):
        self.amount = tf.Variable(tf.constant(amount, tf.float32))
        self.weights = tf.Variable(tf.zeros([weights]))

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, name="x")])
    def add(self, x):
        return {"y": x + self.amount + tf.reduce_sum(self.weights[:1])}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="text"),
            tf.TensorSpec([None], tf.int32, name="times"),
        ]
    )
    def join(self, text, times):
        return {"text_bytes": text + tf.strings.as_string(times), "double": times * 2}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="rounds")])
    def busy(self, rounds):
        matrix = tf.eye(128)
        for _ in tf.range(rounds[0]):
            matrix = tf.matmul(matrix, matrix)
        return {"one": matrix[:1, 0]}


@pytest.fixture(scope="session")
def write_version():
    """Makes a function that writes a version of `Adding` in one step, as an export does."""

    def write(base_path, version, amount=None, weights=1, warm_up=()):
        module = Adding(version if amount is None else amount, weights)
        path = pathlib.Path(base_path) / str(version)
        written = path.with_name(f".writing-{version}")
        signatures = {"serving_default": module.add, "join": module.join, "busy": module.busy}
        tf.saved_model.save(module, str(written), signatures=signatures)
        if warm_up:
            (written / "assets.extra").mkdir()
            file = str(written / "assets.extra" / "tf_serving_warmup_requests")
            with tf.io.TFRecordWriter(file) as writer:
                for request in warm_up:
                    log = prediction_log_pb2.PredictLog(request=request)
                    record = prediction_log_pb2.PredictionLog(predict_log=log)
                    writer.write(record.SerializeToString())
        os.rename(written, path)
        return path

    return write


@pytest.fixture(scope="session")
def request_for():
    """Returns a function: name of the model, inputs -> `PredictRequest`."""
    return predict_request


@pytest.fixture
def manage():
    """Makes a function: base path or config -> `ServableManager`, and its reports in a list."""
    managers = []

    def make(configs, **kwargs):
        if isinstance(configs, pathlib.Path):
            configs = model_configs.listing({configs.name: str(configs)})
        reports = []
        manager = ServableManager(configs, report=reports.append, **kwargs)
        manager.reports = reports
        managers.append(manager)
        return manager

    yield make
    for manager in managers:
        manager.close(timeout=1)


@pytest.fixture
def serve():
    """Makes a function: base path or configs -> a `LocalServer` that has started."""
    servers = []

    def make(configs, **kwargs):
        if isinstance(configs, pathlib.Path):
            configs = model_configs.listing({configs.name: str(configs)})
        server = LocalServer(configs, **{"drain_seconds": 5, "poll_seconds": 0.1} | kwargs)
        servers.append(server)
        server.start()
        return server

    yield make
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def answer():
    """Makes a function: manager, name -> (version, what it adds to zero)."""

    def ask(manager, name, version=None, label=None):
        with manager.using(name, version, label) as servable:
            found = servable.run("serving_default", {"x": np.zeros((1, 2), np.float32)})
            return servable.version, float(found["y"][0, 0])

    return ask


@pytest.fixture(scope="session")
def wait_until():
    """Makes a function that waits for a condition, and fails after a minute."""

    def wait(condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    return wait


@pytest.fixture
def connect():
    """Makes a function: port -> a socket connected to it."""
    sockets = []

    def make(port):
        sockets.append(socket.create_connection(("127.0.0.1", port), timeout=30))
        return sockets[-1]

    yield make
    for each in sockets:
        each.close()
