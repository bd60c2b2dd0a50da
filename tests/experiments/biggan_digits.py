"""S-Big-4: on digits of 8 x 8 pixels, truncation gives variety for quality.

BigGAN of 64 filters and less, an embedding of 16, 3 parts of 8 of the noise, attention at 4 x 4,
1,100 rounds of 2 moves of the discriminator and one of the generator, batches of 64. A support
vector machine that has learned the digits is to see the class in 90 percent of the images without
truncation. Images of latents that stay within 1 and within 0.1 are to vary at most 0.95 and 0.4
times as much inside a class (`within 1`, `within 0.1`); within 0.5 they are to be nearer to real
ones, by the mean distance to the nearest (`nearer`, above 0). The digits are scikit-learn's.

    python -m tests.experiments.biggan_digits
"""

import sys

import keras
import numpy as np
import tensorflow as tf

from tests.experiments import toys
from tfgan_apps.models import BigGAN
from tfgan_apps.networks import biggan
from tfgan_apps.serving.kinds import served_model

COST = "minutes"
DATA = None
ROUNDS, LATENTS, ATTENTION, TRUNCATIONS = 1100, 24, 4, (0.1, 0.5, 1.0)


def experiment(seed):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    data = toys.digits(seed, 2 * ROUNDS, with_labels=True)
    size, told = (1, toys.CLASSES), {"attention": ATTENTION, "truncations": TRUNCATIONS}
    made = (64, 32, 16), *size, LATENTS, 16
    given = {
        "generator": biggan.build_generator(*made, first_size=2, **told),
        "discriminator": biggan.build_discriminator((16, 32, 32), 8, *size, 2, ATTENTION),
    }
    numbers = {"image_size": 8, "channels": 1, "classes": toys.CLASSES, "standing_batch_size": 128}
    average = {"average_decay": 0.99, "average_start": 0}
    model = BigGAN(**numbers, **average, truncations=TRUNCATIONS, seed=seed, **given)
    optimizers = {"generator_optimizer": toys.adam(1e-3, 0.0)}
    optimizers["discriminator_optimizer"] = toys.adam(2e-3, 0.0)
    toys.fitted(model, data, 2 * ROUNDS, **optimizers)
    model.settle()
    return readings(model)


def readings(model):
    """Returns what is asked of a model."""
    labels = np.arange(toys.SAMPLES, dtype=np.int32) % toys.CLASSES
    images = {bound: drawn(model, labels, bound) for bound in (0.0, *TRUNCATIONS)}
    spreads = {bound: toys.spread(x, labels) for bound, x in images.items()}
    return {
        "accuracy": toys.accuracy(images[0.0], labels),
        "accuracy within 0.1": toys.accuracy(images[0.1], labels),
        "diversity": toys.diversity(images[0.0], labels),
        **{f"within {bound:g}": spreads[bound] / spreads[0.0] for bound in TRUNCATIONS[::-1]},
        "distance": toys.distance(images[0.0]),
        "nearer": toys.distance(images[0.0]) - toys.distance(images[0.5]),
    }


def drawn(model, labels, bound):
    """Returns images of classes, of latents within a bound; 0: of any."""
    bounds = tf.fill([len(labels)], bound)
    seeds = tf.range(len(labels)) + 10**6
    latents = served_model.normal(seeds, (LATENTS,), bounds if bound else None)
    return model.predict({"latents": latents, "label": labels, "truncation": bounds}, verbose=0)


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    bounds = {"accuracy": (0.9, None), "within 1": (None, 0.95), "within 0.1": (None, 0.4)}
    bounds["nearer"] = 0.0, None
    return toys.report("BigGAN: digits of 8 x 8 pixels", "biggan_digits", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
