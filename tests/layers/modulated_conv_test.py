import numpy as np
import pytest
import tensorflow as tf

from tests.curvature import assert_twice_differentiable
from tfgan_apps.layers import ModulatedConv2D
from tfgan_apps.layers.modulated_conv import modulated
from tfgan_apps.layers.resampling import upfirdn


def drawn(dtype=tf.float32, batch=2, size=6):
    """Images of 4 channels, a kernel for 5 filters, styles."""
    shapes = (batch, size, size, 4), (3, 3, 4, 5), (batch, 4)
    return [tf.random.stateless_normal(s, (0, n), dtype=dtype) for n, s in enumerate(shapes)]


@pytest.mark.parametrize("demodulate", [True, False])
@pytest.mark.parametrize("padding", [0, 2])
def test_each_example_has_a_kernel_of_its_own(demodulate, padding):
    images, kernel, style = drawn(tf.float64)
    gain = tf.constant([0.5, 1.0, 2.0, 4.0], tf.float64)
    found = modulated(images, kernel, style, demodulate, padding, gain)
    borders = ((0, 0), (padding, padding), (padding, padding), (0, 0))
    for number, own in enumerate(style):
        scaled = kernel * own[:, None]
        if demodulate:
            scaled = scaled / tf.sqrt(tf.reduce_sum(scaled**2, (0, 1, 2)))
        image = tf.pad(images[number : number + 1], borders)
        expected = tf.nn.conv2d(image, scaled * gain[:, None], 1, "VALID")
        np.testing.assert_allclose(found[number], expected[0], atol=1e-6)


def test_features_keep_a_deviation_of_1_whatever_the_styles_are():
    images, kernel, style = drawn(size=64)
    found = modulated(images, kernel, style)
    assert np.std(found) == pytest.approx(1, abs=0.05)
    for factor in (10.0, 0.01, tf.constant([[3.0], [0.2]])):
        np.testing.assert_allclose(modulated(images, kernel, style * factor), found, atol=1e-4)
        np.testing.assert_allclose(modulated(images, kernel * 10, style), found, atol=1e-4)


def test_an_example_does_not_depend_on_others():
    images, kernel, style = drawn()
    both, alone = modulated(images, kernel, style), modulated(images[:1], kernel, style[:1])
    np.testing.assert_allclose(both[:1], alone, atol=1e-6)


def test_another_convolution():
    images, kernel, style = drawn()
    halve = lambda x, w: tf.nn.conv2d(x, w, 2, "VALID")  # noqa: E731
    found = modulated(images, kernel, style, convolve=halve)
    np.testing.assert_allclose(found, modulated(images, kernel, style)[:, ::2, ::2], atol=1e-6)


def test_it_has_second_derivatives_also_compiled():
    call = lambda x, w, s: modulated(x, w, s, padding=2)  # noqa: E731
    assert_twice_differentiable(call, *drawn(tf.float64))


def test_what_is_zero_has_derivatives():
    images, kernel, style = drawn()
    zeros = [kernel * 0, style * 0]
    with tf.GradientTape() as tape:
        tape.watch(zeros)
        output = modulated(images, *zeros)
    assert not np.any(output)
    assert all(np.isfinite(x).all() for x in tape.gradient(output, zeros))


def made(style, **arguments):
    layer = ModulatedConv2D(5, 3, **arguments)
    layer.build([(None, 6, 6, 4), style.shape])
    return layer


def test_a_style_begins_around_1_and_its_rate_is_equalized():
    images, _, style = drawn()
    layer = made(style, padding=2)
    assert layer([images, style]).shape == (2, 8, 8, 5)
    assert layer.compute_output_shape([images.shape, style.shape]) == (2, 8, 8, 5)
    expected = modulated(images, layer.kernel.value, 1 + style @ layer.affine.kernel / 2, padding=2)
    np.testing.assert_allclose(layer([images, style]), expected, atol=1e-5)


def test_without_demodulation_the_kernel_is_equalized():
    images, _, style = drawn()
    layer = made(style, demodulate=False)
    styles = (1 + style @ layer.affine.kernel / 2) / 6  # 3 * 3 * 4 inputs
    expected = modulated(images, layer.kernel.value, styles, False)
    np.testing.assert_allclose(layer([images, style]), expected, atol=1e-5)


def test_the_magnitude_divides_and_moves_only_when_it_is_assigned_to():
    images, _, style = drawn()
    layer = made(style, tracked=True)
    assert layer.magnitude.numpy() == 1 and len(layer.trainable_variables) == 3
    before = layer([images, style], training=True)
    layer.magnitude.assign(4.0)
    after = layer([images, style], training=True)
    np.testing.assert_allclose(after, before / 2, atol=1e-6)
    assert layer.magnitude.numpy() == 4


def test_half_precision_does_not_overflow():
    images, _, style = drawn()
    images, style = images * 100, style * 100
    layers = [made(style, dtype=dtype) for dtype in ("mixed_float16", "float32")]
    layers[1].set_weights(layers[0].get_weights())
    found, expected = (layer([images, style]) for layer in layers)
    assert found.dtype == tf.float16 and layers[0].kernel.dtype == "float32"
    np.testing.assert_allclose(tf.cast(found, tf.float32), expected, atol=1.0)
    assert np.std(expected) > 50


def test_config_round_trip():
    layer = ModulatedConv2D(5, 1, 3, False, True)
    again = ModulatedConv2D.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.kernel_size, again.padding, again.demodulate, again.tracked) == (
        1,
        3,
        False,
        True,
    )


def test_doubling_is_zeros_a_filter_and_a_convolution():
    """One zero comes before the kernel that is turned round, as a true convolution has it."""
    images, style = (tf.random.stateless_normal(s, (0, 0)) for s in ((2, 4, 6, 3), (2, 5)))
    layer = ModulatedConv2D(7, 3, doubling=True)
    found = layer([images, style])
    zeros = np.zeros((2, 8, 12, 3), np.float32)
    zeros[:, ::2, ::2] = images
    kernel = layer.kernel.numpy()[::-1, ::-1]
    plain = lambda x, k: tf.nn.conv2d(tf.pad(x, [[0, 0], [2, 1], [2, 1], [0, 0]]), k, 1, "VALID")  # noqa: E731
    wide = modulated(tf.constant(zeros), tf.constant(kernel), layer.affine(style), convolve=plain)
    expected = upfirdn(wide, np.array([1, 3, 3, 1]) / 8, padding=(1, 1, 1, 1), gain=4.0)
    assert found.shape == layer.compute_output_shape([images.shape, style.shape])
    np.testing.assert_allclose(found, expected, atol=1e-4)
