"""Procedural pairs: outlines of two shapes, and the shapes filled with stripes.

Where the stripes begin cannot be told from the outlines: the mean of all fillings is flat, and only
what is to look like a true picture has stripes. NumPy only.
"""

import numpy as np

from tfgan_apps.datasets.scene_renderer import Shape, shape_mask

COUNTS = {"train": 500, "test": 100}
PERIOD, WIDTH, PHASES = 6, 2, 3  # pixels, pixels, how many places stripes may begin at
ON, OFF = (1.0, 1.0, -0.2), (1.0, -0.6, -0.2)
KINDS = ("disk", "square")


def drawn(image_size, seed=0):
    """Draws the set.

    Args:
        image_size: int >= 16, height and width in pixels.
        seed: int, of what varies. Defaults to 0.

    Returns:
        dict, split -> (outlines, filled shapes), uint8 arrays (count, image_size, image_size, 3).
    """
    rng = np.random.default_rng(seed)
    splits = {}
    for split, count in COUNTS.items():
        pairs = [pair(rng, image_size) for _ in range(count)]
        splits[split] = tuple(np.stack(images) for images in zip(*pairs, strict=True))
    return splits


def pair(rng, size):
    """Draws one pair.

    Args:
        rng: numpy.random.Generator.
        size: int, height and width in pixels.

    Returns:
        Two uint8 arrays (size, size, 3).
    """
    inside = np.zeros((size, size), bool)
    for _ in range(2):
        radius = rng.uniform(5 / 32, 8 / 32)
        center = tuple(rng.uniform(radius, 1 - radius, 2))
        inside |= shape_mask(Shape(KINDS[rng.integers(2)], center, radius, OFF), size)
    outline = np.where(inside & ~eroded(inside), 1.0, -1.0)[..., None].repeat(3, -1)
    begins = rng.integers(PHASES) * WIDTH
    striped = (np.arange(size) - begins) % PERIOD < WIDTH
    filled = np.where(striped[None, :, None], ON, OFF)
    filled = np.where(inside[..., None], filled, -1.0)
    return tuple(np.rint((image + 1) * 127.5).astype(np.uint8) for image in (outline, filled))


def eroded(mask):
    """Returns a mask without the pixels next to others, bool (height, width)."""
    around = np.pad(mask, 1)
    rows = around[:-2, 1:-1] & around[2:, 1:-1]
    return mask & rows & around[1:-1, :-2] & around[1:-1, 2:]
