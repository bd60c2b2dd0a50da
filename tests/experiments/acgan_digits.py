"""S-ACGAN: on scikit-learn's digits of 8 x 8 pixels, images are of the class that was asked for.

Perceptrons of two layers of 256, 2,000 steps of 64. A support vector machine that has learned the
digits is to see the class in 90 percent of the images; images of a class are to vary 0.5 times as
much as real ones. Without the losses of classes the generator is to ignore them: `without` is the
accuracy, at most 0.25.

    python -m tests.experiments.acgan_digits
"""

import sys

import keras

from tests.experiments import toys
from tfgan_apps.models import ACGAN

COST = "minutes"
DATA = None
STEPS = 2000


def experiment(seed, class_weight=1.0):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    data = toys.digits(seed, STEPS, with_labels=True)
    judge = toys.discriminator({"source": 1, "class": toys.CLASSES})
    given = {"generator": toys.generator("label"), "discriminator": judge}
    numbers = {"image_size": 8, "channels": 1, "latent_size": toys.LATENTS, "seed": seed}
    model = ACGAN(**numbers, class_weight=class_weight, **given)
    toys.fitted(model, data, STEPS, **toys.adams())
    return toys.class_readings(model)


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    without = experiment(0, class_weight=0.0)["accuracy"]
    rows["seed 0, classes without a loss"] = {"without": without}
    bounds = {"accuracy": (0.9, None), "diversity": (0.5, None), "without": (None, 0.25)}
    return toys.report("ACGAN: digits of 8 x 8 pixels", "acgan_digits", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
