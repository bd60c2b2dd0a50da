"""DCGAN's networks are the authors'."""

import keras
import numpy as np
import pytest

from tests.models.text_to_image.networks_test import TorchLayers, leaky, randomize, relu
from tfgan_apps.networks.dcgan import build_discriminator, build_generator

BUILDERS = {"generator": build_generator, "discriminator": build_discriminator}


def size(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


@pytest.mark.parametrize(
    "image_size, channels, counts",
    [
        (64, 3, (3_576_704, 2_765_568)),
        (64, 1, (3_574_656, 2_763_520)),
        (32, 3, (1_068_928, 663_296)),
        (128, 3, (12_786_560, 11_164_416)),
    ],
)
def test_networks_have_the_authors_parameters(image_size, channels, counts):
    networks = [build(image_size, channels) for build in BUILDERS.values()]
    assert tuple(size(network.trainable_weights) for network in networks) == counts
    # Each normalized channel has a gamma, a beta, a mean and a variance; nothing else is kept.
    for network in networks:
        kernels = size(weight for weight in network.weights if len(weight.shape) == 4)
        assert size(network.weights) - kernels == 2 * (size(network.trainable_weights) - kernels)


def test_defaults_are_those_of_the_torch_code():
    assert build_generator().count_params() == 3_578_624
    assert build_discriminator().count_params() == 2_767_360


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_inputs_and_outputs_have_names_and_outputs_are_float32(policy):
    keras.config.set_dtype_policy(policy)
    try:
        generator = build_generator(16, 1, 5, 4, name="g")
        discriminator = build_discriminator(16, 1, 4, name="d")
    finally:
        keras.config.set_dtype_policy("float32")
    assert (generator.name, discriminator.name) == ("g", "d")
    ends = {}
    for network in (generator, discriminator):
        before, after = network.inputs[0], network.layers[-1]
        assert after.output is network.outputs[0]
        ends[network.name] = [(before.name, before.shape), (after.name, after.output.shape)]
    shape = (None, 16, 16, 1)
    assert ends["g"] == [("latents", (None, 5)), ("image", shape)]
    assert ends["d"] == [("image", shape), ("logits", (None, 1))]
    image = generator(np.ones((2, 5), "float32"))
    assert image.dtype == discriminator(image).dtype == "float32"
    assert generator.layers[2].compute_dtype == policy.removeprefix("mixed_")


def test_generator_is_the_authors_layer_by_layer():
    network = build_generator(32, 3, 6, filters=4)
    randomize(network)
    latents = np.random.default_rng(1).normal(size=(2, 6)).astype("float32")
    torch = TorchLayers(network)
    x = np.einsum("bi,hwoi->bhwo", latents, next(torch.weights))
    for _ in range(3):
        x = torch.conv_transpose(relu(torch.norm(x)))
    assert next(torch.weights, None) is None
    np.testing.assert_allclose(network(latents), np.tanh(x), atol=1e-4)
    assert np.std(np.tanh(x)) > 0.1


def test_discriminator_is_the_authors_layer_by_layer():
    network = build_discriminator(32, 3, filters=4)
    randomize(network)
    image = np.random.default_rng(1).normal(size=(2, 32, 32, 3)).astype("float32")
    torch = TorchLayers(network)
    x = leaky(torch.conv(image, 1, 2))
    for _ in range(2):
        x = leaky(torch.norm(torch.conv(x, 1, 2)))
    logits = torch.conv(x, 0).reshape(2, 1)
    assert next(torch.weights, None) is None
    np.testing.assert_allclose(network(image), logits, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", BUILDERS)
def test_initial_values_are_the_authors(name):
    keras.utils.set_random_seed(0)
    network = BUILDERS[name](32)
    for weight in network.weights:
        value = np.asarray(weight)
        kind = weight.path.split("/")[-1]
        mean, deviation = {"kernel": (0, 0.02), "gamma": (1, 0.02)}.get(
            kind, (float(kind == "moving_variance"), 0)
        )
        error = deviation / value.size**0.5
        assert np.mean(value) == pytest.approx(mean, abs=5 * error)
        assert np.std(value) == pytest.approx(deviation, abs=4 * error)


def test_normalization_is_by_the_batch_and_remembers_a_tenth_of_it():
    network = build_discriminator(16, 1, 4)
    norm = next(x for x in network.layers if isinstance(x, keras.layers.BatchNormalization))
    until = keras.Model(network.input, [norm.input, norm.output])
    image = np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 1)).astype("float32")
    before, after = map(np.asarray, until(image, training=True))
    mean, variance = before.mean((0, 1, 2)), before.var((0, 1, 2))
    expected = (before - mean) / np.sqrt(variance + 1e-5) * np.asarray(norm.gamma)
    np.testing.assert_allclose(after, expected, atol=1e-4)
    np.testing.assert_allclose(norm.moving_mean, 0.1 * mean, atol=1e-6)
    np.testing.assert_allclose(norm.moving_variance, 0.9 + 0.1 * variance, rtol=1e-5)
    assert norm.synchronized


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize(
    "bad, message",
    [
        ({"image_size": 48}, "image_size must be a power of 2. Received: image_size=48"),
        ({"image_size": 8}, "image_size must be an integer >= 16. Received: image_size=8"),
        ({"image_size": 64.0}, "image_size must be an integer >= 16. Received: image_size=64.0"),
        ({"channels": 5}, r"channels must be one of \(1, 2, 3, 4\). Received: channels=5"),
        ({"filters": 0}, "filters must be an integer >= 1. Received: filters=0"),
    ],
)
def test_sizes_that_cannot_be(name, bad, message):
    with pytest.raises(ValueError, match=message):
        BUILDERS[name](**bad)


def test_noise_has_a_size():
    with pytest.raises(ValueError, match="latent_size must be an integer >= 1. Received: latent_"):
        build_generator(latent_size=0)
