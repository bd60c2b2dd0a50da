"""Pictures of points."""

import numpy as np

from tfgan_apps.plane import picture


def test_points_over_points_over_level_lines():
    real = np.array([[1.0, 1.0], [-1.0, -1.0]])
    drawn = picture(real, np.array([[1.0, 1.0], [9.0, 0.0]]), lambda points: points[:, 0], size=130)
    assert drawn.shape == (130, 130, 3) and np.abs(drawn).max() <= 1
    row, column = 15, 115  # (1, 1): up and to the right, 1.3 being the border
    np.testing.assert_allclose(drawn[row, column], [0.7, -0.8, -0.8], atol=1e-6)
    np.testing.assert_allclose(drawn[row + 2, column], [-0.8, 0.2, -0.6], atol=1e-6)
    lines = np.all(np.isclose(drawn, [0.5, 0.7, 1.0]), -1)
    assert 7 <= lines[60].sum() <= 9 and not lines[60, :5].any()  # upright, one at each level
