"""S-StarGAN-v2: domains are families of hues, or grounds; styles are hues, of noise or references.

Filled shapes of 32 pixels; each is brought to the other domain. First, warm hues and cool ones on
black, 320 steps; then any hue, on dark or grey ground, 480 steps. Sixteen filters, at most 64, two
halvings, styles of 16 numbers of 8 latents, batches of 8, rates 5e-4 (mapping network: 5e-5), no
averages and no decay of weights. Of 64 fresh images:

- `accuracy`: share that is of the domain asked for, the worse one of both kinds of styles; at least
  0.95;
- `error`: mean distance of a shape's colour from its reference's; at most 0.4;
- `overlap`: of the shapes before and after, over both; at least 0.6;
- `spread`: deviation of a shape's colour over 8 drawn styles (of the real hues 0.194);
- `ratio`: on grounds, the spread over that without the term of diversity; at least 1.5.

    python -m tests.experiments.stargan_v2_shapes
"""

import sys

import keras
import numpy as np
import tensorflow as tf

from tests.experiments import toys
from tests.experiments.munit_shapes import colors, shapes
from tfgan_apps.models import StarGANv2

COST = "minutes"
DATA = None
STEPS = {"hues": 320, "grounds": 480}
BATCH, SIZE, TESTED, STYLES = 8, 32, 64, 8
FAMILIES = np.array([[0.0, 0.17], [0.45, 0.70]])  # of hues: warm, cool
GROUNDS = np.array([-0.9, -0.1])
MODEL = {"image_size": SIZE, "latent_size": 8, "style_size": 16, "mapping_size": 64}
MODEL |= {"generator_filters": 16, "discriminator_filters": 16, "most_filters": 64, "halvings": 2}
RATES = {"learning_rate": 5e-4, "mapping_learning_rate": 5e-5, "decay": 0.0}
WITHOUT = {"diversity": {"diversity_weight": 0.0}, "style": {"style_weight": 0.0}}


def drawn(rng, labels, toy):
    """Returns shapes of domains, float32 (count, 32, 32, 3) in [-1, 1], and their masks."""
    count = len(labels)
    filled, _ = shapes(rng, count)
    low, high = FAMILIES[labels].T if toy == "hues" else (0.0, 1.0)
    hue = low + (high - low) * rng.uniform(size=count)
    hsv = np.stack([hue, np.full(count, 0.9), np.full(count, 0.95)], -1)
    shown = np.array(tf.image.hsv_to_rgb(hsv))[:, None, None] * 2 - 1
    ground = -1.0 if toy == "hues" else GROUNDS[labels][:, None, None, None]
    return np.where(filled[..., None], shown, ground).astype(np.float32), filled


def batch(rng, count, toy):
    """Returns examples whose references are of the other domain, and the masks of their images."""
    label = rng.integers(0, 2, count).astype(np.int32)
    target = 1 - label
    image, filled = drawn(rng, label, toy)
    made = {"image": image, "label": label, "target": target}
    made["reference"], of_reference = drawn(rng, target, toy)
    made["other_reference"], _ = drawn(rng, target, toy)
    return made, filled, colors(made["reference"], of_reference)


def seen(images, masks, toy):
    """Returns the domains of images, by the colour of the shape or of the ground."""
    if toy == "hues":
        red, _, blue = colors(images, masks).T
        return (blue > red).astype(int)
    return (colors(images, ~masks).mean(-1) > GROUNDS.mean()).astype(int)


def experiment(seed, toy, **weights):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    examples, *_ = batch(np.random.default_rng(seed), STEPS[toy] * BATCH, toy)
    model = StarGANv2(**MODEL, average_decay=0.0, seed=seed, **weights)
    model = toys.fitted(model, toys.Batches(examples, BATCH), STEPS[toy], **RATES)
    rng = np.random.default_rng(100 + seed)
    fresh, masks, wanted = batch(rng, TESTED, toy)
    asked = {"image": fresh["image"], "label": fresh["target"]}

    def made(**style):
        return model.predict({**asked, **style}, batch_size=TESTED, verbose=0)

    told = made(reference=fresh["reference"])
    latents = rng.normal(size=(STYLES, TESTED, 8)).astype(np.float32)
    many = [made(latents=each) for each in latents]
    accuracies = [(seen(x, masks, toy) == fresh["target"]).mean() for x in (told, many[0])]
    found = told.max(-1) > 0
    return {
        "accuracy": float(min(accuracies)),
        "error": float(np.abs(colors(told, masks) - wanted).mean()),
        "overlap": float(((found & masks).sum((1, 2)) / (found | masks).sum((1, 2))).mean()),
        "spread": float(np.std([colors(x, masks) for x in many], 0).mean()),
    }


def main():
    """Runs three seeds of both toys, and of what is left out, and writes the table."""
    rows = {f"seed {seed}": experiment(seed, "hues") for seed in toys.SEEDS}
    for name, weights in WITHOUT.items():
        found = experiment(0, "hues", **weights)
        rows[f"seed 0, no {name}"] = {f"{n}, no {name}": v for n, v in found.items()}
    for seed in toys.SEEDS:
        whole = experiment(seed, "grounds")
        without = experiment(seed, "grounds", **WITHOUT["diversity"])["spread"]
        values = {"spread on grounds": whole["spread"], "no diversity": without}
        values |= {"accuracy": whole["accuracy"], "ratio": whole["spread"] / without}
        rows[f"seed {seed}, grounds"] = values
    bounds = {"accuracy": (0.95, None), "error": (None, 0.4), "overlap": (0.6, None)}
    bounds["ratio"] = (1.5, None)
    return toys.report("StarGAN v2: hues as styles", "stargan_v2_shapes", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
