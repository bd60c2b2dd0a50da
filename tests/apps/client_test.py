"""The client, started as a user starts it, asks the local server."""

import os
import pty
import re
import socket
import subprocess
import sys
import termios

import numpy as np
import pytest
import tensorflow as tf

from tests.apps.conftest import REPOSITORY, call
from tests.serving import tiny_server

COMMAND = [sys.executable, "-m", "apps.client"]


def run(*flags, command=COMMAND):
    words = [*command, *map(str, flags)]
    return subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True)


def said(done):
    """Returns the lines on stderr that are not TensorFlow's notes about itself."""
    notes = r"[IWE]0000 |WARNING: All log messages before"
    return [line for line in done.stderr.splitlines() if not re.match(notes, line)]


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """Returns protocol -> the flags that name a server and its model."""
    with tiny_server.serving(tmp_path_factory.mktemp("models")) as addresses:
        yield {
            protocol: ["--model=tiny", f"--protocol={protocol}", f"--server={address}"]
            for protocol, address in addresses.items()
        }


@pytest.fixture
def photos(tmp_path):
    """A folder of three images, the second one broken."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(3):
        file = tf.io.encode_png(np.full((8, 8, 3), i, np.uint8)).numpy()
        (folder / f"{i}.png").write_bytes(file[:-30] if i == 1 else file)
    return folder


@pytest.mark.parametrize("protocol", ["grpc", "rest"])
def test_a_folder_with_a_broken_file(servers, photos, tmp_path, protocol):
    flags = [*servers[protocol], f"--input={photos}", f"--output={tmp_path / 'made' / 'here'}"]
    done = run(*flags)
    assert done.returncode == 1
    assert done.stdout == f"2 written to {tmp_path / 'made' / 'here'}\n"
    (line,) = said(done)
    assert line.startswith(f"{photos / '1.png'}: INVALID_ARGUMENT: ")
    assert line.endswith(" (asked alone)")
    for i in (0, 2):
        image = tf.io.decode_png((tmp_path / "made" / "here" / f"{i}.png").read_bytes())
        np.testing.assert_array_equal(image, np.full((8, 8, 3), 255 - i))
    (photos / "1.png").write_bytes((photos / "0.png").read_bytes())
    again = run(*flags)
    assert (again.returncode, said(again)) == (0, [])
    assert again.stdout == f"1 written to {tmp_path / 'made' / 'here'}, 2 there already\n"


def test_texts_and_seeds(servers, tmp_path):
    flags = ["--text=A red bird", "--text=a, blue", "--seeds=1,-2", "--signature=tell"]
    done = run(*servers["grpc"], *flags, f"--output={tmp_path}", "--version=1")
    assert (done.returncode, said(done)) == (0, [])
    texts = {path.name: path.read_text() for path in tmp_path.glob("*.txt")}
    assert texts == {
        "a-red-bird_1.text.txt": "A red bird:1",
        "a-red-bird_-2.text.txt": "A red bird:-2",
        "a-blue_1.text.txt": "a, blue:1",
        "a-blue_-2.text.txt": "a, blue:-2",
    }


def test_other_inputs_are_set(servers, tmp_path):
    flags = ["--signature=add", "--seeds=1,2", "--set", "label=10", "--set", "code=[0.5, -1]"]
    done = run(*servers["rest"], *flags, f"--output={tmp_path}")
    assert (done.returncode, said(done)) == (0, [])
    np.testing.assert_array_equal(np.load(tmp_path / "2.npy"), np.float32([12.5, 11]))


def test_pictures_of_reference_are_an_input_of_that_name(servers, photos, tmp_path):
    flags = ["--signature=add", "--seeds=1", f"--reference={photos / '0.png'}"]
    done = run(*servers["rest"], *flags, f"--output={tmp_path / 'answers'}")
    assert done.returncode == 1 and "reference_bytes" in " ".join(said(done))


def test_a_terminal_shows_the_progress(servers, tmp_path):
    terminal, its_end = pty.openpty()
    termios.tcsetwinsize(its_end, (24, 80))
    flags = [*servers["grpc"], "--signature=paint", "--seeds=1,2,3", f"--output={tmp_path}"]
    subprocess.run([*COMMAND, *flags], cwd=REPOSITORY, stderr=its_end, check=True)
    os.close(its_end)
    assert "3/3" in os.read(terminal, 10_000).decode()
    os.close(terminal)


def test_nobody_there_is_said_before_it_is_an_error(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        address = f"127.0.0.1:{reserved.getsockname()[1]}"
    flags = ["--model=tiny", f"--server={address}", "--seeds=1", "--deadline=1"]
    done = run(*flags, f"--output={tmp_path / 'new'}")
    assert done.returncode == 1
    assert done.stdout == ""
    waiting, line = said(done)
    assert waiting.startswith(f"{address} is not available, trying again up to 5 times, ")
    assert line.startswith("error: UNAVAILABLE: ") and address in line
    assert not (tmp_path / "new").exists()


def test_what_the_client_refuses_is_one_message(tmp_path):
    done = run("--model=tiny", "--seeds=1", "--label=", f"--output={tmp_path}")
    assert done.returncode == 1
    assert said(done) == ["error: label must not be empty. Received: label=''"]


def test_what_the_signature_does_not_take_is_one_message(servers, tmp_path):
    done = run(*servers["rest"], "--seeds=1", f"--output={tmp_path}")
    assert done.returncode == 1
    (line,) = said(done)
    assert line.startswith("error: The signature 'serving_default' takes image_bytes; ")


@pytest.mark.parametrize("package", ["requests", "tqdm"])
def test_a_missing_extra_is_named(package, tmp_path):
    code = f"import sys; sys.modules[{package!r}] = None; from apps import client; client.run()"
    flags = ["--model=tiny", "--seeds=1", f"--output={tmp_path}"]
    done = run(*flags, command=[sys.executable, "-c", code])
    assert done.returncode == 1
    (line,) = said(done)
    assert package in line and "pip install 'tfgan_apps[serving]'" in line


@pytest.mark.parametrize(
    "flags, message",
    [
        (["--model=m", "--output=o"], "input must be given, or --text, --seeds or --set"),
        (["--output=o", "--seeds=1"], "--model"),
        (["--model=m", "--seeds=1"], "--output"),
        (["--model=m", "--output=o", "--seeds=1,x"], "numbers are expected"),
        (["--model=m", "--output=o", "--seeds=2147483648"], "seeds must be 32-bit integers"),
        (
            ["--model=m", "--output=o", "--version=1", "--label=a"],
            "label must be left out with --version",
        ),
        (["--model=m", "--output=o", "--protocol=http"], "protocol"),
        (["--model=m", "--output=o", "--set=label"], "set must be name=value, each name once"),
        (
            ["--model=m", "--output=o", "--set=label=a"],
            "set must be name=value",
        ),
        (["--model=m", "--output=o", "--set=a=1", "--set=a=2"], "set must be name=value"),
        (
            ["--model=m", "--output=o", "--reference=none.jpg"],
            "that is there. Received: set",
        ),
        (
            ["--model=m", "--output=README.md", "--seeds=1"],
            "output must be a folder",
        ),
        (["--model=m", "--output=o", "a.png"], "Flags begin with --. Received: a.png"),
    ],
)
def test_flags_that_make_no_sense_are_usage_errors(flags, message):
    done = call("client", *flags)
    assert done.returncode == 1
    assert message in done.stderr + done.stdout and "Traceback" not in done.stderr
