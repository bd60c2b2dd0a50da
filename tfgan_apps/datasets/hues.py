"""Procedural disks and squares of 16 hues, which are their classes; NumPy only."""

import colorsys

import numpy as np

HUES = 16
CLASSES = tuple(f"hue{number:02d}" for number in range(HUES))
UNSEEN = CLASSES[3::4]  # which few-shot systems do not train on
COUNTS = {"train": 1600, "test": 320}
JITTER, SATURATION, VALUE = 0.008, 0.9, 0.95  # of a hue in [0, 1); of all


def drawn(image_size, seed=0):
    """Draws the set.

    Args:
        image_size: int >= 16, height and width in pixels.
        seed: int, of what varies. Defaults to 0.

    Returns:
        dict, split -> (images, labels): uint8 (count, image_size, image_size, 3) on black, and
        int32 (count,), the numbers of `CLASSES`.
    """
    rng = np.random.default_rng(seed)
    splits = {}
    for split, count in COUNTS.items():
        labels = np.arange(count, dtype=np.int32) % HUES
        splits[split] = np.stack([_picture(label, image_size, rng) for label in labels]), labels
    return splits


def _picture(label, size, rng):
    """Draws a disk or a square of a class' hue, at any place, uint8 (size, size, 3)."""
    radius = rng.uniform(0.19, 0.31)
    center = rng.uniform(radius, 1 - radius, (2, 1, 1))
    down, right = np.abs((np.mgrid[:size, :size] + 0.5) / size - center)
    inside = np.hypot(down, right) < radius
    if rng.uniform() < 0.5:
        inside = np.maximum(down, right) < radius
    shade = color(label / HUES + rng.normal(0, JITTER))
    return np.rint(255 * inside[..., None] * shade).astype(np.uint8)


def color(hue):
    """Returns the colour of a hue, of which 1 is once around: array (3,) in [0, 1]."""
    return np.array(colorsys.hsv_to_rgb(hue % 1, SATURATION, VALUE))


def foreground(images):
    """Returns where the shapes of images are, bool (B, height, width).

    Args:
        images: float array (B, height, width, 3) in [-1, 1].
    """
    return np.asarray(images).max(-1) > 0


def colors(images, masks):
    """Returns the mean colours of what is masked, (B, 3).

    Args:
        images: float array (B, height, width, 3) in [-1, 1].
        masks: bool array (B, height, width), none of them empty.
    """
    weights = masks[..., None] / masks.sum((1, 2))[:, None, None, None]
    return (np.asarray(images) * weights).sum((1, 2))
