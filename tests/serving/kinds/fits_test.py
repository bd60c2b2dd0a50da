"""What a network sees of pictures of any size, and what comes back."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.input_pipelines.sources import decoding
from tfgan_apps.serving.kinds import fits


def seen(images, fit, size=(64, 64), multiple=4):
    """Returns what the network sees, and what comes back of it, from a network that inverts."""
    given = []

    def network(x):
        given.append(x.numpy())
        return -x

    answer = fits.translated(network, images, tf.constant(fit), size, multiple, "image")
    return given[0], answer.numpy()


@pytest.mark.parametrize(
    "own, training, original",
    [
        ((64, 64), (64, 64), (64, 64)),
        ((480, 640), (56, 72), (480, 640)),  # 55.4 x 73.9
        ((30, 42), (56, 76), (32, 44)),  # larger, for it is too small
        ((1, 1), (64, 64), (8, 8)),
        ((4, 4), (64, 64), (8, 8)),  # at 1 pixel inside of it nothing could be mirrored
        ((10, 1000), (32, 128), (12, 1000)),  # squeezed to 1 : 4
    ],
)
def test_sizes(own, training, original):
    image = tf.zeros((1, *own, 3), tf.uint8)
    for fit, expected in (("training", training), ("original", original), ("pad", (64, 64))):
        given, answer = seen(image, fit)
        assert (fit, given.shape[1:3]) == (fit, expected)
        assert answer.shape[1:3] == own


@pytest.mark.parametrize(
    "own, training", [((35, 55), (35, 55)), ((70, 110), (35, 55)), ((40, 40), (44, 44))]
)
def test_of_training_images_that_are_no_squares_a_picture_has_the_area(own, training):
    given, answer = seen(tf.zeros((1, *own, 3), tf.uint8), "training", (35, 55), 1)
    assert given.shape[1:3] == training and answer.shape[1:3] == own


def test_a_network_that_halves_its_training_images_to_a_pixel(picture):
    for own, expected in (((64, 64), (64, 64)), ((9, 70), (64, 128))):
        for fit in ("training", "original"):
            assert seen(picture(*own)[None], fit, multiple=64)[0].shape[1:3] == expected


@pytest.mark.parametrize("own", [(64, 64), (150, 150), (20, 20)])
def test_a_square_picture_is_seen_as_training_sees_it(picture, own):
    image = picture(*own)
    expected = decoding.resize(image.astype(np.uint16) * 257, 64)
    for fit in ("training", "pad"):
        np.testing.assert_allclose(seen(image[None], fit)[0][0], expected, atol=2e-6)


def test_what_is_not_there_is_mirrored_and_cropped(picture):
    image = picture(9, 6)
    given, answer = seen(image[None], "original")
    np.testing.assert_array_equal(
        given[0], np.pad(given[0, :9, :6], [(0, 3), (0, 2), (0, 0)], "reflect")
    )
    np.testing.assert_allclose(127.5 * (1 - answer[0]), image, atol=1e-4)


def test_the_longer_side_fills_the_square(picture):
    image = picture(96, 48)
    given, answer = seen(image[None], "pad")
    expected = tf.image.resize(image, (64, 32), "bicubic", antialias=True) / 127.5 - 1
    np.testing.assert_allclose(given[0, :, :32], expected, atol=1e-5)
    mirrored = np.pad(given[0, :, :32], [(0, 0), (0, 32), (0, 0)], "reflect")
    np.testing.assert_array_equal(given[0], mirrored)
    assert np.abs(127.5 * (1 - answer[0]) - image).mean() < 3
