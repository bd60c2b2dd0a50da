"""Trains DiscoGAN on two sets of images without pairs; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.discogan --flagfile=apps/flags/discogan/quickstart.flags

Your own images, in a folder with trainA trainB testA testB:
  python -m apps.discogan --dataset=path/to/folder --batch_size=64 --run_dir=runs/mine

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import translation
from tfgan_apps.input_pipelines import unpaired_images
from tfgan_apps.models import DiscoGAN

APP = App(
    __name__,
    DiscoGAN,
    unpaired_images,
    translation.evaluation,
    monitor=translation.monitor,
    compared={"identity": translation.IDENTITY},
)
run = APP.run

if __name__ == "__main__":
    run()
