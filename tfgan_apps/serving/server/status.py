"""What a client is told when a request fails: a canonical code and a message."""

import re
import traceback

import grpc
import tensorflow as tf
from absl import logging

from tfgan_apps.serving.messages import plain

_CODES = {code.value[0]: code for code in grpc.StatusCode}
_DIRECTORIES = re.compile(r"(?<![\w.~/-])/(?=[^\s/])(?:[^\s/'\",;()]+/)*")
_LINE = 1000  # characters of a line in the log, where names and values may come from clients


class StatusError(Exception):
    """A request's failure, as the client sees it.

    Args:
        code: `grpc.StatusCode`.
        message: str, TF Serving's own text where it has one.
    """

    def __init__(self, code, message):
        super().__init__(f"{code.name}: {message}")
        self.code = code
        self.message = message


def invalid(message):
    """Returns the `StatusError` of a request that is wrong."""
    return StatusError(grpc.StatusCode.INVALID_ARGUMENT, message)


def as_status(error):
    """Returns the `StatusError` that tells what an exception means to a client.

    Args:
        error: an exception, such as a `tf.errors.OpError`, whose code is kept, and its message
            without names of nodes.
    """
    if isinstance(error, StatusError):
        return error
    if isinstance(error, tf.errors.OpError):
        # Session.run wraps what the runtime said in a stack trace of Python's; a server has none.
        said = error.__context__ if isinstance(error.__context__, tf.errors.OpError) else error
        code = _CODES.get(error.error_code, grpc.StatusCode.UNKNOWN)
        return StatusError(code, without_directories(plain(said.message)))
    lines = "".join(traceback.format_exception(error)).splitlines()
    logging.error("An error of the server itself:\n%s", "\n".join(map(log_line, lines)))
    return StatusError(
        grpc.StatusCode.INTERNAL,
        f"An error of the server itself, of which its log tells more: {type(error).__name__}",
    )


def shortened(message, limit):
    """Returns a message as TF Serving shortens those that it sends over gRPC."""
    return message if len(message) <= limit else message[:limit] + "...TRUNCATED"


def log_line(text):
    """Returns a text as one line of bounded length, whatever a client has written into it."""
    return "".join(c if c.isprintable() else " " for c in shortened(text, _LINE))


def without_directories(message):
    """Returns a message for clients, who need not know where the files of this machine are."""
    return _DIRECTORIES.sub(".../", message)
