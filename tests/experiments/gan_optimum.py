"""S-GAN-1: against a generator that stays, the discriminator becomes the ratio of densities.

Real numbers are of N(0, 1), generated ones of N(2, 1); the discriminator alone learns, 1,500 steps
of 512. Its probability is to be p / (p + q) on 21 points in [-1, 3], and its loss, without the
paper's half, 2 log 2 - 2 JSD = 0.7126.

    python -m tests.experiments.gan_optimum
"""

import sys

import keras
import numpy as np

from tests.experiments import toys
from tfgan_apps.models import GAN

COST = "minutes"
DATA = None
STEPS, BATCH = 1500, 512


def densities(points):
    """Returns the densities of what is real and of what is generated, up to one factor."""
    return np.exp(-(points**2) / 2), np.exp(-((points - 2) ** 2) / 2)


def numbers(seed, count=STEPS * BATCH):
    """Returns real numbers, float32 (count, 1)."""
    return np.random.default_rng(seed).normal(size=(count, 1)).astype(np.float32)


def shifted():
    """Returns the generator that adds 2."""
    latents = keras.Input((1,), name="latents")
    generator = keras.Model(latents, keras.layers.Dense(1)(latents), name="generator")
    generator.set_weights([np.ones((1, 1)), np.full(1, 2.0)])
    return generator


def experiment(seed):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    judge = toys.perceptron(1, 1, 64, 2, "tanh", "discriminator")
    model = GAN(
        generator=shifted(), discriminator=judge, latent_size=1, latents="normal", seed=seed
    )
    data = toys.Batches(numbers(seed), BATCH)
    still = {"generator_optimizer": keras.optimizers.SGD(0.0)}
    model.compile(discriminator_optimizer=toys.adam(2e-3, 0.9), **still)
    model.fit(data.train(), steps_per_epoch=STEPS - 200, verbose=0)
    last = model.fit(data.train(STEPS - 200), steps_per_epoch=200, verbose=0)
    points = np.linspace(-1, 3, 21, dtype=np.float32)[:, None]
    real, fake = densities(points)
    found = 1 / (1 + np.exp(-judge.predict(points, verbose=0)))
    error = float(np.abs(found - real / (real + fake)).max())
    return {"error": error, "loss": 2 * last.history["discriminator_loss"][0]}


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    bounds = {"error": (None, 0.06), "loss": (0.6626, 0.7626)}
    return toys.report("GAN: the best discriminator", "gan_optimum", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
