"""S-SimGAN: refined bars look like the camera's, and still lie where their labels say.

Clean bars of 24 x 32 pixels become blurred, pale and noisy ones. Refiner of 32 filters,
discriminator of 48, Adam of 5e-4, 320 turns of two moves and one, batches of 16, history of
800. On test images the mean is to be within 0.08 of the real ones' (`mean`), standard deviation and
gradient within a quarter (`deviation`, `gradient`), and each bar lighter than its ground by 0.35
under its label (`least_contrast`). Without the self-regularization two seeds of three are to miss
one of these (`misses, lambda 0`, of all seeds).

    python -m tests.experiments.simgan_bars
"""

import sys

import keras

from tests.experiments import toys
from tfgan_apps.evaluations import refinement
from tfgan_apps.input_pipelines import simulated_images
from tfgan_apps.models import SimGAN

COST = "minutes"
DATA = None
TURNS, PRETRAINING = 320, (100, 30)
BOUNDS = {
    "mean": (None, 0.08),
    "deviation": (None, 0.25),
    "gradient": (None, 0.25),
    "least_contrast": (0.35, None),
}
WEIGHT = 0.5  # of sums, the model's default
NOTE = (
    "The weight is the model's default, 0.5 of sums, 8 of means over pixels and patches. With 3 of "
    "means, one seed of three lost its bars (least_contrast -0.11 of seed 2)."
)


def experiment(seed, regularization_weight=WEIGHT):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    data = simulated_images("bars", (24, 32), batch_size=16, seed=seed)
    model = SimGAN(
        (24, 32),
        generator_filters=32,
        discriminator_filters=48,
        regularization_weight=regularization_weight,
        refiner_pretraining_steps=PRETRAINING[0],
        discriminator_pretraining_steps=PRETRAINING[1],
        buffer_size=800,
        clip_norm=0.0,
        seed=seed,
    )
    numbers = {"learning_rate": 5e-4, "optimizer": "adam"}
    toys.fitted(model, data, sum(PRETRAINING) + 3 * TURNS, **numbers)
    return refinement.evaluation(model, data)()


def missed(row):
    """Returns how many of the bounds a row is beyond."""
    return sum(
        (low is not None and row[name] < low) or (high is not None and row[name] > high)
        for name, (low, high) in BOUNDS.items()
    )


def main():
    """Runs three seeds with the regularization and without it, and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    free = {f"seed {seed}, lambda 0": experiment(seed, 0.0) for seed in toys.SEEDS}
    return report(rows, free)


def report(rows, free):
    """Writes the table of both kinds of runs, dicts of readings, and tells whether it failed."""
    renamed = {
        n: {f"{name}, lambda 0": v for name, v in row.items() if name in BOUNDS}
        for n, row in free.items()
    }
    misses = sum(missed(row) > 0 for row in free.values())
    rows |= renamed | {"all seeds": {"misses, lambda 0": misses}}
    bounds = BOUNDS | {"misses, lambda 0": (2, None)}
    return toys.report("SimGAN: bars", "simgan_bars", rows, bounds, NOTE)


if __name__ == "__main__":
    sys.exit(main())
