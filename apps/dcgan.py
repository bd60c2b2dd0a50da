"""Trains DCGAN on images; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.dcgan --flagfile=apps/flags/dcgan/quickstart.flags

Your own images, in a folder:
  python -m apps.dcgan --dataset=path/to/folder --batch_size=128 --epochs=25 --run_dir=runs/mine

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import generated_images
from tfgan_apps.input_pipelines import image_set
from tfgan_apps.models import DCGAN

APP = App(
    __name__,
    DCGAN,
    image_set,
    generated_images.evaluation,
    monitor=generated_images.monitor,
)
run = APP.run

if __name__ == "__main__":
    run()
