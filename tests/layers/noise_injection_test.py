"""NoiseInjection and LearnedConstant: what a synthesis network begins with."""

import numpy as np
import pytest

from tfgan_apps.layers import LearnedConstant, NoiseInjection


@pytest.mark.parametrize("shared", [False, True])
def test_a_part_of_the_vector_is_a_map_for_all_channels(shared):
    layer = NoiseInjection(2, shared)
    features = np.zeros((1, 2, 3, 2), np.float32)
    noise = np.arange(10, dtype=np.float32)[None]
    np.testing.assert_array_equal(layer(features, noise), features)  # of strength 0 at first
    layer.strength.assign(2.0 if shared else [1.0, -1.0])
    expected = np.arange(2, 8).reshape(2, 3, 1) * np.array([2.0, 2.0] if shared else [1.0, -1.0])
    np.testing.assert_array_equal(layer(features, noise)[0], expected)
    again = NoiseInjection.from_config(layer.get_config())
    assert (again.start, again.shared) == (2, shared)


def test_a_constant_is_the_same_for_each_example():
    layer = LearnedConstant((2, 1))
    found = layer(np.zeros((3, 5), np.float32))
    np.testing.assert_array_equal(found, np.ones((3, 2, 1)))
    again = LearnedConstant.from_config(layer.get_config())
    assert again.compute_output_shape((7, 5)) == (7, 2, 1)
