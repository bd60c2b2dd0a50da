import numpy as np
import pytest

from tfgan_apps.datasets.mixtures import MIXTURES
from tfgan_apps.input_pipelines import Points, images_or_points


@pytest.mark.parametrize(
    ("name", "modes", "deviation"), [("ring", 8, 0.0141), ("grid", 25, 0.0177)]
)
def test_points_lie_on_the_modes(name, modes, deviation):
    data = images_or_points(name, 28, 1, batch_size=1000)
    points = next(iter(data.train())).numpy()
    centers = MIXTURES[name].centers
    distances = np.linalg.norm(points[:, None] - centers, axis=-1)
    assert points.shape == (1000, 2) and len(set(distances.argmin(1))) == modes == len(centers)
    apart = points - centers[distances.argmin(1)]
    np.testing.assert_allclose(apart.std(0), deviation, rtol=0.1)
    assert MIXTURES[name].readings(points, 0.1) == {"good": 1.0, "modes": modes}


def test_the_ring_of_the_authors():
    centers = MIXTURES["ring"].centers
    np.testing.assert_allclose(np.linalg.norm(centers, axis=1), 2 / 1.414, rtol=1e-5)
    assert np.abs(MIXTURES["grid"].centers).max() == pytest.approx(2 / 2.828)


def test_good_points_and_modes():
    ring = MIXTURES["ring"]
    points = np.concatenate([ring.centers[:2].repeat(50, 0), np.zeros((100, 2))])
    assert ring.readings(points, 0.1) == {"good": 0.5, "modes": 2}


def test_no_point_comes_twice_and_the_stream_starts_anywhere():
    data = Points("ring", 4, seed=1)
    points = list(data.train().take(6).as_numpy_iterator())
    assert len(np.unique(np.concatenate(points), axis=0)) == 24
    np.testing.assert_array_equal(points[4:], list(data.train(4).take(2).as_numpy_iterator()))
    assert data.steps_per_epoch == 6400 and "ring, 8 Gaussians" in data.describe()[0]


def test_mixtures_that_are_unknown():
    with pytest.raises(ValueError, match="mixture must be one of"):
        Points("spiral")
