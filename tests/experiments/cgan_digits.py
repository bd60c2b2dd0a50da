"""S-CGAN: on scikit-learn's digits of 8 x 8 pixels, images are of the class that was asked for.

Perceptrons of two layers of 256, 2,000 steps of 64. A support vector machine that has learned the
digits is to see the class in 90 percent of the images, and in at most 20 percent that of shuffled
labels; images of a class are to vary 0.6 times as much as real ones.

    python -m tests.experiments.cgan_digits
"""

import sys

import keras

from tests.experiments import toys
from tfgan_apps import noise
from tfgan_apps.models import CGAN

COST = "minutes"
DATA = None
STEPS = 2000


def experiment(seed):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    data = toys.digits(seed, STEPS, with_labels=True)
    judge = toys.discriminator(with_label=True)
    given = {"generator": toys.generator("label"), "discriminator": judge}
    model = CGAN(image_size=8, latent_size=toys.LATENTS, seed=seed, **given)
    model.noise = noise.DISTRIBUTIONS["normal"]  # in place of the authors'
    toys.fitted(model, data, STEPS, **toys.adams())
    return toys.class_readings(model)


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    bounds = {"accuracy": (0.9, None), "of other labels": (None, 0.2), "diversity": (0.6, None)}
    return toys.report("CGAN: digits of 8 x 8 pixels", "cgan_digits", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
