"""Trains UNIT on two sets of images without pairs; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.unit --flagfile=apps/flags/unit/quickstart.flags

Your own images, in a folder with trainA trainB testA testB:
  python -m apps.unit --flagfile=apps/flags/unit/summer2winter.flags \\
      --dataset=path/to/folder --run_dir=runs/mine --saved_model=saved_models/mine

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import translation
from tfgan_apps.input_pipelines import unpaired_images
from tfgan_apps.models import UNIT

APP = App(
    __name__,
    UNIT,
    unpaired_images,
    translation.evaluation,
    monitor=translation.monitor,
    compared={"identity": translation.IDENTITY},
    free=("vgg_weights",),
)
run = APP.run

if __name__ == "__main__":
    run()
