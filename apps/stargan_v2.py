"""Trains StarGAN v2 on images of many domains; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.stargan_v2 --flagfile=apps/flags/stargan_v2/quickstart.flags

Your own images, in a folder with a subfolder for each domain:
  python -m apps.stargan_v2 --flagfile=apps/flags/stargan_v2/afhq.flags \\
      --dataset=path/to/folder --classes=3 --run_dir=runs/mine --saved_model=saved_models/mine

A picture is brought to a domain, in styles of seeds or in the style of a picture of it:
  python -m apps.generate --run_dir=runs/mine --input=photos --seeds=1,2,3 --set label=1
  python -m apps.generate --run_dir=runs/mine --input=photos --signature=reference \\
      --set reference_bytes=@cat.jpg --set label=1 --output=styled

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line import class_names
from apps.command_line.app import App
from tfgan_apps.evaluations import styled_domains
from tfgan_apps.input_pipelines import referenced_images
from tfgan_apps.models import StarGANv2

APP = App(
    __name__,
    StarGANv2,
    referenced_images,
    styled_domains.evaluation,
    monitor="swd",
    build=class_names.build,
)
run = APP.run

if __name__ == "__main__":
    run()
