"""Procedural masks: two shapes on a ground, and pictures in which each kind has its texture.

NumPy only.
"""

import numpy as np

from tfgan_apps.datasets.shape_renderer import KINDS, coverage

COUNTS = {"train": 500, "test": 100}
CLASSES = ("ground", *KINDS)
COLORS = ((40, 44, 60), (210, 50, 40), (60, 160, 70), (60, 90, 220), (230, 190, 40))
PERIOD = 4  # pixels, of textures
_STRENGTH, _JITTER, _NOISE = 45, 12, 4  # levels


def drawn(image_size, seed=0):
    """Draws the set.

    Args:
        image_size: int >= 16, height and width in pixels.
        seed: int, of what varies. Defaults to 0.

    Returns:
        dict, split -> (masks, images, things): uint8 arrays (count, image_size, image_size), of
        labels, (..., 3), and of numbers of things, 0 for the ground.
    """
    rng = np.random.default_rng(seed)
    splits = {}
    for split, count in COUNTS.items():
        masks, things = zip(*(mask(rng, image_size) for _ in range(count)), strict=True)
        images = [picture(each, rng) for each in masks]
        splits[split] = tuple(map(np.stack, (masks, images, things)))
    return splits


def mask(rng, size):
    """Draws a label map of two shapes, the second one over the first, and the map of things."""
    labels, things = np.zeros((2, size, size), np.uint8)
    for thing in (1, 2):
        label = rng.integers(1, len(CLASSES))
        radius = rng.uniform(0.16, 0.28)
        inside = coverage(KINDS[label - 1], rng.uniform(0.2, 0.8, 2), radius, size) > 0.5
        labels[inside], things[inside] = label, thing
    return labels, things


def picture(labels, rng):
    """Paints a label map: a colour and a texture for each label, which vary a little.

    Args:
        labels: uint8 array (size, size).
        rng: numpy.random.Generator.

    Returns:
        uint8 array (size, size, 3).
    """
    colors = np.array(COLORS) + rng.uniform(-_JITTER, _JITTER, (len(COLORS), 3))
    texture = _STRENGTH * np.stack(_textures(len(labels)))
    shade = np.take_along_axis(texture, labels[None].astype(np.int64), 0)[0]
    noise = rng.normal(0, _NOISE, (*labels.shape, 1))
    return (colors[labels] + shade[..., None] + noise).clip(0, 255).astype(np.uint8)


def _textures(size):
    """Returns for each label what is darker and brighter, -1 to 1: arrays (size, size)."""
    rows, columns = np.mgrid[:size, :size] // (PERIOD // 2) % 2 * 2.0 - 1.0
    both = rows * columns
    return np.zeros_like(rows), rows, columns, both, -np.abs(rows + columns) / 2
