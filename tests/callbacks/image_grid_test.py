"""Sheets, pixel by pixel."""

import numpy as np
import pytest

from tfgan_apps.callbacks.image_grid import image_grid


def test_cells_stand_where_rows_are_examples_and_columns_entries():
    values = np.float32([[-1.0, 0.0], [0.5, 1.0], [-0.5, 0.25]])
    columns = [np.broadcast_to(values[:, i, None, None, None], (3, 64, 80, 3)) for i in range(2)]
    grid = image_grid(columns, gap=4)
    assert grid.dtype == np.uint8
    assert grid.shape == (3 * 64 + 2 * 4, 2 * 80 + 4, 3)
    for row, column in np.ndindex(3, 2):
        cell = grid[row * 68 : row * 68 + 64, column * 84 : column * 84 + 80]
        assert set(cell.flat) == {round(float(values[row, column] + 1) * 127.5)}
    assert set(grid[64:68].flat) == {255} == set(grid[:, 80:84].flat)


def test_small_images_are_enlarged_by_whole_pixels():
    image = np.float32([[-1, 1, -1], [1, -1, 1]])[None, ..., None]
    grid = image_grid([image], gap=0)
    assert grid.shape == (64, 96, 1)
    np.testing.assert_array_equal(grid[::32, ::32, 0], [[0, 255, 0], [255, 0, 255]])
    np.testing.assert_array_equal(grid[31::32, 31::32, 0], [[0, 255, 0], [255, 0, 255]])


def test_values_outside_the_range_saturate():
    grid = image_grid([np.float32([[-3.0, 3.0]]).reshape(1, 1, 2, 1)], gap=0)
    assert grid.min() == 0 and grid.max() == 255


def test_columns_of_different_shapes():
    expected = r"one shape. Received shapes: \[\(1, 8, 8, 3\), \(1, 8, 8, 1\)\]"
    with pytest.raises(ValueError, match=expected):
        image_grid([np.zeros((1, 8, 8, 3)), np.zeros((1, 8, 8, 1))])
