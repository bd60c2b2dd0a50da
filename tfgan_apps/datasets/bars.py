"""Procedural simulated and real images: clean bars, and blurred, pale, noisy ones.

The simulator's bars lie where their labels say, one of each image; a refined one must lie there
still. Which pixels are the bar's can be told from the simulated image. NumPy only.
"""

import numpy as np

COUNTS = {"train": 500, "test": 100}
BAR, GROUND = 0.6, -0.6
LENGTH, WIDTH = 14 / 24, 4 / 24  # of the shorter side
FADE, LIGHT, NOISE = 0.6, 0.25, 0.12  # what a camera makes of it, besides the blur


def drawn(image_size, seed=0):
    """Draws the set.

    Args:
        image_size: (height, width) in pixels, at least 16 each.
        seed: int, of what varies. Defaults to 0.

    Returns:
        dict, split -> (simulated, real), uint8 arrays (count, height, width, 1).

    Raises:
        ValueError: a side is too short for bars.
    """
    if min(image_size) < 16:
        raise ValueError(f"image_size must be at least 16. Received: image_size={image_size}")
    rng = np.random.default_rng(seed)
    splits = {}
    for split, count in COUNTS.items():
        simulated = np.stack([bar(rng, image_size) for _ in range(count)])
        others = np.stack([bar(rng, image_size) for _ in range(count)])
        splits[split] = _levels(simulated), _levels(seen_by_camera(rng, others))
    return splits


def bar(rng, size):
    """Draws a bar at a random place and angle, float (height, width) in [-1, 1].

    Args:
        rng: numpy.random.Generator.
        size: (height, width) in pixels.
    """
    rows, columns = np.indices(size)
    angle, side = rng.uniform(0, np.pi), min(size)
    reach = LENGTH * side / 2
    y, x = (rng.uniform(reach, length - reach) for length in size)
    along = (columns + 0.5 - x) * np.cos(angle) + (rows + 0.5 - y) * np.sin(angle)
    across = (rows + 0.5 - y) * np.cos(angle) - (columns + 0.5 - x) * np.sin(angle)
    inside = (np.abs(along) <= reach) & (np.abs(across) <= WIDTH * side / 2)
    return np.where(inside, BAR, GROUND)


def seen_by_camera(rng, images):
    """Returns images (count, height, width) blurred, paler, lighter and noisy.

    Args:
        rng: numpy.random.Generator.
        images: float array in [-1, 1].
    """
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1)], "edge")
    rows = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4
    blurred = (rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:]) / 4
    return FADE * blurred + LIGHT + rng.normal(0, NOISE, images.shape)


def foreground(simulated):
    """Tells which pixels of simulated images (..., channels) are the bar's, bool (...).

    Args:
        simulated: float array in [-1, 1].
    """
    return np.mean(simulated, -1) > (BAR + GROUND) / 2


def _levels(images):
    return np.rint((np.clip(images, -1, 1) + 1) * 127.5).astype(np.uint8)[..., None]
