"""S-WGAN: a clipped critic leads to all modes of a ring, and its estimate grows with the distance.

Ring: three hidden layers of 128, RMSprop 1e-3 (rho 0.9), clip 0.1, 5 steps of the critic, 3,000 of
the generator, 256 points each. Of 4,000 points 60 percent are to lie within 0.3 of a mode, all 8
modes are to have 1 percent each, and no weight of the critic is to leave its box.
Distance: a critic of three layers of 64, clip 0.05, between N(0, I) and N((d, 0), I), d of 1, 2, 4:
`grows` is 1 where the estimates do.

    python -m tests.experiments.wgan_ring
"""

import sys

import keras
import numpy as np

from tests.experiments import toys
from tfgan_apps.input_pipelines import Points
from tfgan_apps.models import WGAN
from tfgan_apps.networks import points

COST = "minutes"
DATA = None
ROUNDS, BATCH, SAMPLES, DISTANCES = 3000, 256, 4000, (1, 2, 4)


def rmsprop(rate):
    """Returns an optimizer that no run of the authors' has: the toy is faster with it."""
    return keras.optimizers.RMSprop(rate, 0.9)


def ring(seed):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    given = points.networks("critic", 128)
    model, data = (
        WGAN(**given, clip=0.1, long_critic_steps=5, seed=seed),
        Points("ring", BATCH, seed),
    )
    both = {f"{player}_optimizer": rmsprop(1e-3) for player in model.players()}
    toys.fitted(model, data, 5 * ROUNDS, **both)
    drawn = model.predict(model.noise((SAMPLES, 2), (7, seed)), verbose=0)
    largest = max(float(np.abs(v).max()) for v in model.critic.trainable_variables)
    return {**data.mixture.readings(drawn, tolerance=0.3), "largest weight": largest}


def estimate(seed, distance, steps=600):
    """Returns the critic's estimate of the distance of two Gaussians."""
    keras.utils.set_random_seed(seed)
    real = np.random.default_rng(seed).normal(size=(steps * BATCH, 2)).astype(np.float32)
    latents = keras.Input((2,), name="latents")
    generator = keras.Model(latents, keras.layers.Dense(2)(latents), name="generator")
    generator.set_weights([np.eye(2), np.array([distance, 0.0])])
    critic = toys.perceptron(2, 1, 64, name="critic")
    model = WGAN(generator=generator, critic=critic, latent_size=2, clip=0.05, seed=seed)
    data = toys.Batches(real, BATCH)
    still = keras.optimizers.SGD(0.0)
    toys.fitted(model, data, steps, critic_optimizer=rmsprop(1e-3), generator_optimizer=still)
    history = model.fit(data.train(), steps_per_epoch=50, verbose=0).history
    return history["distance"][0]


def distances(seed):
    """Returns the estimates of one seed."""
    found = [estimate(seed, distance) for distance in DISTANCES]
    named = {f"d = {d}": value for d, value in zip(DISTANCES, found, strict=True)}
    return {**named, "grows": float(np.all(np.diff(found) > 0))}


def main():
    """Runs three seeds of both and writes the table."""
    rows = {f"ring, seed {seed}": ring(seed) for seed in toys.SEEDS}
    rows |= {f"distance, seed {seed}": distances(seed) for seed in toys.SEEDS}
    bounds = {"modes": (8, None), "good": (0.6, None), "largest weight": (None, 0.1000001)}
    bounds["grows"] = (1, None)
    return toys.report("WGAN: a ring of 8 Gaussians, and distances", "wgan_ring", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
