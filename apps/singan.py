"""Trains SinGAN on one picture; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.singan --flagfile=apps/flags/singan/quickstart.flags

Your own picture; the paper's numbers take hours on a CPU, smaller ones a part of that:
  python -m apps.singan --dataset=photo.jpg --max_size=128 --scale_steps=500 --run_dir=runs/photo

Samples of any size, edits, animations and more of a run: python -m apps.manipulate --help

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import single_image
from tfgan_apps.input_pipelines import one_image
from tfgan_apps.models import SinGAN


def build(made, data):
    """Returns the model of the flags, for the size of the picture."""
    return made.system(image_size=data.image_size, scales=data.scales)


def prepare(job):
    """Gives the run an epoch for each scale."""
    return APP.of_epochs(job, job.data.scales, "one for each scale")


APP = App(
    __name__,
    SinGAN,
    one_image,
    single_image.evaluation,
    build=build,
    prepare=prepare,
)
run = APP.run

if __name__ == "__main__":
    run()
