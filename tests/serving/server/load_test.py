"""Requests from many clients while a new version appears and the old one goes: none is lost."""

import base64
import concurrent.futures
import http.client
import itertools
import json
import os
import threading
import time

import grpc
import keras
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import prediction_service_pb2_grpc

from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

CLIENTS, REQUESTS = 16, 2000
EXPECTED = {1: lambda image: 255 - image, 2: lambda image: image}


def test_no_request_fails_or_is_wrong_while_versions_change(
    from_layers, picture, request_for, serve, tmp_path
):
    base, waiting = tmp_path / "models" / "tiny", tmp_path / "waiting" / "tiny"
    for version, path, scale in ((1, base, -1.0), (2, waiting, 1.0)):
        network = from_layers([keras.layers.Rescaling(scale)])
        export_saved_model(ImageToImage({"x_to_y": network}, 16), path, version)
    images = [picture(16, 16, seed=seed) for seed in range(8)]
    server = serve(base, max_queue=100, poll_seconds=0.05)
    load = Load(server, images, request_for)
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
        futures = [clients.submit(load.run_client, seed) for seed in range(CLIENTS)]
        load.wait_for(REQUESTS // 4)
        os.rename(waiting / "2", base / "2")
        # The load goes on until the old version is gone, and for all requests.
        load.wait_for(REQUESTS, lambda: load.server.manager.statuses("tiny", 1)[0][1] == 50)
        load.ended.set()
        answers = [future.result(60) for future in futures]
    assert sum(map(len, answers)) >= REQUESTS
    for versions in answers:
        assert versions == sorted(versions), "who has seen the new version never sees the old one"
    assert set(itertools.chain(*answers)) == {1, 2}


class Load:
    """Clients that take turns between gRPC and REST and compare each answer."""

    def __init__(self, server, images, request_for):
        self.server, self.ended = server, threading.Event()
        self.images = images
        self.count = itertools.count()
        self.answered = 0
        self.files = [np.array([tf.io.encode_png(image).numpy()], dtype=object) for image in images]
        self.requests = [request_for("tiny", image_bytes=file) for file in self.files]
        self.bodies = [
            json.dumps({"instances": [{"b64": base64.b64encode(file[0]).decode()}]})
            for file in self.files
        ]

    def wait_for(self, answers, condition=lambda: True):
        end = time.monotonic() + 120
        while (self.answered < answers or not condition()) and not self.ended.is_set():
            assert time.monotonic() < end, f"{self.answered} answers"
            time.sleep(0.01)

    def run_client(self, seed):
        """Asks until the end, and returns the versions that answered."""
        versions = []
        target = f"127.0.0.1:{self.server.grpc_port}"
        rest = http.client.HTTPConnection("127.0.0.1", self.server.rest_port, timeout=60)
        options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
        try:
            with grpc.insecure_channel(target, options) as channel:
                stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
                while not self.ended.is_set():
                    index = (seed + len(versions)) % len(self.images)
                    if (seed + len(versions)) // len(self.images) % 2:
                        versions.append(self.ask_grpc(stub, index))
                    else:
                        versions.append(self.ask_rest(rest, index))
                    self.answered = next(self.count)
        except BaseException:
            self.ended.set()  # The others need not go on.
            raise
        finally:
            rest.close()
        return versions

    def ask_grpc(self, stub, index):
        response = stub.Predict(self.requests[index], timeout=60)
        version = response.model_spec.version.value
        assert self.version_of(response.outputs["image_bytes"].string_val[0], index) == version
        return version

    def ask_rest(self, connection, index):
        connection.request("POST", "/v1/models/tiny:predict", self.bodies[index])
        response = connection.getresponse()
        body = response.read()
        assert response.status == 200, body
        (answer,) = json.loads(body)["predictions"]
        return self.version_of(base64.b64decode(answer["b64"]), index)

    def version_of(self, file, index):
        pixels = tf.io.decode_png(file).numpy()
        (version,) = [
            version
            for version, expected in EXPECTED.items()
            if np.array_equal(pixels, expected(self.images[index]))
        ]
        return version
