"""Trains StarGAN on images of many domains; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.stargan --flagfile=apps/flags/stargan/quickstart.flags

Your own images, in a folder with a subfolder for each domain:
  python -m apps.stargan --dataset=path/to/folder --classes=3 --run_dir=runs/mine

CelebA, in a folder with list_attr_celeba.txt and the images:
  python -m apps.stargan --flagfile=apps/flags/stargan/celeba.flags --dataset=path/to/celeba

Then a sheet of pictures in some domains, or all of a folder brought to one:
  python -m apps.generate --run_dir=runs/mine --input=photos --labels=0,1,2
  python -m apps.generate --run_dir=runs/mine --input=photos --set label=1 --output=translated

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import domains
from tfgan_apps.input_pipelines import domain_images
from tfgan_apps.models import StarGAN


def build(made, data):
    """Returns the model of the flags, for the data's domains."""
    return made.system(class_names=data.classes, exclusive=data.exclusive)


APP = App(
    __name__, StarGAN, domain_images, domains.evaluation, monitor=domains.monitor, build=build
)
run = APP.run

if __name__ == "__main__":
    run()
