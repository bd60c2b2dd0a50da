"""Trains WGAN on images, or on points; samples, evaluates and exports it.

Quickstart on points of 8 Gaussians, minutes on a CPU and no download; its sheets show them and the
levels of their judge:
  python -m apps.wgan --flagfile=apps/flags/wgan/quickstart.flags

MNIST's own files, in a folder:
  python -m apps.wgan --flagfile=apps/flags/wgan/mnist.flags --dataset=path/to/mnist

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

import functools

from apps.command_line import points
from apps.command_line.app import App
from tfgan_apps.evaluations import generated_images
from tfgan_apps.input_pipelines import images_or_points
from tfgan_apps.models import WGAN

APP = App(
    __name__,
    WGAN,
    images_or_points,
    generated_images.evaluation,
    monitor=generated_images.monitor,
    build=functools.partial(points.build, judge="critic"),
)
run = APP.run

if __name__ == "__main__":
    run()
