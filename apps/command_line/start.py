"""start: how every command begins and ends: flags, messages, exit codes."""

import logging as py_logging
import os
import signal
import sys

from absl import app, flags, logging

from apps.command_line import signature_flags
from tfgan_apps import program_logs


def start(name, main, define=None, argv=None):
    """Runs a command; a mistake of the user is one message, without a traceback.

    Flags are defined now, not at import: commands can be imported, and run, in one process.

    Args:
        name: `__name__` of the command's module, whose docstring is the usage.
        main: function of what `define` returns; its own arguments are flags if `define` is None.
        define: function without arguments that defines flags. Defaults to the arguments of `main`.
        argv: list of str, the command line. Defaults to the process's.

    Raises:
        SystemExit: at the end, with what `main` returns.
    """
    sys.modules["__main__"].__doc__ = sys.modules[name].__doc__  # what absl shows with --help
    app.define_help_flags()
    before = set(flags.FLAGS)
    try:
        made = define() if define else signature_flags.define(main)
        app.run(lambda rest: _guarded(rest, main, made, bool(define)), argv)
    except ValueError as error:
        fail(error)
    except KeyboardInterrupt:
        fail("interrupted", 128 + signal.SIGINT)
    except BrokenPipeError:  # as of `--help | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
    finally:
        for flag in set(flags.FLAGS) - before:
            delattr(flags.FLAGS, flag)
        flags.FLAGS.unparse_flags()


def module_name(name):
    """Returns the name to import a command by, which `python -m` calls `__main__`."""
    spec = sys.modules[name].__spec__
    return spec.name if spec else name


def _guarded(argv, main, made, given):
    logging.get_absl_handler().addFilter(program_logs.of_interest)
    logging.get_absl_handler().setFormatter(program_logs.Plain())
    py_logging.getLogger("tensorflow").setLevel("WARNING")  # it has a handler of its own, too
    if len(argv) > 1:
        raise app.UsageError(f"Flags begin with --. Received: {' '.join(argv[1:])}")
    try:
        return main(made) if given else made()
    except KeyboardInterrupt:
        fail("interrupted", 128 + signal.SIGINT)
    except Exception as error:
        if not isinstance(error, mendable()):
            raise
        logging.debug("raised here:", exc_info=True)  # shown with --verbosity=1
        fail(error)


def fail(message, code=1):
    """Ends the process with one line about why.

    Args:
        message: str, or an error.
        code: int, exit status. Defaults to `1`.

    Raises:
        SystemExit: always.
    """
    print(f"error: {message}", file=sys.stderr)
    sys.exit(code)


def mendable():
    """Returns the types of errors whose message is all that a user needs."""
    found = [ValueError, ModuleNotFoundError]
    # Only what is loaded can have been raised: --help needs no TensorFlow.
    for module, name in (
        ("tfgan_apps.input_pipelines.errors", "DataError"),
        ("tfgan_apps.run_directory", "RunDirectoryError"),
        ("tfgan_apps.checkpoints", "CheckpointError"),
        ("tfgan_apps.peers", "PeersError"),
        ("tfgan_apps.serving.export.saved_model", "ExportError"),
        ("tfgan_apps.serving.client.errors", "ServingError"),
        ("tfgan_apps.non_finite", "NonFiniteError"),
    ):
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)
