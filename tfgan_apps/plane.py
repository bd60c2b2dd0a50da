"""Pictures of points in the plane: generated ones over real ones, and a discriminator's levels."""

import numpy as np

_LEVELS = 9  # lines of the discriminator's levels
_LINE, _REAL, _FAKE = (0.75, 0.85, 1.0), (0.1, 0.6, 0.2), (0.85, 0.1, 0.1)


def picture(real, fake, scores, size=256):
    """Draws generated points over real ones and the level lines of a discriminator.

    Args:
        real: float array (N, 2), drawn green and large.
        fake: float array (M, 2), drawn red and small.
        scores: function of float32 points (P, 2) -> array of P numbers, whose level lines, of equal
            shares of the picture, are pale blue.
        size: int, height and width in pixels. Defaults to 256.

    Returns:
        float32 array (size, size, 3) in [-1, 1]; the second coordinate grows upwards.
    """
    real, fake = np.asarray(real), np.asarray(fake)
    extent = 1.3 * max(float(np.abs(real).max()), 1e-6)
    across = ((np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1) * np.float32(extent)
    x, y = np.meshgrid(across, -across)
    values = np.asarray(scores(np.stack([x, y], -1).reshape(-1, 2))).reshape(size, size)
    canvas = np.ones((size, size, 3), np.float32)
    canvas[_lines(values)] = _LINE
    _dots(canvas, real / extent, 3, _REAL)
    _dots(canvas, fake / extent, 1, _FAKE)
    return 2 * canvas - 1


def _lines(values):
    """Returns where the level of a pixel differs from that of the pixel below or to the right."""
    bounds = np.quantile(values, np.linspace(0, 1, _LEVELS + 2)[1:-1])
    levels = np.searchsorted(bounds, values)
    lines = np.zeros(values.shape, bool)
    lines[:-1] |= levels[:-1] != levels[1:]
    lines[:, :-1] |= levels[:, :-1] != levels[:, 1:]
    return lines


def _dots(canvas, places, radius, ink):
    size = len(canvas)
    columns, rows = np.floor((places * (1, -1) + 1) / 2 * size).astype(int).T
    for down in range(1 - radius, radius):
        for right in range(1 - radius, radius):
            y, x = rows + down, columns + right
            inside = (y >= 0) & (y < size) & (x >= 0) & (x < size)
            canvas[y[inside], x[inside]] = ink
