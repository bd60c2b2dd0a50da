"""Exports the model of a run as a SavedModel for TensorFlow Serving.

  python -m apps.export --run_dir=runs/quickstart
  python -m apps.export --run_dir=runs/quickstart --checkpoint=best \\
      --saved_model=saved_models/scenes

The run's flags.txt says what the model is, so that no other flag is needed. The version is the next
free one; it is refused when it does not give what the model gives.
"""

import os

from absl import app, flags

from apps.command_line import run_flags, trained_run
from tfgan_apps.serving import export

flags.declare_key_flag("run_dir")
flags.declare_key_flag("saved_model")
flags.adopt_module_key_flags(trained_run)
VERSION = flags.DEFINE_integer("version", None, "Of the export; the next free one if unset.", 1)


def main(argv):
    """Exports, and prints where."""
    if len(argv) > 1:
        raise app.UsageError(f"flags are expected, not words. Received: {argv[1:]}")
    name = os.path.basename(os.path.abspath(run_flags.RUN_DIR.value))
    base_path = run_flags.SAVED_MODEL.value or os.path.join("saved_models", name)
    model, step = trained_run.load_model()
    path = export.export_saved_model(model.serving(), base_path, VERSION.value)
    print(f"Step {step} of {run_flags.RUN_DIR.value} is exported to {path}")


def run():
    """Starts the app."""
    run_flags.start(main, trained_run.parse_flags)


if __name__ == "__main__":
    run()
