"""P3: PGGAN grows from 4 pixels to 16 on ramps and blobs.

32 channels at most, batches of 16, 200 steps for each of five phases: 4 pixels, the fade to 8, 8,
the fade to 16, 16; the generator's average has a decay of 0.99. Its images' sliced Wasserstein
distance from real ones, over raw pixels, 256 directions and 2,048 images, is to be at most 0.45,
and at most 0.9 times that of the network before training; losses stay finite, and where the phase
changes the discriminator's, over ten steps, is at most ten times its size in the hundred before.

    python -m tests.experiments.pggan_blobs
"""

import itertools
import sys

import keras
import numpy as np
import tensorflow as tf

from tests.experiments import blobs, results
from tfgan_apps.models import PGGAN

COST = "minutes"
DATA = None
SEEDS, SIZE, BATCH, STEPS, PHASES, SAMPLES = range(3), 16, 16, 200, 5, 2048
LAST = 10  # means of ten steps each
NUMBERS = {"image_size": SIZE, "latent_size": 32, "filters_base": 1024, "most_filters": 32}
THRESHOLD = "distance <= 0.45 and <= 0.9 times that at first; losses finite; no jump above 10 times"


def experiment(seed):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    images = BATCH * STEPS / 1000
    grown = {"stable_kimg": images, "fade_kimg": images, "average_decay": 0.99}
    model = PGGAN(**NUMBERS, **grown, seed=seed)
    model.compile()
    real = blobs.drawn(SAMPLES, SIZE, 10**6 + seed)
    first = blobs.distance(real, drawn(model))
    losses = [trained(model, blobs.drawn(BATCH * STEPS, SIZE, [seed, k])) for k in range(PHASES)]
    # The loss passes through 0, so its size before is that of a while, not of a moment.
    jumps = [abs(b[0]) / np.abs(a[-LAST:]).mean() for a, b in itertools.pairwise(losses)]
    return {
        "distance at first": first,
        "distance": blobs.distance(real, drawn(model)),
        "of two real sets": blobs.distance(real, blobs.drawn(SAMPLES, SIZE, 10**7 + seed)),
        "largest jump": float(max(jumps)),
        "finite": float(np.isfinite(losses).all()),
        "level": float(model.progress.level.numpy()),
    }


def trained(model, images):
    """Trains on images, once each; returns the discriminator's mean losses of ten steps each."""
    found, ten = [], 10 * BATCH
    for start in range(0, len(images), ten):
        data = tf.data.Dataset.from_tensor_slices(images[start : start + ten]).batch(BATCH)
        found += model.fit(data, verbose=0).history["discriminator_loss"]
    return found


def drawn(model):
    """Returns images of the average generator."""
    latents = tf.random.stateless_normal((SAMPLES, model.latent_size), (model.seed, 1))
    return model.predict(latents, batch_size=256, verbose=0)


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in SEEDS}
    failed = [name for name, row in rows.items() if not passes(row)]
    worst = max(row["distance"] for row in rows.values())
    results.write_section(
        "PGGAN: grown from 4 pixels to 16",
        "python -m tests.experiments.pggan_blobs",
        ("" if not failed else f"FAILED: {', '.join(failed)}\n\n") + results.table(rows),
        THRESHOLD,
        f"{len(rows) - len(failed)} of {len(rows)} seeds; largest distance {worst:.3f}",
    )
    return bool(failed)


def passes(row):
    """Tells whether the readings of a seed are within the threshold."""
    near = row["distance"] <= min(0.45, 0.9 * row["distance at first"])
    return near and row["finite"] == 1 and row["largest jump"] <= 10 and row["level"] == 2


if __name__ == "__main__":
    sys.exit(main())
