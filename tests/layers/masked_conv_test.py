import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import MaskedConv2D
from tfgan_apps.layers.masked_conv import causal_mask


@pytest.mark.parametrize(
    ("mask", "expected"),
    [("A", [[0, 1, 1], [0, 0, 1], [0, 0, 0]]), ("B", [[1, 1, 1], [0, 1, 1], [0, 0, 1]])],
)
def test_colours_at_the_centre(mask, expected):
    np.testing.assert_array_equal(causal_mask((3, 3), 3, 3, mask, 3)[1, 1], expected)


def test_rows_below_and_columns_to_the_right_are_unseen():
    keep = causal_mask((3, 5), 1, 1, "B")[..., 0, 0]
    np.testing.assert_array_equal(keep, [[1] * 5, [1, 1, 1, 0, 0], [0] * 5])


def test_each_gate_has_colours_of_its_own():
    """h = 4 is no multiple of 3: groups of 2, 1, 1 in every gate, none across two of them."""
    keep = causal_mask((1, 1), 3, 4, "B", colours=3, gates=4)[0, 0]
    one = [[1, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]]
    np.testing.assert_array_equal(keep, np.tile(one, 4))


@pytest.mark.parametrize("kernel_size", [1, 3, (1, 3), 7])
@pytest.mark.parametrize("mask", ["A", "B"])
def test_equals_the_convolution_with_the_whole_masked_kernel(kernel_size, mask):
    layer = MaskedConv2D(6, kernel_size, mask, colours=3, gates=2)
    image = tf.random.stateless_normal((2, 9, 8, 3), (0, 0))
    layer.build(image.shape)
    kernel = tf.random.stateless_normal(layer.kernel.shape, (0, 1))
    layer.kernel.assign(kernel)
    layer.bias.assign(tf.random.stateless_normal((12,), (0, 2)))
    masked = kernel * causal_mask(layer.kernel_size, 3, 6, mask, 3, 2)
    expected = tf.nn.conv2d(image, masked, 1, "SAME") + layer.bias.value
    np.testing.assert_allclose(layer(image), expected, atol=1e-5)


def test_wrong_arguments():
    with pytest.raises(ValueError, match="mask must be 'A' or 'B'. Received: mask='C'"):
        MaskedConv2D(4, 3, "C")
    with pytest.raises(ValueError, match="kernel_size must be odd. Received: kernel_size=4"):
        MaskedConv2D(4, 4)


def test_config_round_trip():
    layer = MaskedConv2D(4, (1, 3), "A", colours=3, gates=4)
    assert MaskedConv2D.from_config(layer.get_config()).get_config() == layer.get_config()
