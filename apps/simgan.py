"""Trains SimGAN to make simulated images look real; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.simgan --flagfile=apps/flags/simgan/quickstart.flags

Your own images, in a folder with the subfolders simulated and real:
  python -m apps.simgan --dataset=path/to/folder --image_size=35,55 --batch_size=512 \\
      --run_dir=runs/mine
  python -m apps.generate --run_dir=runs/mine --input=path/to/folder/simulated --output=refined

The refined pictures have the names of the simulated ones, and their labels are put beside them.
The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import refinement
from tfgan_apps.input_pipelines import simulated_images
from tfgan_apps.models import SimGAN

APP = App(
    __name__,
    SimGAN,
    simulated_images,
    refinement.evaluation,
    monitor=refinement.monitor,
    compared={"simulated": refinement.as_they_came},
)
run = APP.run

if __name__ == "__main__":
    run()
