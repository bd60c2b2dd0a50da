"""The server's command line, as a user starts and stops it."""

import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import tensorflow as tf

REPOSITORY = pathlib.Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "apps.serve"]
FOREVER = 120  # seconds that a test waits for what must come


class Model(tf.Module):
    """Adds a version's number; `busy` takes its time."""

    def __init__(self, amount):
        self.amount = tf.Variable(tf.constant(amount, tf.float32))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def add(self, x):
        return {"y": x + self.amount}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="rounds")])
    def busy(self, rounds):
        matrix = tf.eye(192)
        for _ in tf.range(rounds[0]):
            matrix = tf.matmul(matrix, matrix)
        return {"one": matrix[:1, 0]}


def write_version(base, version):
    module, written = Model(version), base / ".writing"
    signatures = {"serving_default": module.add, "busy": module.busy}
    tf.saved_model.save(module, str(written), signatures=signatures)
    os.rename(written, base / str(version))


@pytest.fixture
def models(tmp_path):
    """A directory with version 1 of the model `adding`."""
    write_version(tmp_path / "models" / "adding", 1)
    return tmp_path / "models"


@pytest.fixture
def start():
    """Makes a function that starts the server: flags -> `Server`."""
    servers = []

    def start(**flags):
        servers.append(Server({"port": 0, "rest_api_port": 0} | flags))
        return servers[-1]

    yield start
    for server in servers:
        server.process.kill()
        server.process.communicate(timeout=FOREVER)


class Server:
    """The process, with its lines as they come."""

    def __init__(self, flags):
        words = [f"--{name}={value}" for name, value in flags.items()]
        self.process = subprocess.Popen(
            [*COMMAND, *words],
            cwd=REPOSITORY,
            env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines, self.errors = [], []
        for stream, lines in (
            (self.process.stdout, self.lines),
            (self.process.stderr, self.errors),
        ):
            threading.Thread(target=lines.extend, args=(stream,), daemon=True).start()

    def wait_for(self, pattern):
        """Returns the match of a pattern in what is printed."""
        end = time.monotonic() + FOREVER
        while not (match := re.search(pattern, "".join(self.lines), re.M)):
            assert self.process.poll() is None and time.monotonic() < end, self.errors
            time.sleep(0.02)
        return match

    def ports(self):
        return map(int, self.wait_for(r"gRPC at \S+:(\d+), REST at http://\S+:(\d+)$").groups())

    def ask(self, signature="serving_default", path="adding", headers=None, **inputs):
        """Returns (status, parsed answer)."""
        _, port = self.ports()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=FOREVER)
        body = json.dumps({"signature_name": signature, "inputs": inputs})
        try:
            connection.request("POST", f"/v1/models/{path}:predict", body, headers or {})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def begin_slow_request(self, answers, rounds=1 << 15):
        """Returns the thread of a request that is certainly running; its answer goes to a list."""

        def ask():
            answer = (503, None)
            while answer[0] == 503:  # The question below was there first.
                try:
                    answer = self.ask("busy", rounds=[rounds])
                except http.client.RemoteDisconnected:
                    answer = ("disconnected", None)
            answers.append(answer)

        self.ports()
        thread = threading.Thread(target=ask)
        thread.start()
        while self.ask(x=[0.0])[0] != 503:  # One thread, no queue: refused as soon as it runs.
            assert thread.is_alive(), answers
        return thread


def test_versions_are_announced_and_swapped(start, models):
    server = start(model_base_path=models, file_system_poll_wait_seconds=0.1)
    assert server.ask(x=[1.0]) == (200, {"outputs": [2.0]})
    write_version(models / "adding", 2)
    server.wait_for("^adding version 1 is unloaded$")
    assert server.ask(x=[1.0]) == (200, {"outputs": [3.0]})
    write_version(models / "another", 5)
    server.wait_for("^another version 5 is available$")
    assert server.ask(path="another", x=[1.0]) == (200, {"outputs": [6.0]})
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(FOREVER) == 0
    printed = "".join(server.lines)
    assert printed.index("adding version 1 is available") < printed.index("gRPC at 127.0.0.1:")
    assert printed.endswith(
        "draining\nadding version 2 is unloaded\nanother version 5 is unloaded\n"
    )


