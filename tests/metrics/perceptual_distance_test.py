"""LPIPS's arithmetic against lpips 0.1.4; its networks are tested in features/."""

import numpy as np
import pytest

from tests.goldens.metrics import inputs
from tests.metrics.goldens import ARITHMETIC
from tfgan_apps.metrics.perceptual_distance import (
    PerceptualDistance,
    feature_map_distance,
    scaled,
)

FIRST, SECOND, WEIGHTS = inputs.feature_maps()
IMAGES = np.random.RandomState(0).uniform(-1, 1, (2, 4, 4, 3))


def test_agrees_with_lpips():
    found = feature_map_distance(FIRST, SECOND, WEIGHTS)
    np.testing.assert_allclose(found, ARITHMETIC["lpips"], rtol=1e-9)


def test_scale_is_that_of_imagenet_moved_to_minus_one_to_one():
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    pixels = np.array([[[[0.0, 128, 255]]]])
    np.testing.assert_allclose(scaled(pixels), (pixels / 255 - mean) / std, atol=1e-5)


def test_zero_symmetric_and_within_its_range():
    distance = PerceptualDistance(lambda images: [images, images[:, ::2] - 1])
    assert distance(IMAGES, IMAGES) == pytest.approx(0)
    found = distance(IMAGES, IMAGES[::-1])
    np.testing.assert_allclose(found, distance(IMAGES[::-1], IMAGES), rtol=1e-12)
    assert (0 < found).all() and (found <= 8).all()
    opposite = [np.full((1, 1, 1, 3), s) for s in (1.0, -1.0)]
    assert feature_map_distance(opposite[:1], opposite[1:]) == pytest.approx(4)


def test_grows_with_noise():
    noise = np.random.RandomState(1).randn(*IMAGES.shape)
    distance = PerceptualDistance(lambda images: [images])
    found = [distance(IMAGES, np.clip(IMAGES + s * noise, -1, 1)).mean() for s in (0.01, 0.1, 0.4)]
    assert found[0] < found[1] < found[2]


def test_wrong_arguments():
    distance = PerceptualDistance(lambda images: [images], [np.ones(5)])
    with pytest.raises(ValueError, match=r"weights one value .* Received: .* and \[5\]"):
        distance(IMAGES, IMAGES)
    with pytest.raises(ValueError, match=r"second must be images of shape \(2, 4, 4, 3\)"):
        distance(IMAGES, IMAGES[:1])
    with pytest.raises(ValueError, match=r"first must have 3 channels. Received: \(2, 4, 4, 1\)"):
        distance(IMAGES[..., :1], IMAGES[..., :1])
    with pytest.raises(ValueError, match="second must have the shapes of first"):
        feature_map_distance(FIRST, SECOND[:2])
