"""S-DiscoGAN: of 10 modes on the other side, only the game in both directions reaches all.

Five Gaussians on a circle of radius 1 (deviation 0.08) are to be mapped to ten on one of radius 2.
Perceptrons of three layers of 128, discriminators of four, whose last three are the features; the
losses as they are, a rate of 0.01 for a fifth of 6,000 steps of 200, then 0.5. `modes` are those
that get 1 percent of 4,000 mapped points: at least 9 by the whole game, at most 7 by a GAN, with a
reconstruction or without.

    python -m tests.experiments.discogan_modes
"""

import sys

import keras
import numpy as np

from tests.experiments import toys
from tfgan_apps.models import DiscoGAN

COST = "minutes"
DATA = None
STEPS, BATCH = 6000, 200


def points(rng, modes, radius, count):
    """Returns points of Gaussians on a circle, float32 (count, 2)."""
    angles = rng.integers(0, modes, count) * 2 * np.pi / modes
    centers = radius * np.stack([np.cos(angles), np.sin(angles)], -1)
    return (centers + 0.08 * rng.normal(size=(count, 2))).astype(np.float32)


def discriminator(name):
    """Returns a perceptron that shows its last three hidden layers."""
    point = x = keras.Input((2,), name="point")
    outputs = {}
    for layer in range(4):
        x = keras.layers.LeakyReLU(negative_slope=0.2)(keras.layers.Dense(128)(x))
        outputs[f"features_{layer}"] = x
    del outputs["features_0"]
    return keras.Model(point, {**outputs, "logits": keras.layers.Dense(1)(x)}, name=name)


def experiment(seed, architecture):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    sides = points(rng, 5, 1.0, STEPS * BATCH), points(rng, 10, 2.0, STEPS * BATCH)
    names = "x_to_y", "y_to_x"
    given = {f"generator_{n}": toys.perceptron(2, 2, 128, name=f"generator_{n}") for n in names}
    given |= {f"discriminator_{n}": discriminator(f"discriminator_{n}") for n in "xy"}
    numbers = {"curriculum_steps": STEPS // 5, "distance_scale": 1.0, "seed": seed}
    model = DiscoGAN(architecture=architecture, **numbers, **given)
    toys.fitted(model, toys.Batches(sides, BATCH), STEPS)
    fresh = points(np.random.default_rng(100 + seed), 5, 1.0, 4000)
    mapped = model.predict(fresh, verbose=0)
    back = given["generator_y_to_x"].predict(mapped, verbose=0)
    angles = np.arange(10) * 2 * np.pi / 10
    centers = 2 * np.stack([np.cos(angles), np.sin(angles)], -1)
    nearest = np.linalg.norm(mapped[:, None] - centers, axis=-1).argmin(1)
    modes = int((np.bincount(nearest, minlength=10) > 40).sum())
    return {"modes": modes, "error": float(np.sqrt(np.square(back - fresh).mean()))}


def main():
    """Runs three seeds of the three games and writes the table."""
    rows, bounds = {}, {"modes": (9, None)}
    rows |= {f"seed {seed}": experiment(seed, "discogan") for seed in toys.SEEDS}
    for game in ("recongan", "gan"):
        for seed in toys.SEEDS:
            found = experiment(seed, game)["modes"]
            rows[f"seed {seed}, {game}"] = {f"modes, {game}": found}
        bounds[f"modes, {game}"] = (None, 7)
    return toys.report("DiscoGAN: 5 modes to 10", "discogan_modes", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
