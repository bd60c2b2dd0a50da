"""S-MUNIT: styles are colours, contents are outlines; a drawn style is found again in its image.

Images of 32 pixels: x are white outlines of a disk or a square on black, y filled shapes of any
hue. Nothing says which belong together. A quarter of the authors' widths, two residual blocks, two
scales, 600 steps of 4 at a rate of 5e-4. Of 64 fresh images:

- `swap`: mean distance of a shape's colour, made with the style of the next image of y, from that
  image's; at most 0.30;
- `reference`: the same of outlines that are painted; at most 0.45;
- `overlap`: of the shapes before and after the swap, over both; at least 0.75;
- `spread`: deviation of a pixel over 8 drawn styles; at least 0.35;
- `lost`: mean distance of a drawn style from the one that is read from its image: less than 0.8,
  which is that of zeros. Without the reconstruction of styles, which is what the term is for, at
  least 1.6: codes are no longer drawn styles. (0.35 and 0.6 were guessed before the first run.)

The specification wants `swap` to fail, too, without that term, by one seed. It does not: the
authors' own program on these data gives 0.105, 0.148 and 0.131 with seeds 0 to 2.

    python -m tests.experiments.munit_shapes
"""

import sys

import keras
import numpy as np
import tensorflow as tf

from tests.experiments import toys
from tfgan_apps.models import MUNIT

COST = "minutes"
DATA = None
STEPS, BATCH, SIZE, TESTED = 600, 4, 32, 64
SIZES = {"image_size": SIZE, "generator_filters": 16, "residual_blocks": 2, "mlp_size": 128}
SIZES |= {"discriminator_filters": 16, "discriminator_layers": 3, "scales": 2}


def shapes(rng, count):
    """Returns masks of one disk or square each, and of its outline, bool (count, 32, 32)."""
    radius = rng.uniform(6, 10, (count, 1, 1))
    center = rng.uniform(11, 20, (2, count, 1, 1))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    down, right = np.abs(rows - center[0]), np.abs(columns - center[1])
    disk = rng.uniform(size=(count, 1, 1)) < 0.5
    away = np.where(disk, np.hypot(down, right), np.maximum(down, right))
    return away < radius, (away < radius) & (away > radius - 2)


def drawn(rng, count):
    """Returns outlines, and other shapes in colours, float32 in [-1, 1], and their masks."""
    outline, mask = shapes(rng, count)[1], shapes(rng, count)[0]
    x = np.where(outline[..., None], 1.0, -1.0) * np.ones(3)
    hsv = np.stack([rng.uniform(size=count), np.full(count, 0.9), np.full(count, 0.95)], -1)
    colors = np.array(tf.image.hsv_to_rgb(hsv))[:, None, None] * 2 - 1
    y = np.where(mask[..., None], colors, -1.0)
    return (x.astype(np.float32), y.astype(np.float32)), mask


def colors(images, masks):
    """Returns the mean colours of what is masked."""
    weights = masks[..., None] / masks.sum((1, 2))[:, None, None, None]
    return (images * weights).sum((1, 2))


def experiment(seed, **kwargs):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    pairs, _ = drawn(np.random.default_rng(seed), STEPS * BATCH)
    model = MUNIT(**SIZES, seed=seed, **kwargs)
    model = toys.fitted(model, toys.Batches(pairs, BATCH), STEPS, learning_rate=5e-4)
    rng = np.random.default_rng(100 + seed)
    (x, y), masks = drawn(rng, TESTED)
    filled, outline = shapes(rng, TESTED)
    x = np.where(outline[..., None], 1.0, -1.0).repeat(3, -1).astype(np.float32)
    styles = tf.roll(model.style_encoders["y"](y), -1, 0)  # of the next image
    wanted = np.roll(colors(y, masks), -1, 0)
    content = model.content_encoders["y"](y)
    swapped = np.array(model.decoders["y"]({"content": content, "style": styles}))
    painted = np.array(model.translate(x, styles))
    found = swapped.max(-1) > 0
    drawn_styles = rng.normal(size=(8, TESTED, 8)).astype(np.float32)
    many = [model.translate(x, style) for style in drawn_styles]
    read = [model.style_encoders["y"](image) for image in many]
    spread = np.std(many, 0)[filled].mean()
    return {
        "swap": float(np.abs(colors(swapped, masks) - wanted).mean()),
        "reference": float(np.abs(colors(painted, filled) - wanted).mean()),
        "overlap": float(((found & masks).sum((1, 2)) / (found | masks).sum((1, 2))).mean()),
        "spread": float(spread),
        "lost": float(np.abs(np.array(read) - drawn_styles).mean()),
    }


def main():
    """Runs three seeds of the whole game and without the styles' term, and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    for seed in toys.SEEDS:
        found = experiment(seed, style_weight=0.0)
        rows[f"seed {seed}, no style term"] = {f"{n}, no style term": v for n, v in found.items()}
    bounds = {"swap": (None, 0.3), "reference": (None, 0.45), "overlap": (0.75, None)}
    bounds |= {"spread": (0.35, None), "lost": (None, 0.8), "lost, no style term": (1.6, None)}
    return toys.report("MUNIT: colours as styles", "munit_shapes", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
