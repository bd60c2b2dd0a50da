"""First values of weights: their moments, and that no two are the same."""

import keras
import numpy as np
import pytest

from tfgan_apps.initializers import gamma_normal_002, kaiming, normal_002


@pytest.mark.parametrize("initializer, mean", [(normal_002, 0.0), (gamma_normal_002, 1.0)])
def test_moments_and_tails_are_of_a_normal_distribution(initializer, mean):
    keras.utils.set_random_seed(0)
    values = np.asarray(initializer()((100_000,))) - mean
    # Each bound is 5 standard errors; a normal distribution cut off at 2 deviations has no tail.
    assert abs(values.mean()) < 5 * 0.02 / np.sqrt(100_000)
    assert abs(values.std() - 0.02) < 5 * 0.02 / np.sqrt(200_000)
    assert np.mean(np.abs(values) > 0.04) == pytest.approx(0.0455, abs=0.0033)


@pytest.mark.parametrize("initializer", [normal_002, gamma_normal_002])
def test_two_weights_are_drawn_apart_and_again_for_the_same_seed(initializer):
    def draw():
        keras.utils.set_random_seed(3)
        return [np.asarray(initializer()((5,))) for _ in range(2)]

    first, again = draw(), draw()
    assert (first[0] != first[1]).all()
    np.testing.assert_array_equal(first, again)


def test_variance_is_2_of_a_filters_inputs():
    keras.utils.set_random_seed(0)
    values = np.asarray(kaiming()((5, 5, 8, 500)))
    assert values.std() == pytest.approx((2 / 200) ** 0.5, rel=0.02)
    assert np.abs(values).max() > 4 * values.std()  # not cut off
