"""Trains LAPGAN on images; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.lapgan --flagfile=apps/flags/lapgan/quickstart.flags

MNIST's own files, in a folder:
  python -m apps.lapgan --flagfile=apps/flags/lapgan/mnist.flags --dataset=path/to/mnist

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import generated_images
from tfgan_apps.input_pipelines import image_set
from tfgan_apps.models import LAPGAN

APP = App(
    __name__,
    LAPGAN,
    image_set,
    generated_images.evaluation,
    monitor=generated_images.monitor,
)
run = APP.run

if __name__ == "__main__":
    run()
