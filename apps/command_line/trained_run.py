"""The model of a run directory, for apps that take one: its `flags.txt` says what it is."""

import importlib
import os
import sys

from absl import app, flags

from apps.command_line import run_flags
from tfgan_apps import training
from tfgan_apps.checkpoints import Checkpoints

CHECKPOINT = flags.DEFINE_string(
    "checkpoint", "latest", "Of the run: latest, best (by its held-out metric), or a step."
)


def parse_flags(argv):
    """Parses the flags of a run, then those of the command line, which win.

    Args:
        argv: the command line, with a --run_dir that holds a `flags.txt`.

    Returns:
        The words that are left, as absl's own parser does.
    """
    own = flags.FlagValues()
    flags.DEFINE_string("run_dir", None, "", flag_values=own)
    own(argv, known_only=True)
    if own.run_dir is None:
        return app.parse_flags_with_usage(argv)  # which says that it is missing, or shows the help
    path = os.path.join(own.run_dir, "flags.txt")
    try:
        importlib.import_module(_app_of(path))
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    return app.parse_flags_with_usage([argv[0], f"--flagfile={path}", *argv[1:]])


def load_model():
    """Returns the model of the flags with the weights of the checkpoint, and that one's step."""
    run_dir = run_flags.RUN_DIR.value
    system = sys.modules[_app_of(os.path.join(run_dir, "flags.txt"))]
    options = run_flags.options(system.__name__)
    training.check_settings(options)
    # Only the learning rate depends on the steps, and nothing is trained.
    model = training.build(lambda: system.build_model(steps_per_epoch=1), options)
    if hasattr(model, "vocabulary"):
        training.check_vocabulary(model.vocabulary, options)
    if hasattr(model, "encoder"):
        training.check_encoder(model.encoder, options)
    which = int(CHECKPOINT.value) if CHECKPOINT.value.isdecimal() else CHECKPOINT.value
    return model, Checkpoints(options.path("checkpoints")).load(model, which)


def _app_of(path):
    """Returns the module of the app that wrote a `flags.txt`."""
    try:
        with open(path) as file:
            first = file.readline().strip()
    except OSError as error:
        raise ValueError(
            f"run_dir must be the directory of a run, with its flags.txt. Received: {error}"
        ) from error
    module = first.removeprefix(run_flags.COMMAND)
    if module == first or importlib.util.find_spec(module) is None:
        raise ValueError(
            f"{path} must begin with a line '{run_flags.COMMAND}<app>'. Received: {first!r}"
        )
    return module
