"""A landscape, drawn by the package: a picture that a model of a single image learns in minutes."""

import numpy as np

HEIGHT, WIDTH = 48, 64


def landscape(height=HEIGHT, width=WIDTH):
    """Returns a sky that grows lighter, a rough ground and three discs: uint8 (height, width, 3).

    Args:
        height, width: int, in pixels. Default to 48 and 64.
    """
    rng = np.random.RandomState(0)
    y, x = np.mgrid[:height, :width] / np.float64(height)
    sky = np.stack([0.3 + 0.4 * y, 0.5 + 0.3 * y, 0.9 - 0.1 * y], -1)
    rough = 0.12 * rng.randn(height, width, 1) + 0.08 * np.sin(40 * x + 9 * y)[..., None]
    ground = np.array([0.35, 0.45, 0.2]) + rough
    image = np.where(y[..., None] > 0.6, ground, sky)
    discs = ((0.25, 0.3, 0.12, (0.95, 0.85, 0.3)), (0.75, 0.55, 0.1, (0.8, 0.2, 0.2)))
    discs += ((0.6, 1.0, 0.16, (0.2, 0.3, 0.6)),)
    for row, column, radius, color in discs:
        inside = (y - row) ** 2 + (x - column) ** 2 < radius**2
        image = np.where(inside[..., None], color, image)
    return np.uint8(np.clip(255 * image, 0, 255))
