"""Serves exported models on this machine over TF Serving's gRPC and REST APIs, for development.

New versions are picked up and old ones drained while it runs. SIGTERM and Ctrl-C let the requests
that are being answered finish; a second one ends it at once. For everything else than development
there is tensorflow_model_server, which reads the same directories (docs/serving.md).

Example:
  python -m apps.serve --model_base_path=saved_models
  python -m apps.serve --model_config_file=/models/models.config --port=9000 --rest_api_port=9001

The directory holds models.config, or models (directories with versions), or versions of one model.
"""

import functools
import gc
import os
import signal
import sys
import threading

from apps.command_line.start import start
from tfgan_apps.arguments import check, check_integers, check_numbers


def main(
    model_base_path: str = "saved_models",
    model_name: str | None = None,
    model_config_file: str | None = None,
    file_system_poll_wait_seconds: float = 1.0,
    model_config_file_poll_wait_seconds: float = 1.0,
    port: int = 8500,
    rest_api_port: int = 8501,
    host: str = "127.0.0.1",
    max_request_mb: int = 64,
    max_batch: int = 64,
    max_pixels: int = 1 << 24,
    max_answer: int = 64 << 20,
    allow_origin: list[str] | None = None,
    max_queue: int = 100,
    threads: int | None = None,
    drain_seconds: float = 30.0,
):
    """Serves until a signal comes, then ends the process; returns 1 when it cannot start.

    Args:
        model_base_path: a directory with models.config, models, or versions.
        model_name: of the model, when the base path holds versions; its directory's name if not
            given.
        model_config_file: a ModelServerConfig, to be served instead of the base path.
        file_system_poll_wait_seconds: between looks for new versions; 0: one look.
        model_config_file_poll_wait_seconds: before models.config is read again; 0: never.
        port: for gRPC; 0: any free one.
        rest_api_port: for REST; 0: any free one.
        host: address to listen on; the default is this machine alone.
        max_request_mb: larger requests are refused (413, RESOURCE_EXHAUSTED).
        max_batch: rows of a request; more are refused (400, INVALID_ARGUMENT), before they are
            made arrays.
        max_pixels: of all pictures of a request together, as their headers tell; a number of an
            array, or a byte of a text, counts as one. More are refused (400, INVALID_ARGUMENT),
            before they are decoded.
        max_answer: bytes; larger answers are refused (400, INVALID_ARGUMENT), before they are
            written.
        allow_origin: of web pages that may ask over REST, such as http://localhost:3000; may be
            given several times. Pages of other origins are refused (403), as are other names than
            localhost and the host, unless that is an address of the network.
        max_queue: requests that may wait, of gRPC and of REST each; more are refused (503,
            UNAVAILABLE).
        threads: requests answered at a time; the number of cores if not given.
        drain_seconds: how long requests may finish after SIGTERM.
    """
    polls = file_system_poll_wait_seconds, model_config_file_poll_wait_seconds
    _check(polls, {"port": port, "rest_api_port": rest_api_port}, max_request_mb, threads)
    _check_limits(max_batch, max_pixels, max_answer)
    check_integers(0, max_queue=max_queue)
    check_numbers(0, drain_seconds=drain_seconds)
    try:
        limits, local_server, model_configs = _load()
    except ModuleNotFoundError as error:
        return _fail(f"{error}. The server needs: pip install 'tfgan_apps[serving]'")
    ended = _on_signals()
    try:
        read = functools.partial(model_configs.read, model_config_file)
        server = local_server.LocalServer(
            read if model_config_file else model_configs.finder(model_base_path, model_name),
            host=host,
            port=port,
            rest_api_port=rest_api_port,
            max_request_bytes=max_request_mb << 20,
            threads=threads,
            max_queue=max_queue,
            limits=limits.Limits(max_batch, max_pixels, max_answer),
            allow_origin=allow_origin or (),
            drain_seconds=drain_seconds,
            poll_seconds=polls[0],
            config_poll_seconds=polls[1],
            report=_say,
        )
        server.start()
    except (local_server.PortError, model_configs.ConfigError) as error:
        return _fail(error)
    _serve(server, ended)


def _load():
    """Returns the server's modules; late, for --help need not load TensorFlow."""
    from apps.command_line import quiet_tensorflow  # noqa: F401
    from tfgan_apps.serving.server import limits, local_server, model_configs

    gc.freeze()  # What is there for good is not searched for garbage while JSON is read.
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")
    return limits, local_server, model_configs


def _serve(server, ended):
    """Ends the process, once an event has been set."""
    _say(
        f"gRPC at {server.address}:{server.grpc_port}, "
        f"REST at http://{server.address}:{server.rest_port}"
    )
    while not ended.wait(1):  # a signal that another thread takes does not wake this one
        pass
    _say("draining")
    server.stop()
    os._exit(0)  # What was given up still computes, and would crash while the interpreter ends.


def _check(polls, ports, max_request_mb, threads):
    names = ("file_system_poll_wait_seconds", "model_config_file_poll_wait_seconds")
    check_numbers(0, **dict(zip(names, polls, strict=True)))
    for name, port in ports.items():
        check(port in range(65536), "0 to 65535", **{name: port})
    check(max_request_mb in range(1, 2048), "1 to 2047", max_request_mb=max_request_mb)
    check(threads is None or threads >= 1, ">= 1", threads=threads)


def _check_limits(max_batch, max_pixels, max_answer):
    check_integers(1, max_batch=max_batch, max_pixels=max_pixels)
    check(max_answer in range(1, 1 << 31), "1 to 2147483647", max_answer=max_answer)


def _on_signals():
    """Returns the event that SIGTERM or SIGINT sets; a second signal ends the process."""
    ended = threading.Event()

    def end(number, frame):
        signal.signal(number, signal.SIG_DFL)
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return ended


def _say(line):
    print(line, flush=True)


def _fail(message):
    print(f"error: {message}", file=sys.stderr)
    return 1


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
