"""Bicubic resizing on vectors; against the authors' code in networks/singan_test.py."""

import numpy as np
import pytest

from tfgan_apps.bicubic import bicubic, eight_bits


def resized(values, factor, length):
    """What becomes of a row of pixels."""
    row = np.float32(values)[None, None, :, None]
    return bicubic(row, (1.0, factor), (1, length)).numpy()[0, 0, :, 0]


def test_a_step_stays_symmetric_and_flat_where_it_is_flat():
    found = resized([0, 0, 0, 1, 1, 1], 2.0, 12)
    np.testing.assert_allclose(found + found[::-1], 1, atol=1e-6)
    np.testing.assert_allclose(found[:3], 0, atol=1e-6)


def test_a_pulse_becomes_the_cubic():
    found = resized([0, 0, 0, 1, 0, 0, 0], 2.0, 14)
    distances = np.abs((np.arange(14) + 0.5) / 2 - 0.5 - 3)
    near = 1.5 * distances**3 - 2.5 * distances**2 + 1
    far = -0.5 * distances**3 + 2.5 * distances**2 - 4 * distances + 2
    expected = np.where(distances <= 1, near, np.where(distances <= 2, far, 0))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_shrinking_smooths():
    found = resized([0, 1] * 16, 0.5, 16)
    np.testing.assert_allclose(found[2:-2], 0.5, atol=0.01)
    ramp = resized(np.arange(32), 0.5, 16)
    np.testing.assert_allclose(ramp[2:-2], 2 * np.arange(16)[2:-2] + 0.5, atol=1e-4)


@pytest.mark.parametrize(("factor", "length"), [(4 / 3, 12), (2 / 3, 6)])
def test_borders_are_mirrored_on_both_sides(factor, length):
    values = np.random.RandomState(0).rand(9)
    there, back = resized(values, factor, length), resized(values[::-1], factor, length)
    np.testing.assert_allclose(there, back[::-1], atol=1e-5)
    whole = resized(np.pad(values, 9, "symmetric"), factor, 3 * length)
    np.testing.assert_allclose(there, whole[length : 2 * length], atol=1e-5)


def test_more_than_the_factor_makes_is_mirrored():
    found = resized([1, 2, 3], 2.0, 8)
    np.testing.assert_allclose(found[6:], found[5:3:-1], atol=1e-5)


def test_levels_are_cut_off_and_none_is_lost():
    levels = np.arange(256, dtype=np.float32)
    np.testing.assert_allclose((eight_bits(levels / 127.5 - 1) + 1) * 127.5, levels, atol=1e-4)
    found = eight_bits(np.float32([-3, 3, 10.7 / 127.5 - 1]))
    np.testing.assert_allclose((found + 1) * 127.5, [0, 255, 10], atol=1e-4)
