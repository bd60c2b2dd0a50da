"""Resize rules against rows whose values are known."""

import numpy as np
import pytest

from tfgan_apps.metrics.features.resizing import resize

ROW = np.array([0, 1, 2, 3], np.uint8).reshape(1, 1, 4, 1)


@pytest.mark.parametrize(
    "rule, width, expected",
    [
        ("tf1", 8, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3]),
        ("half_pixel", 8, [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]),
        ("tf1", 2, [0, 2]),
        ("half_pixel", 2, [0.5, 2.5]),
        ("bilinear_antialiased", 2, [0.714286, 2.285714]),
    ],
)
def test_published_rows(rule, width, expected):
    found = resize(ROW, (1, width), rule)
    assert found.dtype == np.float32 and found.shape == (1, 1, width, 1)
    np.testing.assert_allclose(found.ravel(), expected, atol=1e-6)


def test_clean_is_bicubic_of_each_channel_clipped_to_bytes():
    edge = np.zeros((2, 1, 40, 3), np.uint8)
    edge[1, :, 20:] = [255, 128, 0]
    found = resize(edge, (1, 20), "clean")
    assert found.max() == 255 and found.min() == 0  # bicubic weights reach over both
    assert found[1, :, :, 1].max() > 129
    assert not found[0].any() and not found[1, :, :, 2].any()
    np.testing.assert_allclose(found[1, 0, [0, 5, 19], 1], [0, 0, 128], atol=1e-4)


def test_wrong_rule():
    with pytest.raises(ValueError, match=r"rule must be one of .*'tf1'.* Received: rule='cubic'"):
        resize(ROW, (1, 2), "cubic")
