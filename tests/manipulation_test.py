"""Larger pictures and moving ones."""

import numpy as np
import pytest

from tests.models.singan_test import SIZE, tiny, with_details
from tfgan_apps.manipulation import animated, growth_of, super_resolved


@pytest.fixture(scope="module")
def model():
    """An untrained one whose coarser scale begins from a picture, and whose noise is seen."""
    found = with_details(tiny(noise_padding="noise"))
    y, x = np.mgrid[: SIZE[0], : SIZE[1]] / 20
    found.image.assign(np.float32(np.stack([x, y, 1 - x], -1))[None])
    found.amplitudes[1].assign(0.1)
    return found


def test_steps_to_a_factor_are_the_authors():
    assert growth_of(4) == (6, pytest.approx(2 ** (1 / 3)))
    assert growth_of(2) == (3, pytest.approx(2 ** (1 / 3)))
    with pytest.raises(ValueError, match="factor must be larger than 1"):
        growth_of(1)


def test_a_larger_picture_has_the_factors_size(model):
    found = super_resolved(model, 1.5)
    assert found.shape == (21, 25, 3)
    again, other = super_resolved(model, 1.5), super_resolved(model, 1.5, seed=1)
    np.testing.assert_array_equal(found, again)
    assert not np.array_equal(found, other)


def test_frames_move_a_little_at_a_time_and_only_from_the_start_scale_on(model):
    frames = animated(model, 6, start_scale=0)
    assert frames.shape == (6, *SIZE, 3)
    steps = np.abs(np.diff(frames, axis=0)).mean((1, 2, 3))
    assert (steps > 0).all()
    finer = animated(model, 3, start_scale=1)
    assert 0 < np.abs(np.diff(finer, axis=0)).mean() < steps.mean()
    np.testing.assert_array_equal(frames[:3], animated(model, 3, start_scale=0))


def test_numbers_out_of_their_range(model):
    with pytest.raises(ValueError, match="start_scale must be from 0 to 1"):
        animated(model, start_scale=2)
    with pytest.raises(ValueError, match="frames must be an integer >= 1"):
        animated(model, 0)
    with pytest.raises(ValueError, match="momentum must be in"):
        animated(model, 2, 0, momentum=1.0)
