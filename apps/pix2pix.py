"""Trains pix2pix on pairs of images; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.pix2pix --flagfile=apps/flags/pix2pix/quickstart.flags

Your own pairs, in a folder of images with A in the left and B in the right half, or in folders
trainA and trainB (testA and testB) with images of equal names:
  python -m apps.pix2pix --dataset=path/to/folder --image_size=256 --run_dir=runs/mine

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import pairs
from tfgan_apps.input_pipelines import paired_images
from tfgan_apps.models import Pix2Pix

APP = App(__name__, Pix2Pix, paired_images, pairs.evaluation, monitor=pairs.monitor)
run = APP.run

if __name__ == "__main__":
    run()
