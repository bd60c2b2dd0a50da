"""S-SPADE: of a flat mask, instance normalization leaves nothing; denormalization paints it.

Masks of 32 pixels of 6 labels, 30 percent of one label and the others of two, become the labels'
colours (0.8 or -0.8 in each channel, half of the labels each), by the mean absolute error alone:
300 steps of 8. SPADE's generator (4 filters) paints flat masks to 0.1 (`flat`); five convolutions
of the mask, each normalized by the image, stay near the best constant colour, 0.8, from 0.75 on
(`flat, convolutions`). Flat masks have each label as often, so that no constant is better; what is
less than 0.8 is rounding, which differs by label and which each normalization enlarges, up to the
root of 1 / epsilon, 316 times.

    python -m tests.experiments.spade_flat
"""

import sys

import keras
import numpy as np
from keras import layers

from tests.experiments import toys
from tfgan_apps.layers import InstanceNormalization, ReflectionConv2D
from tfgan_apps.networks import spade

COST = "minutes"
DATA = None
STEPS, BATCH, SIZE, LABELS = 300, 8, 32, 6
SIGNS = [[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, -1]]
COLORS = np.float32(SIGNS) * 0.8


def drawn(count, seed, flat):
    """Returns masks, one-hot, of which a share is flat, and what they are to become."""
    rng = np.random.default_rng(seed)
    first = rng.permutation(np.arange(count) % LABELS)[:, None, None]  # each label as often
    second = rng.integers(0, LABELS, (count, 1, 1))
    second = np.where(rng.uniform(size=(count, 1, 1)) < flat, first, second)
    border = rng.integers(4, SIZE - 4, (count, 1, 1))
    labels = np.where(np.arange(SIZE) < border, first, second)
    labels = np.broadcast_to(labels, (count, SIZE, SIZE))
    return np.eye(LABELS, dtype=np.float32)[labels], COLORS[labels]


def convolutions():
    """Returns the other generator: the mask itself is what is normalized."""
    semantics = x = layers.Input((SIZE, SIZE, LABELS))
    for _ in range(4):
        x = layers.ReLU()(InstanceNormalization()(ReflectionConv2D(32)(x)))
    return keras.Model(semantics, layers.Activation("tanh")(ReflectionConv2D(3)(x)))


def experiment(seed, build):
    """Returns the mean absolute errors of a generator after training."""
    keras.utils.set_random_seed(seed)
    network = build()
    network.compile(toys.adam(1e-3), "mae")
    network.fit(*drawn(STEPS * BATCH, seed, 0.3), BATCH, shuffle=False, verbose=0)
    found = {"flat": 1.0, "two labels": 0.0}
    errors = {n: network.evaluate(*drawn(96, 99, share), verbose=0) for n, share in found.items()}
    return {name: float(error) for name, error in errors.items()}


def main():
    """Runs three seeds with each generator and writes the table."""
    builders = {"": lambda: spade.build_generator(LABELS, (SIZE, SIZE), 4)}
    builders[", convolutions"] = convolutions
    rows = {}
    for name, build in builders.items():
        for seed in toys.SEEDS:
            found = experiment(seed, build)
            rows[f"seed {seed}{name}"] = {f"{n}{name}": value for n, value in found.items()}
    bounds = {"flat": (None, 0.1), "flat, convolutions": (0.75, None)}
    return toys.report("SPADE: flat masks", "spade_flat", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