def test_sigterm_answers_what_is_running(start, models):
    server, answers = start(model_base_path=models, threads=1, max_queue=0), []
    thread = server.begin_slow_request(answers)
    server.process.send_signal(signal.SIGTERM)
    server.wait_for("^draining$")
    thread.join(FOREVER)
    assert answers == [(200, {"outputs": [1.0]})]
    assert server.process.wait(FOREVER) == 0


def test_a_request_that_takes_too_long_does_not_keep_the_server(start, models):
    server, answers = start(model_base_path=models, threads=1, max_queue=0, drain_seconds=0.1), []
    thread = server.begin_slow_request(answers, rounds=1 << 30)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(FOREVER) == 0
    thread.join(FOREVER)
    assert answers == [("disconnected", None)]


def test_one_model_under_a_name_and_a_models_config(start, models, tmp_path):
    server = start(model_base_path=models / "adding", model_name="own")
    assert server.ask(path="own", x=[1.0]) == (200, {"outputs": [2.0]})
    file = tmp_path / "models.config"
    file.write_text(
        "model_config_list { config { name: 'listed' model_platform: 'tensorflow' "
        f"base_path: '{models / 'adding'}' }} }}"
    )
    server = start(model_config_file=file)
    assert server.ask(path="listed", x=[1.0]) == (200, {"outputs": [2.0]})


def test_limits_and_origins_are_flags(start, models):
    limits = {"max_batch": 2, "max_pixels": 16, "max_answer": 30}
    server = start(model_base_path=models, allow_origin="http://localhost:3000", **limits)
    assert server.ask(x=[1.0]) == (200, {"outputs": [2.0]})
    # Two numbers may have 34 bytes in JSON.
    for count, flag in ((3, "--max_batch"), (2, "--max_answer"), (20, "--max_pixels")):
        status, answer = server.ask(x=[1.0] * count)
        assert status == 400 and flag in answer["error"]
    for origin, expected in (("http://localhost:3000", 200), ("http://localhost:3001", 403)):
        assert server.ask(x=[1.0], headers={"Origin": origin})[0] == expected


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def fails(**flags):
    """Returns the error of a server that cannot start."""
    flags = {"port": 0, "rest_api_port": 0} | flags
    words = [f"--{name}={value}" for name, value in flags.items()]
    done = subprocess.run(
        [*COMMAND, *words], cwd=REPOSITORY, capture_output=True, text=True, timeout=FOREVER
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_nothing_to_serve_is_one_error(tmp_path):
    error = fails(model_base_path=tmp_path)
    assert error.startswith("error: --model_base_path must be a directory with models.config, with")
    assert error.endswith(f"{tmp_path}, which holds nothing")


def test_a_broken_models_config_is_one_error(models):
    (models / "models.config").write_text("model_config_list {")
    assert f"error: {models / 'models.config'} must hold a ModelServerConfig" in fails(
        model_base_path=models
    )


def test_no_version_that_loads_is_one_error(models):
    (models / "adding" / "1" / "saved_model.pb").unlink()
    expected = "error: No model could be loaded: SavedModel file does not exist at: "
    assert fails(model_base_path=models).startswith(expected)


def test_a_host_that_is_no_host_is_one_error(models):
    error = fails(model_base_path=models, host="no-such-host.invalid")
    assert error.startswith(
        "error: host must be an address or a name of this machine. Received: no"
    )


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_an_ipv6_address_is_printed_as_a_url(start, models):
    server = start(model_base_path=models, host="::1")
    server.wait_for(r"^gRPC at \[::1\]:\d+, REST at http://\[::1\]:\d+$")


@pytest.mark.parametrize("flag", ["port", "rest_api_port"])
def test_a_port_in_use_is_one_error(models, flag):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        error = fails(model_base_path=models, **{flag: port})
    assert re.match(f"error: Cannot listen for .* at 127.0.0.1, port {port}; ", error)


def test_a_missing_extra_is_one_error(models):
    code = (
        "import runpy, sys; sys.modules['aiohttp'] = None; "
        "sys.argv = ['serve']; runpy.run_module('apps.serve', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=FOREVER,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("needs: pip install 'tfgan_apps[serving]'")
