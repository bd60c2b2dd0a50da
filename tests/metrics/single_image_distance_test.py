"""SIFID with a feature map that is fixed."""

import numpy as np
import pytest

from tests.goldens.metrics import inputs
from tfgan_apps.metrics.frechet_distance import frechet_distance
from tfgan_apps.metrics.single_image_distance import single_image_distance

IMAGES = inputs.images(32)[0] / 127.5 - 1


def feature_maps(images):
    """Colours and their differences to the right and below."""
    right, below = np.roll(images, 1, 2) - images, np.roll(images, 1, 1) - images
    return np.concatenate([images, right, below], -1)


def test_zero_for_the_same_image_and_grows_with_noise():
    assert single_image_distance(IMAGES, IMAGES, feature_maps) == pytest.approx(0, abs=1e-9)
    noise = np.random.RandomState(0).randn(*IMAGES.shape)
    found = [single_image_distance(IMAGES, IMAGES + s * noise, feature_maps) for s in (0.1, 0.3, 1)]
    assert (np.diff(found, axis=0) > 0).all() and found[0].shape == (3,)


def test_each_place_is_a_sample_and_sizes_may_differ():
    found = single_image_distance([IMAGES[0]], [IMAGES[1][:20]], feature_maps)
    places = [feature_maps(i[None]).reshape(-1, 9) for i in (IMAGES[0], IMAGES[1][:20])]
    assert found[0] == pytest.approx(frechet_distance(*places))


def test_wrong_arguments():
    with pytest.raises(ValueError, match="fake must be as many .* Received: 3 real, 2 fake"):
        single_image_distance(IMAGES, IMAGES[:2], feature_maps)
    with pytest.raises(ValueError, match="must be finite"):
        single_image_distance(IMAGES, IMAGES * np.nan, feature_maps)
