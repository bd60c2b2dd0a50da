"""Procedural shapes by class: circles, squares, triangles and crosses of all colours and sizes."""

import numpy as np

from tfgan_apps.datasets.shape_renderer import COLORS, KINDS, SIZES, Shape, draw

COUNTS = {"train": 2000, "test": 400}


def drawn(image_size, seed=0, dark=False):
    """Draws the set.

    Args:
        image_size: int >= 16, height and width in pixels.
        seed: int, of what varies. Defaults to 0.
        dark: bool, inverted: light shapes on dark ground, as MNIST's digits. Defaults to False.

    Returns:
        dict, split -> (uint8 array (count, image_size, image_size, 3), int32 array (count,)), and
        the names of the classes.

    Raises:
        ValueError: when the size is too small.
    """
    rng = np.random.default_rng(seed)
    splits = {}
    for split, count in COUNTS.items():
        labels = np.arange(count, dtype=np.int32) % len(KINDS)
        images = [_shape(label, image_size, rng) for label in labels]
        splits[split] = np.stack(images) ^ (255 if dark else 0), labels
    return splits, KINDS


def _shape(label, image_size, rng):
    color, size = (list(names)[rng.integers(len(names))] for names in (COLORS, SIZES))
    return draw(Shape(KINDS[label], color, size, "center"), image_size, rng)
