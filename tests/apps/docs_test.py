"""The commands of docs/serving.md, executed in their order."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
import tensorflow as tf

from tests.serving import c_program

REPOSITORY = pathlib.Path(__file__).parents[2]
BLOCK = re.compile(r"```(sh|sh server|python)\n(.*?)```", re.S)


@pytest.fixture
def workplace(request, tmp_path):
    """A directory with what the page starts from: a run, and pictures.

    TFGAN_QUICKSTART_RUN names the run that `make quickstart` left; without it, a tiny one serves.
    """
    run = os.environ.get("TFGAN_QUICKSTART_RUN") or request.getfixturevalue("unbroken")
    shutil.copytree(run, tmp_path / "runs" / "quickstart")
    (tmp_path / "photos").mkdir()
    rng = np.random.default_rng(0)
    for path in ("photo.jpg", "photos/one.jpg", "photos/two.jpg"):
        picture = rng.integers(0, 256, (24, 20, 3), np.uint8)
        (tmp_path / path).write_bytes(tf.io.encode_jpeg(picture).numpy())
    return tmp_path


@pytest.fixture
def ports(free_ports):
    """Returns a function that puts free ports in the place of the page's."""
    grpc, rest = free_ports(2)

    def replace(text):
        text = text.replace("8500", str(grpc)).replace("8501", str(rest))
        text = text.replace("apps.client ", f"apps.client --server=localhost:{grpc} ")
        return text.replace("apps.serve ", f"apps.serve --port={grpc} --rest_api_port={rest} ")

    return replace


def wait_for(url, server):
    for _ in range(600):
        assert server.poll() is None, "the server ended"
        try:
            return urllib.request.urlopen(url, timeout=5).read()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"{url} does not answer")


def test_every_command_of_the_page(workplace, ports, program):
    """REST by hand, the client, Python's stub and the C program give the same PNG."""
    python = pathlib.Path(sys.executable).parent
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "PATH": f"{python}{os.pathsep}{os.environ['PATH']}",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    place = {"cwd": workplace, "env": environment}
    page = ports((REPOSITORY / "docs" / "serving.md").read_text())
    servers = []
    try:
        for kind, code in BLOCK.findall(page):
            if kind == "sh server":
                command = ["bash", "-c", f"exec {code}"]
                servers.append(subprocess.Popen(command, **place))
                wait_for(ports("http://localhost:8501/v1/models/scenes"), servers[0])
            else:
                command = [sys.executable, "-"] if kind == "python" else ["bash", "-e"]
                subprocess.run(command, input=code, text=True, check=True, timeout=300, **place)
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
            assert server.wait(60) == 0
    assert servers, "the page starts a server"
    pictures = ("answer.png", "translated/photo.png", "from_python.png", "from_stub.png")
    version, photo = workplace / "saved_models" / "scenes" / "1", workplace / "photo.jpg"
    answers = c_program.run(program, version, "serving_default", {"image_bytes": [photo]})
    (answer,) = {*answers, *((workplace / picture).read_bytes() for picture in pictures)}
    assert tf.io.decode_png(answer).shape == (24, 20, 3)
    back = sorted(path.name for path in (workplace / "translated_back").iterdir())
    assert back == ["one.png", "two.png"]
