"""S-DRIT: drawn styles are colours, by mode seeking and the styles' own term; without, one is left.

The images of S-MUNIT, of 32 pixels: x are white outlines of a disk or a square on black, y filled
shapes of any hue. A quarter of the authors' widths, feature-wise with two blocks, two scales,
kernels of 3 in the content discriminator, He's initial values, 1,200 steps of 8, of which 400 move
all players, at rates of 5e-4 and, of the content discriminator, 2e-4. Of 64 fresh outlines:

- `spread`: deviation of a pixel of the shapes over 8 drawn styles; at least 0.2, and 2.5 times
  that without mode seeking and without the term of drawn styles (`ratio`);
- `reference`: mean distance of a shape's colour, made with the style of an image of y, from that
  image's; it is not learned so early, and has no bound;
- `probe`: share of other images whose domain a linear classifier of their contents' means tells; it
  has no bound.

    python -m tests.experiments.drit_shapes
"""

import sys

import keras
import numpy as np
import tensorflow as tf
from sklearn import linear_model

from tests.experiments import toys
from tests.experiments.munit_shapes import colors, drawn, shapes
from tfgan_apps.models import DRIT

COST = "minutes"
DATA = None
ROUNDS, BATCH, SIZE, TESTED = 400, 8, 32, 64
SIZES = {"image_size": SIZE, "architecture": "feature_wise", "initializer": "kaiming"}
SIZES |= {"generator_filters": 16, "residual_blocks": 1, "mlp_size": 128, "scales": 2}
SIZES |= {"discriminator_filters": 16, "discriminator_layers": 3}
SIZES |= {"content_kernel": 3, "content_layers": 2}
RATES = {"learning_rate": 5e-4, "content_discriminator_learning_rate": 2e-4}
WITHOUT = {"mode_seeking_weight": 0.0, "latent_weight": 0.0}


def probe(model, rng):
    """Returns how often a linear classifier of contents' means tells the domain of fresh images."""
    (x, y), _ = drawn(rng, 2 * TESTED)
    codes = [model.content_encoders[s](each) for s, each in (("x", x), ("y", y))]
    codes = [np.mean(code, (1, 2)) for code in codes]
    seen, unseen = (np.concatenate([code[i::2] for code in codes]) for i in range(2))
    labels = np.repeat([0, 1], TESTED)
    judge = linear_model.LogisticRegression(max_iter=1000).fit(seen, labels)
    return float(judge.score(unseen, labels))


def experiment(seed, rounds=ROUNDS, **kwargs):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    pairs, _ = drawn(np.random.default_rng(seed), rounds * BATCH)
    model = DRIT(**SIZES, seed=seed, **kwargs)
    steps = rounds * model.content_steps
    model = toys.fitted(model, toys.Batches(pairs, BATCH), steps, **RATES)
    rng = np.random.default_rng(100 + seed)
    (_, y), masks = drawn(rng, TESTED)
    filled, outline = shapes(rng, TESTED)
    x = np.where(outline[..., None], 1.0, -1.0).repeat(3, -1).astype(np.float32)
    many = [model.translate(x, rng.normal(size=(TESTED, 8)).astype(np.float32)) for _ in range(8)]
    painted = np.array(model.translate(x, model.style_of(tf.constant(y), "y")[0]))
    return {
        "spread": float(np.std(many, 0)[filled].mean()),
        "reference": float(np.abs(colors(painted, filled) - colors(y, masks)).mean()),
        "probe": probe(model, rng),
    }


def main():
    """Runs three seeds of the whole game and without both terms, and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    for seed in toys.SEEDS:
        found = experiment(seed, **WITHOUT)
        rows[f"seed {seed}"]["ratio"] = rows[f"seed {seed}"]["spread"] / found["spread"]
        rows[f"seed {seed}, without both"] = {f"{n}, without both": v for n, v in found.items()}
    bounds = {"spread": (0.2, None), "ratio": (2.5, None)}
    return toys.report("DRIT: colours as drawn styles", "drit_shapes", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
