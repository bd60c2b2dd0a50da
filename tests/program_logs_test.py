"""A program sees of a run what a command shows."""

import logging as py_logging
import subprocess
import sys

import pytest
from absl import flags, logging

from tfgan_apps import program_logs


@pytest.fixture
def messages(caplog, monkeypatch):
    """Returns a function: verbosity -> what is seen of ours, and of TensorFlow's, in `shown`."""
    flags.FLAGS.unparse_flags()
    before = logging.get_verbosity()
    logger = logging.get_absl_logger()
    monkeypatch.setattr(logger, "propagate", True)

    def seen(verbosity):
        logging.set_verbosity(verbosity)
        caplog.clear()
        with program_logs.shown():
            for path in (program_logs.__file__, "/elsewhere/tensorflow/save.py"):
                for level in (py_logging.INFO, py_logging.WARNING):
                    record = logger.makeRecord("absl", level, path, 1, "%s", (level,), None)
                    if logger.isEnabledFor(level):
                        logger.handle(record)
        assert logging.get_verbosity() == verbosity
        return [(record.levelname, "elsewhere" in record.pathname) for record in caplog.records]

    yield seen
    logging.set_verbosity(before)


WARNINGS = [("WARNING", False), ("WARNING", True)]


def test_our_messages_are_shown_and_of_others_warnings(messages):
    assert messages(-1) == [("INFO", False), *WARNINGS]
    assert not logging.get_absl_logger().filters


def test_what_a_program_has_chosen_stays(messages):
    assert messages(logging.ERROR) == []
    assert messages(logging.INFO) == [("INFO", False), WARNINGS[0], ("INFO", True), WARNINGS[1]]


def test_a_command_has_its_own(messages):
    flags.FLAGS.mark_as_parsed()
    try:
        assert messages(-1) == WARNINGS
    finally:
        flags.FLAGS.unparse_flags()


def test_absl_puts_nothing_in_front():
    code = """
from absl import logging
from tfgan_apps import program_logs
with program_logs.shown():
    logging.info("of somebody else")
    logging.warning("careful")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "warning: careful\n"
