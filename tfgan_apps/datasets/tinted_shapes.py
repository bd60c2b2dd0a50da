"""Procedural shapes with two attributes: red or blue, on bright or dark ground. NumPy only."""

import numpy as np

from tfgan_apps.datasets.shape_renderer import KINDS, coverage

COUNTS = {"train": 1000, "test": 200}
ATTRIBUTES = ("Red", "Bright")
COLORS = ((0.1, 0.2, 0.9), (0.9, 0.1, 0.1))  # blue, red; in [0, 1]
LEVELS = (0.25, 0.75)  # of dark and bright ground
PATCH, VARIATION = 4, 0.15  # pixels of the ground that are of one level; how far it may be off
_COLORFUL = 0.6  # a shape has such a difference of channels in [-1, 1], grey ground has none


def drawn(image_size, seed=0):
    """Draws the set.

    Args:
        image_size: int >= 16, height and width in pixels.
        seed: int, of what varies. Defaults to 0.

    Returns:
        dict, split -> (images, labels): uint8 (count, image_size, image_size, 3), and int32
        (count, 2) of 0 and 1, for `ATTRIBUTES`.
    """
    rng = np.random.default_rng(seed)
    splits = {}
    for split, count in COUNTS.items():
        labels = rng.integers(0, 2, (count, len(ATTRIBUTES)), np.int32)
        splits[split] = np.stack([picture(*label, image_size, rng) for label in labels]), labels
    return splits


def picture(red, bright, size, rng):
    """Draws a shape of any kind, at any place, uint8 (size, size, 3).

    Args:
        red, bright: 0 or 1.
        size: int, height and width in pixels.
        rng: numpy.random.Generator.
    """
    radius = rng.uniform(0.2, 0.3)
    center = rng.uniform(radius, 1 - radius, 2)
    inside = coverage(KINDS[rng.integers(len(KINDS))], center, radius, size)[..., None]
    patches = rng.uniform(-VARIATION, VARIATION, (-(-size // PATCH),) * 2)
    ground = LEVELS[bright] + patches.repeat(PATCH, 0).repeat(PATCH, 1)[:size, :size, None]
    image = inside * COLORS[red] + (1 - inside) * ground
    return np.rint(255 * image).astype(np.uint8)


def foreground(images):
    """Returns where the shapes of real images are, bool (B, height, width).

    Args:
        images: float array (B, height, width, 3) in [-1, 1].
    """
    return np.ptp(images, axis=-1) > _COLORFUL


def read(images, inside):
    """Returns the attributes of images, int32 (B, 2).

    Args:
        images: float array (B, height, width, 3) in [-1, 1].
        inside: bool array (B, height, width), where the shapes are.
    """
    pairs = zip(np.asarray(images), inside, strict=True)
    found = [((x[mask][:, 0] - x[mask][:, 2]).mean(), x[~mask].mean()) for x, mask in pairs]
    return (np.array(found) > 0).astype(np.int32)
