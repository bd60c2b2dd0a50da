"""Trains PGGAN on images, from few pixels to many; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.pggan --flagfile=apps/flags/pggan/quickstart.flags

Your own images, in a folder; 300,000 images for each level, and as many while it comes in:
  python -m apps.pggan --dataset=path/to/folder --image_size=128 --stable_kimg=300 \\
    --fade_kimg=300 --batch_size=16 --epochs=600 --run_dir=runs/mine

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import generated_images
from tfgan_apps.input_pipelines import image_set
from tfgan_apps.models import PGGAN

APP = App(
    __name__,
    PGGAN,
    image_set,
    generated_images.evaluation,
    monitor=generated_images.monitor,
)
run = APP.run

if __name__ == "__main__":
    run()
