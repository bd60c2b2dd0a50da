"""Images that a model draws by seeds, as features."""

import keras
import numpy as np
import pytest

from apps.command_line import evaluating
from tfgan_apps.metrics.features.network import FeatureNetwork
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage

NETWORK = FeatureNetwork("flat", lambda images: images.reshape(len(images), -1), batch_size=7)


@pytest.fixture(scope="module")
def generator():
    latents = keras.Input((4,), name="latents")
    x = keras.layers.Dense(12, activation="tanh", kernel_initializer="he_normal")(latents)
    return keras.Model(latents, keras.layers.Reshape((2, 2, 3), name="image")(x))


def test_images_are_a_function_of_the_seeds(generator, tmp_path):
    served = NoiseToImage(generator)
    first, second, rest = (
        evaluating.drawn(served.signatures(), count, seed, NETWORK)
        for count, seed in ((20, 3), (20, 3), (17, 6))
    )
    assert first.images == 20 and first.features.shape == (20, 12)
    np.testing.assert_array_equal(first.features, second.features)
    np.testing.assert_array_equal(first.features[3:], rest.features)
    assert first.features.std(0).min() > 5


def test_a_model_that_needs_labels_is_refused():
    latents, label = keras.Input((4,), name="latents"), keras.Input((), name="label", dtype="int32")
    one_hot = keras.layers.CategoryEncoding(3, output_mode="one_hot")(label)
    x = keras.layers.Dense(12)(keras.layers.Concatenate()([latents, one_hot]))
    generator = keras.Model([latents, label], keras.layers.Reshape((2, 2, 3))(x))
    with pytest.raises(ValueError, match="by seeds alone. Received: .*'label'"):
        evaluating.drawn(NoiseToImage(generator, classes=3).signatures(), 4, 0, NETWORK)
