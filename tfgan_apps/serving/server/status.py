"""What a client is told when a request fails: a canonical code and a message."""

import grpc
import tensorflow as tf
from absl import logging

_CODES = {code.value[0]: code for code in grpc.StatusCode}


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
        error: an exception, such as a `tf.errors.OpError`, whose code and message are kept.
    """
    if isinstance(error, StatusError):
        return error
    if isinstance(error, tf.errors.OpError):
        # Session.run wraps what the runtime said in a stack trace of Python's; a server has none.
        said = error.__context__ if isinstance(error.__context__, tf.errors.OpError) else error
        return StatusError(_CODES.get(error.error_code, grpc.StatusCode.UNKNOWN), said.message)
    logging.error("An error of the server itself:", exc_info=error)
    return StatusError(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")
