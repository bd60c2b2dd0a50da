import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import DoublingConv2DTranspose


@pytest.mark.parametrize(
    ("dtype", "error"), [("float32", 1e-5), ("mixed_bfloat16", 2e-2), ("float64", 1e-12)]
)
def test_equals_transposed_convolution_and_cropping(dtype, error):
    ours = DoublingConv2DTranspose(4, activation="tanh", dtype=dtype)
    full = keras.layers.Conv2DTranspose(4, 3, 2, activation="tanh", dtype=dtype)
    crop = keras.layers.Cropping2D(((1, 0), (1, 0)), dtype=dtype)
    images = tf.cast(tf.random.stateless_normal((2, 5, 6, 3), (0, 0)), ours.compute_dtype)
    upstream = tf.cast(tf.random.stateless_normal((2, 10, 12, 4), (0, 1)), ours.compute_dtype)
    results = []
    for layer, after in ((ours, tf.identity), (full, crop)):
        layer.build(images.shape)
        for seed, weight in enumerate(layer.weights):
            weight.assign(tf.random.stateless_normal(weight.shape, (1, seed), dtype=weight.dtype))
        with tf.GradientTape() as tape:
            tape.watch(images)
            output = after(layer(images))
        inputs = [images, *(weight.value for weight in layer.weights)]
        results.append([output, *tape.gradient(output, inputs, upstream)])
    for found, expected in zip(*results, strict=True):
        assert found.dtype == expected.dtype
        found, expected = tf.cast(found, tf.float64), tf.cast(expected, tf.float64)
        np.testing.assert_allclose(found, expected, atol=error, rtol=error)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_sizes_unknown_to_the_graph(dtype):
    image = keras.Input((None, None, 3))
    layer = DoublingConv2DTranspose(4, use_bias=False, dtype=dtype)
    model = keras.Model(image, layer(image))
    assert model.output_shape == (None, None, None, 4)
    compiled = tf.function(model, input_signature=[tf.TensorSpec((None, None, None, 3))])
    assert compiled(tf.zeros((2, 5, 6, 3))).shape == (2, 10, 12, 4)


def test_config_round_trip():
    layer = DoublingConv2DTranspose(4, use_bias=False)
    again = DoublingConv2DTranspose.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.compute_output_shape((None, 8, None, 3)) == (None, 16, None, 4)
