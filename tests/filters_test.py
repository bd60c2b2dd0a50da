"""Filters against the numbers of SciPy and of the authors' layers."""

import numpy as np
import pytest
from scipy import signal, special

from tfgan_apps import filters


@pytest.mark.parametrize(
    ("arguments", "half"),
    [
        (
            (12, 2, 12, 32),
            [0.0007919, 0.0100183, 0.0389495, 0.0924128, 0.1565256, 0.2013019],
        ),
        (
            (24, 4 * 2 ** (-1 / 3), 9.6504, 64),
            [-0.0003399, -0.0002996, 0.0008736, 0.0042134, 0.0107662, 0.021245]
            + [0.0356775, 0.053172, 0.0719081, 0.089398, 0.1029781, 0.1104077],
        ),
    ],
)
def test_the_taps_of_layers_of_1024_pixels(arguments, half):
    found = filters.low_pass(*arguments)
    np.testing.assert_allclose(found, [*half, *half[::-1]], atol=6e-8)


def test_the_taps_of_a_layer_that_turns():
    found = filters.radial_low_pass(12, 2, 12, 32)
    half = [0.0002053, 0.0022786, 0.008198, 0.0185422, 0.0305334, 0.0387549]
    np.testing.assert_allclose(found[5], [*half, *half[::-1]], atol=6e-8)
    for other in (found.T, found[::-1], found[:, ::-1]):
        np.testing.assert_allclose(other, found, atol=1e-17)
    assert found.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("width", [0.5, 3, 12])
@pytest.mark.parametrize("count", [1, 2, 7, 24])
def test_the_window_is_wide_as_scipy_makes_it(count, width):
    """From 8 to 200 decibels: all three of Kaiser's formulas."""
    expected = signal.firwin(count, 3.0, width=width, fs=32) if count > 1 else [1.0]
    np.testing.assert_allclose(filters.low_pass(count, 3.0, width, 32), expected, atol=1e-15)


def test_the_filter_of_a_disc_has_a_value_at_its_centre():
    """pi c^2 in the plane, which the window leaves: 25 taps see it, 24 go around it."""
    odd = filters.radial_low_pass(25, 2, 12, 32)
    even = filters.radial_low_pass(24, 2, 12, 32)
    assert np.isfinite(odd).all() and odd[12, 12] == odd.max()
    assert odd[12, 12] == pytest.approx(even[11, 11], rel=0.05)


def test_bessels_function():
    x = np.linspace(-70, 70, 999).reshape(3, 333)
    np.testing.assert_allclose(filters.bessel_j1(x), special.j1(x), atol=1e-14)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="count must be an integer >= 1. Received: count=0"):
        filters.low_pass(0, 1, 1, 4)
