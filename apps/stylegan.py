"""Trains StyleGAN on images, from few pixels to many; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.stylegan --flagfile=apps/flags/stylegan/quickstart.flags

Your own images, in a folder:
  python -m apps.stylegan --dataset=path/to/folder --image_size=128 --stable_kimg=300 \\
    --fade_kimg=300 --batch_size=16 --epochs=600 --run_dir=runs/mine

A sheet of what a run draws, on the way from each seed to the next one:
  python -m apps.generate --run_dir=runs/stylegan_quickstart --seeds=1,2,3 --interpolate

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import generated_images
from tfgan_apps.input_pipelines import image_set
from tfgan_apps.models import StyleGAN

APP = App(
    __name__,
    StyleGAN,
    image_set,
    generated_images.evaluation,
    monitor=generated_images.monitor,
)
run = APP.run

if __name__ == "__main__":
    run()
