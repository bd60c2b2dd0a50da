"""S-FUNIT: shapes take the colour of a few images whose hue training has never seen.

Disks and squares of 32 pixels, of 16 hues, of which every fourth is not trained on. Networks of 16
filters, a code of 16 numbers, contents of 8 x 8 pixels, six blocks of the discriminator, batches of
8 at a rate of 3e-4, a moving average of 0.99, 300 steps. Of held-out shapes, with five references
of an unseen hue:

- `color_error`: mean difference of their colour from the references': at most 0.35, and less than
  that with one reference, `color_error_of_1`;
- `overlap`: of the shapes before and after, over both: at least 0.6.

    python -m tests.experiments.funit_hues
"""

import sys

import keras

from tests.experiments import toys
from tfgan_apps.evaluations import few_shot
from tfgan_apps.input_pipelines import few_shot_images
from tfgan_apps.models import FUNIT

COST = "minutes"
DATA = None
STEPS, BATCH, SIZE, TESTED = 300, 8, 32, 240
SIZES = {"image_size": SIZE, "generator_filters": 16, "latent_size": 16, "mlp_size": 128}
SIZES |= {"content_halvings": 2, "class_halvings": 3}
SIZES |= {"discriminator_filters": 16, "discriminator_blocks": 6, "average_decay": 0.99}


def experiment(seed):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    data = few_shot_images("hues", SIZE, load_size=SIZE, batch_size=BATCH, seed=seed)
    model = FUNIT(classes=len(data.classes), **SIZES, seed=seed)
    model = toys.fitted(model, data, STEPS, learning_rate=3e-4)
    found = few_shot.evaluation(model, data, TESTED)()
    gain = found["color_error_of_1"] - found["color_error"]
    names = "color_error", "color_error_of_1", "overlap", "diversity"
    return {name: found[name] for name in names} | {"gain of five": gain}


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    bounds = {"color_error": (None, 0.35), "gain of five": (0.0, None), "overlap": (0.6, None)}
    return toys.report("FUNIT: hues", "funit_hues", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
