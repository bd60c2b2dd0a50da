import numpy as np
import tensorflow as tf

from tfgan_apps.augment import augmented, corruptions

IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 24, 8, 3)).astype(np.float32)


def test_bands_as_they_are_are_the_image():
    found = corruptions.filtered(IMAGES, np.ones((2, 4), np.float32))
    np.testing.assert_allclose(found, IMAGES, atol=1e-5)


def test_an_amplified_band_takes_power_from_the_others():
    factors = np.array([[1, 4, 1, 1], [2, 1, 1, 3]], np.float32)
    found = corruptions.filtered(np.ones_like(IMAGES), factors)[:, 0, 0, 0]
    low = 1 / np.sqrt(1 + 15 / 13), 2 / np.sqrt((1 + 30 / 13) * (1 + 8 / 13))
    np.testing.assert_allclose(found, np.square(low), rtol=1e-5)  # both axes are filtered


def test_the_highest_band_is_that_of_a_chessboard():
    board = np.indices((24, 8)).sum(0) % 2 * 2.0 - 1.0
    images = np.float32(board)[None, :, :, None]
    found = corruptions.filtered(images, np.array([[1, 1, 1, 2]], np.float32))
    np.testing.assert_allclose(found, images * 4 / (1 + 3 / 13), atol=1e-4)


def test_cutout_is_half_as_high_and_wide_and_may_leave_the_image():
    centers = np.array([[0.25, 0.75], [0.0, 1.0], [-1.0, -1.0]], np.float32)
    found = corruptions.cut_out(tf.ones((3, 8, 4, 1)), centers)[..., 0].numpy()
    expected = np.ones((3, 8, 4))
    expected[0, 4:, :2] = expected[1, 6:, :1] = 0
    np.testing.assert_array_equal(found, expected)


def test_noise_is_each_images_own():
    noise = np.random.default_rng(1).normal(size=IMAGES.shape)
    found = augmented(IMAGES, {"noise": [0.0, 0.3]}, noise)
    np.testing.assert_allclose(found[0], IMAGES[0])
    np.testing.assert_allclose(found[1], IMAGES[1] + 0.3 * noise[1], atol=1e-6)
