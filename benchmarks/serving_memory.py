"""Measures the memory that `apps.serve` takes, at its default limits, for the costliest JSON found.

    python -m benchmarks.serving_memory

The server is a process of its own; each body is sent once, and refused when it has been read.
"""

import http.client
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import tensorflow as tf

VALUES = 4 << 22  # that the default of --max_pixels lets pass
BODIES = {
    "empty lists": b"[],",
    "lists of one number": b"[1],",
    "lists of one list": b"[[]],",
}


def main():
    """Prints a line for each kind of body: its size, the peak, what stays."""
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(_doubling(), f"{folder}/doubling/1")
        for name, part in BODIES.items():
            counted = part.count(b"[") + part.count(b",")
            body = b'{"inputs": [' + (VALUES // counted - 10) * part + b"0]}"
            _measure(name, body, folder)


def _doubling():
    module = tf.Module()
    module.double = tf.function(
        lambda x: {"y": 2 * x}, input_signature=[tf.TensorSpec([None], name="x")]
    )
    return module


def _measure(name, body, base_path):
    words = [f"--model_base_path={base_path}", "--port=0", "--rest_api_port=0"]
    command = [sys.executable, "-m", "apps.serve", *words]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        port = next(int(line.rsplit(":")[-1]) for line in server.stdout if "REST at" in line)
        before = _memory(server, "VmRSS")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        connection.request("POST", "/v1/models/doubling:predict", body)
        status = connection.getresponse().status
        connection.close()
        time.sleep(3)  # freed memory goes back after one
        peak, after = _memory(server, "VmHWM") - before, _memory(server, "VmRSS") - before
        sent, peak, after = (f"{size / 1e6:.0f} MB" for size in (len(body), peak, after))
        print(f"{name}: {sent}, status {status}, at the peak {peak} more, {after} stay", flush=True)
        server.terminate()


def _memory(server, which):
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(rf"{which}:\s+(\d+) kB", status)[1]) << 10


if __name__ == "__main__":
    main()
