"""S-LAP: on scikit-learn's digits, details from 4 to 8 pixels bring coarse images nearer real ones.

Perceptrons for 4 x 4 pixels, convolutions for the details, 3,000 steps of 128, of which each
discriminator sees 64 real and 64 others, at rates that fall linearly to 0. With half of that the
details of one seed of six came to take no notice of the noise, and no nearer than 0.97; at rates
that stay, those of one of eight grew too strong (1.03), and those of one of three of a PyTorch
program of the same (1.01). Rounding decides much: on one thread seed 0 had 0.976. Of real test
images made coarse, the distance to the nearest training image is to fall to 0.96 of what it was
with the details (`nearer`), these are to have 0.7 to 1.4 times the energy of the true ones, and two
draws of noise are to differ by 0.02 of them (`differ`). Images of the whole chain are to be within
3.6 of the nearest one, and of at least 5 digits. The true details give the image back (`error`).

    python -m tests.experiments.lapgan_digits
"""

import sys

import keras
import numpy as np

from tests.experiments import toys
from tfgan_apps.layers import Dropout
from tfgan_apps.models import LAPGAN

COST = "minutes"
DATA = None
STEPS, BATCH = 3000, 128


def networks():
    """Returns the generators and the discriminators, coarsest first."""
    layers, leaky = keras.layers, {"activation": "relu"}
    latents = keras.Input((32,), name="latents")
    x = layers.Dense(128, **leaky)(layers.Dense(128, **leaky)(latents))
    coarsest = keras.Model(latents, layers.Reshape((4, 4, 1))(layers.Dense(16)(x)), name="g4")
    image = keras.Input((4, 4, 1), name="image")
    x = Dropout(0.5, 0)(layers.Dense(128, **leaky)(layers.Flatten()(image)))
    x = Dropout(0.5, 1)(layers.Dense(128, **leaky)(x))
    judge = keras.Model(image, layers.Dense(1)(x), name="d4")
    inputs = {n: keras.Input((8, 8, 1), name=n) for n in ("latents", "coarse")}
    x = layers.Concatenate()(list(inputs.values()))
    for _ in range(2):
        x = layers.Conv2D(32, 5, padding="same", **leaky)(x)
    finer = keras.Model(inputs, layers.Conv2D(1, 5, padding="same")(x), name="g8")
    inputs = {n: keras.Input((8, 8, 1), name=n) for n in ("details", "coarse")}
    x = layers.Conv2D(32, 3, **leaky)(layers.Add()(list(inputs.values())))
    x = Dropout(0.5, 2)(layers.Flatten()(layers.Conv2D(32, 3, 2, **leaky)(x)))
    finer_judge = keras.Model(inputs, layers.Dense(1)(layers.Dense(128, **leaky)(x)), name="d8")
    return [coarsest, finer], [judge, finer_judge]


def falling(optimizer):
    """Returns the same Adam, with a rate that falls to 0."""
    rate = float(optimizer.learning_rate)
    return toys.adam(keras.optimizers.schedules.PolynomialDecay(rate, STEPS, 0.0))


def experiment(seed):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    data = toys.digits(seed, STEPS, batch_size=BATCH)
    generators, discriminators = networks()
    given = {"generators": generators, "discriminators": discriminators}
    model = LAPGAN(8, (4,), channels=1, latent_size=32, seed=seed, **given)
    optimizers = {f"{p}_optimizer": falling(o) for p, o in model.optimizers().items()}
    toys.fitted(model, data, STEPS, **optimizers)
    return readings(model)


def readings(model):
    """Returns what details of real coarse images, and images of the whole chain, say."""
    real = toys.flat(toys.split()[1][0]).reshape(-1, 8, 8, 1).astype(np.float32)
    fine = {name: np.array(x) for name, x in model.levels(real)[1].items()}
    drawn = []
    for index in range(2):
        planes = model.noise((len(real), 8, 8, 1), (8, index))
        given = {"latents": np.array(planes), "coarse": fine["coarse"]}
        drawn.append(model.generators[1].predict(given, verbose=0))
    energy = np.square(fine["details"]).mean()
    made = fine["coarse"] + drawn[0]
    noise = model.noise((toys.SAMPLES, model.latent_size), (7, model.seed))
    images = model.predict(np.array(noise), verbose=0)
    return {
        "nearer": toys.distance(made) / toys.distance(fine["coarse"]),
        "energy": float(np.square(drawn[0]).mean() / energy),
        "differ": float(np.sqrt(np.square(drawn[0] - drawn[1]).mean() / energy)),
        "distance": toys.distance(images),
        "digits": toys.digits_seen(images),
        "error": float(np.abs(fine["coarse"] + fine["details"] - real).max()),
    }


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    bounds = {"nearer": (None, 0.96), "energy": (0.7, 1.4), "differ": (0.02, None)}
    bounds |= {"distance": (None, 3.6), "digits": (5, None), "error": (None, 1e-6)}
    return toys.report("LAPGAN: digits of 8 x 8 pixels", "lapgan_digits", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
