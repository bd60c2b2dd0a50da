"""Perceptual path length of generators whose answer is known."""

import numpy as np
import pytest

from tfgan_apps.metrics.perceptual_path_length import perceptual_path_length

RANDOM = np.random.RandomState(0)
MATRIX = RANDOM.randn(4, 6)
STARTS, ENDS = RANDOM.randn(100, 4), RANDOM.randn(100, 4)


def generate(latents):
    return latents @ MATRIX


def distance(first, second):
    return ((first - second) ** 2).sum(-1)


@pytest.mark.parametrize("epsilon", [1e-4, 1e-2])
@pytest.mark.parametrize("sampling", ["full", "end"])
def test_of_a_linear_generator_is_the_squared_step(epsilon, sampling):
    options = {"epsilon": epsilon, "sampling": sampling, "percentiles": None, "batch_size": 33}
    found = perceptual_path_length(generate, distance, STARTS, ENDS, **options)
    expected = (((ENDS - STARTS) @ MATRIX) ** 2).sum(-1).mean()
    assert found == pytest.approx(expected, rel=1e-5)


def test_on_the_sphere_is_the_squared_angle():
    options = {"interpolation": "slerp", "percentiles": None}
    found = perceptual_path_length(lambda z: z, distance, 5 * STARTS, ENDS, **options)
    unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (STARTS, ENDS)]
    angles = np.arccos((unit[0] * unit[1]).sum(1))
    assert found == pytest.approx((angles**2).mean(), rel=1e-4)


def test_outliers_are_left_out():
    """Lengths 0, 1, ..., 299, squared: the 1st and 99th percentile are 2 and 297."""
    starts = RANDOM.randn(300, 4)
    ends = starts + np.arange(300)[:, None] / np.sqrt(4)
    found = perceptual_path_length(lambda z: z, distance, starts, ends)
    assert found == pytest.approx((np.arange(2.0, 298) ** 2).mean(), rel=1e-5)


def test_both_images_of_a_path_come_from_one_call():
    calls = []
    perceptual_path_length(lambda z: calls.append(z) or z, distance, STARTS, ENDS, batch_size=64)
    assert [len(call) for call in calls] == [128, 72]
    np.testing.assert_allclose(calls[0][:64], calls[0][64:], atol=1e-2)


def test_wrong_arguments():
    def call(starts=STARTS, ends=ENDS, **options):
        return perceptual_path_length(generate, distance, starts, ends, **options)

    with pytest.raises(ValueError, match=r"ends must be .*\(N >= 1, 4\). Received: \(100, 3\)"):
        call(ends=ENDS[:, :3])
    with pytest.raises(ValueError, match="ends must be as many as starts, 100. Received: 7"):
        call(ends=ENDS[:7])
    with pytest.raises(ValueError, match="epsilon must be .* Received: epsilon=0"):
        call(epsilon=0)
    with pytest.raises(ValueError, match="sampling must be one of"):
        call(sampling="middle")
    with pytest.raises(ValueError, match="distance must be finite. Received: nan"):
        perceptual_path_length(generate, lambda a, b: a[:, 0] * np.nan, STARTS, ENDS)
