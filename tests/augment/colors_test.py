import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.augment import augmented

IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 4, 5, 3)).astype(np.float32)


def recolored(images, **chosen):
    chosen = {n: tf.constant([v] * len(images), tf.float32) for n, v in chosen.items()}
    return augmented(images, chosen).numpy()


def test_they_are_five_matrices_in_order():
    brightness, contrast, hue, saturation = 0.3, 1.4, 0.8, 0.6
    axis = np.ones((3, 1)) / math.sqrt(3)
    luma, cross = axis @ axis.T, np.cross(np.eye(3), axis[:, 0])
    turn = luma + math.cos(hue) * (np.eye(3) - luma) + math.sin(hue) * cross
    x = contrast * (IMAGES + brightness)
    for matrix in (np.eye(3) - 2 * luma, turn, luma + (np.eye(3) - luma) * saturation):
        x = x @ matrix.T
    chosen = {"brightness": brightness, "contrast": contrast, "luma_flip": 1.0}
    found = recolored(IMAGES, **chosen, hue=hue, saturation=saturation)
    np.testing.assert_allclose(found, x, atol=1e-5)


def test_brightness_is_added_and_contrast_is_about_grey():
    np.testing.assert_allclose(recolored(IMAGES, brightness=0.2), IMAGES + 0.2, atol=1e-6)
    np.testing.assert_allclose(recolored(IMAGES, contrast=1.5), IMAGES * 1.5, atol=1e-6)


def test_a_luma_flip_negates_the_mean_and_keeps_chroma():
    mean = IMAGES.mean(-1, keepdims=True)
    found = recolored(IMAGES, luma_flip=1.0)
    np.testing.assert_allclose(found, IMAGES - 2 * mean, atol=1e-6)


def test_a_third_of_a_turn_of_hue_gives_each_channel_to_the_next():
    found = recolored(IMAGES, hue=2 * math.pi / 3)
    np.testing.assert_allclose(found, np.roll(IMAGES, 1, -1), atol=1e-6)


def test_without_saturation_there_is_the_mean():
    expected = np.broadcast_to(IMAGES.mean(-1, keepdims=True), IMAGES.shape)
    np.testing.assert_allclose(recolored(IMAGES, saturation=0.0), expected, atol=1e-6)


def test_grey_has_no_chroma():
    grey = IMAGES[..., :1]
    np.testing.assert_allclose(recolored(grey, hue=1.0, saturation=3.0), grey, atol=1e-6)
    found = recolored(grey, brightness=0.2, contrast=1.5, luma_flip=1.0)
    np.testing.assert_allclose(found, -1.5 * (grey + 0.2), atol=1e-6)


def test_opacity_keeps_its_value():
    images = np.concatenate([IMAGES, IMAGES[..., :1]], -1)
    found = recolored(images, brightness=0.2, luma_flip=1.0)
    np.testing.assert_array_equal(found[..., 3], images[..., 3])
    np.testing.assert_allclose(found[..., :3], recolored(IMAGES, brightness=0.2, luma_flip=1.0))


def test_two_channels_have_no_colour():
    with pytest.raises(ValueError, match=r"must have 1, 3 or 4 channels .*Received: .*4, 5, 2\)"):
        recolored(IMAGES[..., :2], hue=1.0)
