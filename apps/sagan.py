"""Trains SAGAN on images and their classes; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.sagan --flagfile=apps/flags/sagan/quickstart.flags

ImageNet, in a folder with a subfolder for each class:
  python -m apps.sagan --flagfile=apps/flags/sagan/imagenet.flags --dataset=path/to/folder

Your own images, in such a folder:
  python -m apps.sagan --dataset=path/to/folder --classes=5 --run_dir=runs/mine

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line import class_names
from apps.command_line.app import App
from tfgan_apps.evaluations import generated_images
from tfgan_apps.input_pipelines import labelled_images
from tfgan_apps.models import SAGAN

APP = App(
    __name__,
    SAGAN,
    labelled_images,
    generated_images.evaluation,
    monitor=generated_images.monitor,
    build=class_names.build,
)
run = APP.run

if __name__ == "__main__":
    run()
