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
import threading

from apps.command_line.signature_flags import define
from apps.command_line.start import fail, start
from tfgan_apps.serving.server.server_options import ServerOptions


def main(made):
    """Serves until a signal comes, then ends the process."""
    options = made()
    try:
        limits, local_server, model_configs = _load()
    except ModuleNotFoundError as error:
        fail(f"{error}. The server needs: pip install 'tfgan_apps[serving]'")
    ended = _on_signals()
    file, base = options.model_config_file, options.model_base_path
    try:
        read = functools.partial(model_configs.read, file)
        server = local_server.LocalServer(
            read if file else model_configs.finder(base, options.model_name),
            host=options.host,
            port=options.port,
            rest_api_port=options.rest_api_port,
            max_request_bytes=options.max_request_mb << 20,
            threads=options.threads,
            max_queue=options.max_queue,
            limits=limits.Limits(options.max_batch, options.max_pixels, options.max_answer),
            allow_origin=options.allow_origin or (),
            drain_seconds=options.drain_seconds,
            poll_seconds=options.file_system_poll_wait_seconds,
            config_poll_seconds=options.model_config_file_poll_wait_seconds,
            report=_say,
        )
        server.start()
    except (local_server.PortError, model_configs.ConfigError) as error:
        fail(error)
    _serve(server, ended)


def _load():
    """Returns the server's modules; late, for --help need not load TensorFlow."""
    from tfgan_apps import quiet_tensorflow  # noqa: F401
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


def run():
    """Starts the command."""
    start(__name__, main, functools.partial(define, ServerOptions))


if __name__ == "__main__":
    run()
