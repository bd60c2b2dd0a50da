"""Trains DRIT on two sets of images without pairs; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.drit --flagfile=apps/flags/drit/quickstart.flags

Your own images, in a folder with trainA trainB testA testB:
  python -m apps.drit --flagfile=apps/flags/drit/yosemite.flags \\
      --dataset=path/to/folder --run_dir=runs/mine --saved_model=saved_models/mine

A picture becomes many, by seeds, or one in the style of another picture:
  python -m apps.generate --run_dir=runs/mine --input=photos --seeds=1,2,3
  python -m apps.generate --run_dir=runs/mine --input=photos --signature=reference \\
      --set reference_bytes=@style.jpg --output=styled

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import styled_translation
from tfgan_apps.input_pipelines import unpaired_images
from tfgan_apps.models import DRIT

APP = App(__name__, DRIT, unpaired_images, styled_translation.evaluation, monitor="swd")
run = APP.run

if __name__ == "__main__":
    run()
