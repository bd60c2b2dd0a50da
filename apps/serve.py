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
import os
import signal
import sys
import threading

from absl import app, flags

_BASE_PATH = flags.DEFINE_string(
    "model_base_path", "saved_models", "A directory with models.config, models, or versions."
)
_NAME = flags.DEFINE_string(
    "model_name", None, "Of the model, when --model_base_path holds versions; its directory's name."
)
_CONFIG_FILE = flags.DEFINE_string(
    "model_config_file", None, "A ModelServerConfig, to be served instead of --model_base_path."
)
_POLL = flags.DEFINE_float(
    "file_system_poll_wait_seconds", 1.0, "Between looks for new versions; 0: one look.", 0
)
_CONFIG_POLL = flags.DEFINE_float(
    "model_config_file_poll_wait_seconds", 1.0, "Before models.config is read again; 0: never.", 0
)
_PORT = flags.DEFINE_integer("port", 8500, "For gRPC; 0: any free one.", 0, 65535)
_REST_PORT = flags.DEFINE_integer("rest_api_port", 8501, "For REST; 0: any free one.", 0, 65535)
_HOST = flags.DEFINE_string(
    "host", "127.0.0.1", "Address to listen on; the default is this machine alone."
)
_MAX_REQUEST = flags.DEFINE_integer(
    "max_request_mb", 64, "Larger requests are refused (413, RESOURCE_EXHAUSTED).", 1, 2047
)
_MAX_QUEUE = flags.DEFINE_integer(
    "max_queue", 100, "Requests that may wait; more are refused (503, UNAVAILABLE).", 0
)
_THREADS = flags.DEFINE_integer(
    "threads", None, "Requests answered at a time; the number of cores.", 1
)
_DRAIN = flags.DEFINE_float("drain_seconds", 30.0, "How long requests may finish after SIGTERM.", 0)


def main(argv):
    """Serves until a signal comes, then ends the process; returns 1 when it cannot start."""
    if len(argv) > 1:
        raise app.UsageError(f"Flags begin with --. Received: {' '.join(argv[1:])}")
    try:
        # Imported late: --help need not load TensorFlow.
        from tfgan_apps.serving.server import local_server, model_configs
    except ModuleNotFoundError as error:
        return _fail(f"{error}. The server needs: pip install 'tfgan_apps[serving]'")
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")
    ended = _on_signals()
    try:
        server = _start(local_server, model_configs)
    except (local_server.PortError, model_configs.ConfigError) as error:
        return _fail(error)
    _say(
        f"gRPC at {server.address}:{server.grpc_port}, "
        f"REST at http://{server.address}:{server.rest_port}"
    )
    ended.wait()
    _say("draining")
    server.stop()
    os._exit(0)  # What was given up still computes, and would crash while the interpreter ends.


def _start(local_server, model_configs):
    if _CONFIG_FILE.value:
        configs = functools.partial(model_configs.read, _CONFIG_FILE.value)
    else:
        configs = model_configs.finder(_BASE_PATH.value, _NAME.value)
    server = local_server.LocalServer(
        configs,
        host=_HOST.value,
        port=_PORT.value,
        rest_api_port=_REST_PORT.value,
        max_request_bytes=_MAX_REQUEST.value << 20,
        threads=_THREADS.value,
        max_queue=_MAX_QUEUE.value,
        drain_seconds=_DRAIN.value,
        poll_seconds=_POLL.value,
        config_poll_seconds=_CONFIG_POLL.value,
        report=_say,
    )
    server.start()
    return server


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
    """Starts the app."""
    app.run(main)


if __name__ == "__main__":
    run()
