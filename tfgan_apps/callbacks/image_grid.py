"""Images side by side."""

import numpy as np

# Cells smaller than this, in pixels, are hard to see.
_SMALLEST_CELL = 64


def image_grid(columns, gap=4):
    """Returns one picture with a row per example and a column per entry, white between the cells.

    Images whose shorter side is under 64 pixels are enlarged by a whole factor, without smoothing.

    Args:
        columns: list of arrays (B, H, W, C) in [-1, 1], all of one shape.
        gap: pixels between the cells. Defaults to `4`.

    Returns:
        uint8 array (height, width, C).

    Raises:
        ValueError: the columns differ in shape.
    """
    shapes = [tuple(np.shape(column)) for column in columns]
    if len(set(shapes)) != 1 or len(shapes[0]) != 4:
        raise ValueError(
            f"columns must be arrays (B, H, W, C) of one shape. Received shapes: {shapes}"
        )
    cells = np.stack(columns, axis=1).astype(np.float32)
    cells = np.clip(np.round((cells + 1) * 127.5), 0, 255).astype(np.uint8)
    factor = -(-_SMALLEST_CELL // min(cells.shape[2:4]))
    cells = cells.repeat(factor, axis=2).repeat(factor, axis=3)
    spaced = np.pad(cells, [(0, 0), (0, 0), (0, gap), (0, gap), (0, 0)], constant_values=255)
    rows, count, height, width, channels = spaced.shape
    grid = spaced.transpose(0, 2, 1, 3, 4).reshape(rows * height, count * width, channels)
    return grid[:-gap, :-gap] if gap else grid
