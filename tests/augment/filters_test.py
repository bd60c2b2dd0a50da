import numpy as np
import tensorflow as tf

from tfgan_apps.augment import filters
from tfgan_apps.layers import resampling

NOISE = np.random.default_rng(0).normal(size=(2, 9, 12, 3)).astype(np.float32)
TAPS = np.divide(filters.SYM6, sum(filters.SYM6))


def test_doubling_is_a_filter_over_an_image_that_is_reflected_once():
    around = tf.pad(NOISE, ((0, 0), (8, 8), (11, 11), (0, 0)), "REFLECT")
    expected = np.pad(resampling.doubled(around, TAPS), ((0, 0), (1, 1), (1, 1), (0, 0)))
    (rows, row_of), (columns, column_of) = filters.doubling(9), filters.doubling(12)
    found = filters.along_both(tf.constant(rows), NOISE, tf.constant(columns)).numpy()
    np.testing.assert_allclose(found[:, row_of][:, :, column_of], expected, atol=1e-5)


def test_doubling_has_a_row_for_each_filter_and_place_only():
    rows, row_of = filters.doubling(64)
    assert len(row_of) == 2 * (64 + 2 * 63) + 2
    assert len(rows) < 4 * 64 + 16


def test_halving_is_the_filter_in_reverse():
    doubled = np.random.default_rng(0).normal(size=(2, 30, 36, 3)).astype(np.float32)
    expected = resampling.upfirdn(doubled, TAPS[::-1], down=2, padding=(-1,) * 4)
    rows, columns = filters.halving(9), filters.halving(12)
    found = filters.along_both(tf.constant(rows), doubled, tf.constant(columns))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_bands_split_an_axis():
    bank = filters.band_taps()
    assert bank.shape == (4, 43)
    np.testing.assert_allclose(bank.sum(1), [1, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(bank.sum(0), np.eye(43)[21], atol=1e-9)  # as exact as their taps
    np.testing.assert_allclose(bank, bank[:, ::-1], atol=1e-12)


def test_bands_of_an_axis_are_filters_over_what_is_reflected():
    row = NOISE[0, :, 0, 0].repeat(3)  # 27 pixels: more than the filters reach
    around = np.pad(row, 21, "reflect")
    expected = [np.convolve(around, taps, "valid") for taps in filters.band_taps()]
    np.testing.assert_allclose(filters.bands(27) @ row, expected, atol=1e-5)


def test_small_images_are_reflected_again_and_again():
    np.testing.assert_allclose(filters.bands(5).sum(0), np.eye(5), atol=1e-6)
    np.testing.assert_allclose(filters.bands(1).ravel(), [1, 0, 0, 0], atol=1e-6)
