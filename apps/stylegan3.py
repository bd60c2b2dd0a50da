"""Trains StyleGAN3 on images, with or without classes; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.stylegan3 --flagfile=apps/flags/stylegan3/quickstart.flags

Your own images, a few thousand of them in a folder:
  python -m apps.stylegan3 --dataset=path/to/folder --image_size=128 --mirror --augment=bgc \\
    --batch_size=16 --epochs=1000 --run_dir=runs/mine

A sheet of what a run draws, on the way from each seed to the next one:
  python -m apps.generate --run_dir=runs/stylegan3_quickstart --seeds=1,2,3 --interpolate

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line import class_names
from apps.command_line.app import App
from tfgan_apps.evaluations import generated_images
from tfgan_apps.input_pipelines import images_perhaps_labelled
from tfgan_apps.models import StyleGAN3

APP = App(
    __name__,
    StyleGAN3,
    images_perhaps_labelled,
    generated_images.evaluation,
    monitor=generated_images.monitor,
    build=class_names.build,
)
run = APP.run

if __name__ == "__main__":
    run()
