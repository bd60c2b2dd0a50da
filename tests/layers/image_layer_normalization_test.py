import keras
import numpy as np
import pytest

from tfgan_apps.layers import ImageLayerNormalization

IMAGES = np.random.default_rng(0).normal(3, 5, (2, 4, 5, 3)).astype(np.float32)


def test_images_are_normalized_as_a_whole_by_the_unbiased_deviation():
    layer = ImageLayerNormalization(epsilon=0.5)
    layer.build(IMAGES.shape)
    gamma, beta = np.float32([1, 2, 3]), np.float32([0, -1, 1])
    layer.set_weights([gamma, beta])
    for image, found in zip(IMAGES, layer(IMAGES), strict=True):
        expected = (image - image.mean()) / (image.std(ddof=1) + 0.5) * gamma + beta
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert ImageLayerNormalization.from_config(layer.get_config()).epsilon == 0.5


def test_factors_begin_within_0_and_1():
    keras.utils.set_random_seed(0)
    layer = ImageLayerNormalization()
    layer.build((None, None, None, 1000))
    gamma, beta = layer.get_weights()
    assert 0 <= gamma.min() < 0.01 < 0.99 < gamma.max() <= 1
    assert not beta.any()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_statistics_of_halves_do_not_overflow(dtype):
    layer = ImageLayerNormalization(dtype=dtype)
    found = layer(keras.ops.cast(IMAGES * 1000, dtype))
    assert keras.backend.standardize_dtype(found.dtype) == dtype
    assert np.isfinite(np.array(keras.ops.cast(found, "float32"))).all()
