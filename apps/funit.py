"""Trains FUNIT on images of many classes, to translate to others; samples, evaluates, exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.funit --flagfile=apps/flags/funit/quickstart.flags

Your own images, in a folder with a subfolder for each class, of which one is kept for later:
  python -m apps.funit --dataset=path/to/folder --unseen=lynx --run_dir=runs/mine

Then all pictures of a folder, as if they were of the class of two others:
  python -m apps.generate --run_dir=runs/mine --input=photos \\
      --set reference_bytes=@lynx1.jpg,@lynx2.jpg --output=translated

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line import class_names
from apps.command_line.app import App
from tfgan_apps.evaluations import few_shot
from tfgan_apps.input_pipelines import few_shot_images
from tfgan_apps.models import FUNIT

APP = App(
    __name__, FUNIT, few_shot_images, few_shot.evaluation, monitor="swd", build=class_names.build
)
run = APP.run

if __name__ == "__main__":
    run()
