"""Exports the model of a run as a SavedModel for TensorFlow Serving.

  python -m apps.export --run_dir=runs/quickstart
  python -m apps.export --run_dir=runs/quickstart --checkpoint=best \\
      --saved_model=saved_models/scenes

The run says what its model is: neither its flags nor its training data are needed. The version is
the next free one; it is refused when it does not give what the model gives.
"""

import os

from apps.command_line.start import start
from tfgan_apps.arguments import check_integers


def main(
    run_dir: str,
    checkpoint: str = "latest",
    saved_model: str | None = None,
    version: int | None = None,
    safe_mode: bool = True,
):
    """Exports, and prints where.

    Args:
        run_dir: directory of the run.
        checkpoint: of the run: latest, best (by its held-out metric), or a step.
        saved_model: export to <saved_model>/<version>; saved_models/<name of the run> if not given.
        version: of the export; the next free one if not given.
        safe_mode: refuse a run whose model holds a program, such as a SavedModel.
    """
    from tfgan_apps import quiet_tensorflow  # noqa: F401
    from tfgan_apps.run_directory import RunDirectory, which_checkpoint
    from tfgan_apps.serving.export import export_saved_model

    if version is not None:
        check_integers(1, version=version)
    name = os.path.basename(os.path.abspath(run_dir))
    base_path = saved_model or os.path.join("saved_models", name)
    model, step = RunDirectory(run_dir).load(which_checkpoint(checkpoint), safe_mode)
    path = export_saved_model(model.serving(), base_path, version)
    print(f"Step {step} of {run_dir} is exported to {path}")


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
