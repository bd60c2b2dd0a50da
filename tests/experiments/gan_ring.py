"""S-GAN-2: a GAN of perceptrons finds the modes of a ring of 8 Gaussians.

Three hidden layers of 128, Adam 1e-3, 3,000 steps of 256. Of 4,000 points at least 80 percent are
to lie within 0.15 of a mode, and at least 6 modes to have 1 percent each.

    python -m tests.experiments.gan_ring
"""

import sys

import keras

from tests.experiments import toys
from tfgan_apps.input_pipelines import Points
from tfgan_apps.models import GAN
from tfgan_apps.networks import points

COST = "minutes"
DATA = None
STEPS, BATCH, SAMPLES = 3000, 256, 4000


def experiment(seed):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    model, data = (
        GAN(**points.networks(width=128), latents="normal", seed=seed),
        Points("ring", BATCH, seed),
    )
    both = {f"{player}_optimizer": toys.adam(1e-3) for player in model.players()}
    toys.fitted(model, data, STEPS, **both)
    drawn = model.predict(model.noise((SAMPLES, 2), (7, seed)), verbose=0)
    return data.mixture.readings(drawn, tolerance=0.15)


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    bounds = {"modes": (6, None), "good": (0.8, None)}
    return toys.report("GAN: a ring of 8 Gaussians", "gan_ring", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
