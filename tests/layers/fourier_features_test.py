import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.curvature import assert_twice_differentiable
from tfgan_apps.layers import FourierFeatures
from tfgan_apps.metrics.equivariance import moving, turning
from tfgan_apps.networks.stylegan3 import untransformed

STYLE = tf.random.stateless_normal((2, 3), (0, 0))


def made(channels=6, size=12, rate=8.0, bandwidth=1.5, **kwargs):
    layer = FourierFeatures(channels, size, rate, bandwidth, **kwargs)
    layer.build([(None, 3), (None, 3, 3)])
    return layer


def features(layer, matrix, style=STYLE):
    return np.asarray(layer([style, np.stack([matrix] * 2)]))


def test_frequencies_are_spread_over_a_disc_and_phases_over_a_circle():
    layer = made(2000, bandwidth=3.0)
    squares = np.sum(np.square(layer.frequencies), 1) / 9
    assert squares.max() < 1 and np.mean(squares) == pytest.approx(0.5, abs=0.03)
    assert np.mean(squares < 0.25) == pytest.approx(0.25, abs=0.03)  # a quarter of the disc
    assert np.mean(layer.frequencies, 0) == pytest.approx([0, 0], abs=0.1)
    assert np.ptp(layer.phases) == pytest.approx(1, abs=0.01) and np.abs(layer.phases).max() <= 0.5
    assert np.mean(layer.phases) == pytest.approx(0, abs=0.03)
    assert [x.name for x in layer.non_trainable_variables] == ["frequencies", "phases"]


def test_the_same_seed_draws_the_same_waves():
    layers = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        layers.append(made().get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(*layers[:2], strict=True))
    assert not np.array_equal(layers[0][-1], layers[2][-1])


def test_a_wave_by_hand():
    """One wave, its frequency along x: one period every 4 samples, the origin between two."""
    layer = made(1)
    values = {"frequencies": [[2.0, 0.0]], "phases": [0.25], "kernel": [[1.0]]}
    layer.bandwidth = 2.0
    for name, value in values.items():
        getattr(layer, name).assign(value)
    expected = np.cos(2 * np.pi * 2 * (np.arange(12) - 5.5) / 8)
    found = features(layer, np.eye(3))
    np.testing.assert_allclose(found[0, :, :, 0], np.tile(expected, (12, 1)), atol=1e-5)


def test_at_first_no_style_moves_the_plane():
    found = features(made(), np.eye(3))
    np.testing.assert_array_equal(found[0], found[1])


def test_features_move_and_turn_as_the_transform_says():
    layer = made()
    plain = features(layer, np.eye(3))
    right = features(layer, moving(1 / 8, 0))
    np.testing.assert_allclose(right[:, :, 1:], plain[:, :, :-1], atol=1e-5)
    down = features(layer, moving(0, 2 / 8))
    np.testing.assert_allclose(down[:, 2:], plain[:, :-2], atol=1e-5)
    turned = features(layer, turning(np.pi / 2))
    np.testing.assert_allclose(turned, np.rot90(plain, axes=(1, 2)), atol=1e-5)


def test_a_style_turns_what_is_made_and_moves_it_then():
    """Its numbers are divided by the length of the first two: twice (0, 1, 1/8, 0)."""
    layer = made()
    plain = features(layer, np.eye(3))
    layer.affine_bias.assign([0.0, 2.0, 2 / 8, 0.0])
    found = features(layer, np.eye(3))
    expected = np.rot90(plain, axes=(1, 2))
    np.testing.assert_allclose(found[:, :, 1:], expected[:, :, :-1], atol=1e-5)


def test_waves_fade_that_are_too_fast_for_the_samples():
    layer = made(1)
    layer.frequencies.assign([[1.0, 0.0]])
    heights = [np.abs(features(layer, np.diag([s, s, 1.0]))).max() for s in (1.5, 2.75, 4.0, 9.0)]
    most = np.abs(layer.kernel.numpy()).item()
    np.testing.assert_allclose(np.divide(heights, most)[[0, 2, 3]], [1, 0, 0], atol=0.05)
    assert 0.3 < heights[1] / most < 0.51


def test_it_has_second_derivatives_and_compiles():
    layer = made(2, 4)
    layer.affine_kernel.assign(tf.random.stateless_normal((3, 4), (0, 1)))

    def call(style, transform):
        return tf.cast(layer([style, transform]), tf.float64)

    inputs = [tf.cast(x, tf.float64) for x in (STYLE, untransformed(2))]
    assert_twice_differentiable(call, *inputs, tolerance=1e-2, step=1e-2)


def test_phases_stay_float32_under_half_precision():
    layer = made(dtype="mixed_float16")
    other = made()
    other.set_weights(layer.get_weights())
    found, expected = (features(each, moving(300.0, 0)) for each in (layer, other))
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_config_round_trip():
    layer = made()
    again = FourierFeatures.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.compute_output_shape([(None, 3), (None, 3, 3)]) == (None, 12, 12, 6)


def test_wrong_arguments():
    with pytest.raises(
        ValueError, match="bandwidth must be between 0 and rate / 2 = 4.0. Received"
    ):
        FourierFeatures(6, 12, 8.0, 4.0)
