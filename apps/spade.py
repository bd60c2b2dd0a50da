"""Trains SPADE on masks and their images; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.spade --flagfile=apps/flags/spade/quickstart.flags

Your own masks, PNG of label numbers in train_label, with images of the same names in train_img (and
test_label, test_img), of 20 labels:
  python -m apps.spade --dataset=path/to/folder --classes=20 --noinstances --run_dir=runs/mine

The perceptual loss needs VGG19's weights, a local file; --vgg_weight=0 goes without. Which images a
mask becomes may be told by others, styles: --latent_size=256.

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

from apps.command_line.app import App
from tfgan_apps.evaluations import pairs
from tfgan_apps.input_pipelines import masked_images
from tfgan_apps.models import SPADE


def build(made, data):
    """Returns the model of the flags, which is served files as the data's."""
    return made.system(colors=data.labelling.colors)


APP = App(
    __name__,
    SPADE,
    masked_images,
    pairs.evaluation,
    monitor=pairs.monitor,
    build=build,
    free=("vgg_weights",),
)
run = APP.run

if __name__ == "__main__":
    run()
