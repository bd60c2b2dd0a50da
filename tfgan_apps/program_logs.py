"""Which log messages a person sees: those of this package, and warnings of others."""

import contextlib
import logging as py_logging
import os

from absl import flags, logging

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_OURS = tuple(os.path.join(_ROOT, name, "") for name in ("apps", "tfgan_apps"))
_NOT_SET = -1  # absl's verbosity until a command starts, or somebody sets it: warnings


def of_interest(record):
    """Keeps our own messages, and of TensorFlow and TFDS what is at least a warning.

    Args:
        record: `logging.LogRecord`.
    """
    ours = os.path.abspath(record.pathname).startswith(_OURS)
    return ours or record.levelno >= py_logging.WARNING


class Plain(py_logging.Formatter):
    """Messages as a person reads them: without time, process and place; warnings say so."""

    def format(self, record):
        text = super().format(record)
        return f"warning: {text}" if record.levelno >= py_logging.WARNING else text


@contextlib.contextmanager
def shown():
    """In the `with` block a program shows the messages that a command does, unless it says which.

    A command has parsed absl's flags, and a program may have set absl's verbosity.
    """
    if flags.FLAGS.is_parsed() or logging.get_verbosity() != _NOT_SET:
        yield
        return
    logger, handler = logging.get_absl_logger(), logging.get_absl_handler().python_handler
    logging.set_verbosity(logging.INFO)
    logger.addFilter(of_interest)
    before = handler.formatter
    handler.setFormatter(Plain())
    try:
        with contextlib.nullcontext() if py_logging.root.handlers else _plain_handler(logger):
            yield
    finally:
        handler.setFormatter(before)
        logger.removeFilter(of_interest)
        logging.set_verbosity(_NOT_SET)


@contextlib.contextmanager
def _plain_handler(logger):
    """Writes by a handler of its own what Python's, which absl would take, prefixes."""
    handler = py_logging.StreamHandler()
    handler.setFormatter(Plain())
    logger.addHandler(handler)
    before, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.propagate = before
        logger.removeHandler(handler)
