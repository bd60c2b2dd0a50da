import functools
import math

import numpy as np
import pytest
import tensorflow as tf

from tests.tiny_gan import TinyGAN
from tfgan_apps.augment import corruptions, parameters
from tfgan_apps.augment.pipeline import SETS

COUNT = 4000


@functools.cache
def drawn(probability, sets="bgcfnc"):
    draw = functools.partial(TinyGAN().draw, count=COUNT)
    return {n: v.numpy() for n, v in parameters.drawn(SETS[sets], probability, draw).items()}


def share(name, probability=0.5):
    """How many images a transform acts on, by its numbers."""
    return (drawn(probability)[name] != parameters.TRANSFORMS[name].neutral).mean(0)


def test_all_sixteen_are_drawn_in_order():
    assert list(drawn(0.5)) == list(parameters.TRANSFORMS)
    assert {n: v.shape for n, v in drawn(0.5).items() if v.ndim > 1} == {
        "shift": (COUNT, 2),
        "fractional_shift": (COUNT, 2),
        "bands": (COUNT, 4),
        "cutout": (COUNT, 2),
    }


def test_without_probability_nothing_is_done():
    for name in parameters.TRANSFORMS:
        assert not share(name, 0.0).any()


def test_more_than_one_is_one():
    for name, values in drawn(1.0).items():
        np.testing.assert_array_equal(values, drawn(1.7)[name])


def test_half_of_the_images_are_transformed_and_a_quarter_flipped():
    assert share("flip") == pytest.approx(0.25, abs=0.04)
    assert share("luma_flip") == pytest.approx(0.25, abs=0.04)
    assert share("quarter_turns") == pytest.approx(0.375, abs=0.04)
    names = "scale stretch brightness contrast hue saturation noise".split()
    for share_ in map(share, [*names, "fractional_shift", "bands", "cutout"]):
        np.testing.assert_allclose(share_, 0.5, atol=0.04)


def test_half_of_the_images_are_rotated_before_or_after():
    before, after = (drawn(0.5)[f"rotation_{n}"] != 0 for n in ("before", "after"))
    assert (before | after).mean() == pytest.approx(0.5, abs=0.04)
    assert before.mean() == pytest.approx(1 - math.sqrt(0.5), abs=0.04)
    assert (before & after).mean() == pytest.approx((1 - math.sqrt(0.5)) ** 2, abs=0.02)


def test_both_axes_move_together_and_bands_are_amplified_each_by_itself():
    x, y = (drawn(0.5)["fractional_shift"] != 0).T
    np.testing.assert_array_equal(x, y)
    amplified = drawn(0.5)["bands"] != 1
    np.testing.assert_allclose(np.corrcoef(amplified.T), np.eye(4), atol=0.06)


def test_cutout_takes_a_fifth_of_half_of_the_images():
    kept = corruptions.cut_out(tf.ones((COUNT, 32, 32, 1)), drawn(0.5)["cutout"]).numpy()
    area = 1 - kept.mean((1, 2, 3))
    assert (area > 0).mean() == pytest.approx(0.5, abs=0.06)
    assert 0.15 < area[area > 0].mean() < 0.25


@pytest.mark.parametrize(
    ("name", "of", "deviation"),
    [
        ("scale", np.log2, 0.2),
        ("stretch", np.log2, 0.2),
        ("fractional_shift", np.array, 0.125),
        ("brightness", np.array, 0.2),
        ("contrast", np.log2, 0.5),
        ("saturation", np.log2, 1.0),
        ("bands", np.log2, 1.0),
    ],
)
def test_deviations(name, of, deviation):
    values = of(drawn(1.0)[name])
    np.testing.assert_allclose(values.std(0), deviation, rtol=0.06)
    np.testing.assert_allclose(values.mean(0), 0.0, atol=0.08 * deviation)


def test_ranges():
    for name in ("rotation_before", "rotation_after", "hue"):
        angles = drawn(1.0)[name]
        assert -math.pi <= angles.min() < -3.1 < 3.1 < angles.max() <= math.pi
    assert set(drawn(1.0)["quarter_turns"]) == {0, 1, 2, 3}
    assert np.abs(drawn(1.0)["shift"]).max() == pytest.approx(0.125, abs=1e-3)
    noise = drawn(1.0)["noise"]
    assert noise.min() >= 0 and noise.mean() == pytest.approx(0.1 * math.sqrt(2 / math.pi), rel=0.1)


def test_a_transform_draws_the_same_whatever_the_others():
    for sets in ("geom", "color", "cutout"):
        for name, values in drawn(0.5, sets).items():
            np.testing.assert_array_equal(values, drawn(0.5)[name])
