"""The networks of text-to-image GANs are the authors'."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import values
from tfgan_apps.models.text_to_image import build_discriminator, build_generator


def trainable_size(network):
    return sum(np.prod(v.shape) for v in network.trainable_variables)


@pytest.mark.parametrize(
    ("generator", "discriminator", "counts"),
    [
        ({}, {"normalize_text": True}, (18_905_472, 4_030_080)),  # flowers, CUB
        ({"text_size": 256}, {"text_size": 256}, (21_133_824, 4_226_560)),
        ({"filters": 196}, {"filters": 196}, (41_101_080, 36_183_440)),  # COCO
    ],
)
def test_networks_have_the_authors_parameters(generator, discriminator, counts):
    networks = build_generator(**generator), build_discriminator(**discriminator)
    assert tuple(map(trainable_size, networks)) == counts


def randomize(network):
    """Gives every weight a value of its own; variances are positive."""
    rng = np.random.default_rng(0)
    for weight in network.weights:
        value = rng.normal(size=weight.shape) * 0.3
        weight.assign(np.abs(value) + 0.5 if "variance" in weight.path else value)


class TorchLayers:
    """The authors' layers with explicit padding, which take a network's weights in order.

    Args:
        network: functional model.
        ranks: tuple of int, of the outputs of the layers that are meant.
    """

    def __init__(self, network, ranks=(2, 4)):
        chosen = [layer for layer in network.layers if len(layer.output.shape) in ranks]
        self.weights = iter([value for layer in chosen for value in values(layer.weights)])

    def linear(self, x):
        return x @ next(self.weights) + next(self.weights)

    def norm(self, x):
        gamma, beta, mean, variance = (next(self.weights) for _ in range(4))
        return (x - mean) / np.sqrt(variance + 1e-5) * gamma + beta

    def conv(self, x, padding, strides=1):
        x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
        return tf.nn.conv2d(x, next(self.weights), strides, "VALID").numpy()

    def conv_transpose(self, x):
        """Kernel 4, stride 2, padding 1: zeros between pixels, 2 around, the kernel turned."""
        kernel = next(self.weights)[::-1, ::-1].transpose(0, 1, 3, 2)
        batch, height, width, channels = x.shape
        spread = np.zeros((batch, 2 * height + 3, 2 * width + 3, channels), "float32")
        spread[:, 2:-2:2, 2:-2:2] = x
        return tf.nn.conv2d(spread, kernel, 1, "VALID").numpy()

    def residual(self, x, activation):
        y = activation(self.norm(self.conv(x, 0)))
        y = activation(self.norm(self.conv(y, 1)))
        return activation(x + self.norm(self.conv(y, 1)))


def relu(x):
    return np.maximum(x, 0)


def leaky(x):
    return np.maximum(x, 0.2 * x)


def test_generator_is_the_authors_layer_by_layer():
    network = build_generator(32, 3, 6, 3, 4, filters=4)
    randomize(network)
    rng = np.random.default_rng(1)
    latents, embedding = (rng.normal(size=(2, n)).astype("float32") for n in (3, 6))
    torch = TorchLayers(network)
    x = np.concatenate([latents, leaky(torch.linear(embedding))], 1)
    x = torch.norm((x @ next(torch.weights)).reshape(2, 4, 4, 16))
    x = torch.residual(x, relu)
    x = torch.residual(torch.norm(torch.conv_transpose(x)), relu)
    x = relu(torch.norm(torch.conv_transpose(x)))
    image = np.tanh(torch.conv_transpose(x))
    found = network({"latents": latents, "embedding": embedding})
    np.testing.assert_allclose(found, image, atol=1e-4)
    assert np.std(image) > 0.1


@pytest.mark.parametrize("normalize_text", [False, True])
def test_discriminator_is_the_authors_layer_by_layer(normalize_text):
    network = build_discriminator(32, 3, 6, 4, filters=4, normalize_text=normalize_text)
    randomize(network)
    rng = np.random.default_rng(1)
    image = rng.normal(size=(2, 32, 32, 3)).astype("float32")
    embedding = rng.normal(size=(2, 6)).astype("float32")
    torch, on_vectors = TorchLayers(network, (4,)), TorchLayers(network, (2,))
    x = leaky(torch.conv(image, 1, 2))
    x = leaky(torch.norm(torch.conv(x, 1, 2)))
    x = torch.residual(torch.norm(torch.conv(x, 1, 2)), leaky)
    text = on_vectors.linear(embedding)
    text = leaky(on_vectors.norm(text) if normalize_text else text)
    x = np.concatenate([x, np.tile(text[:, None, None], (1, 4, 4, 1))], -1)
    x = leaky(torch.norm(torch.conv(x, 0)))
    logit = x.reshape(2, -1) @ next(on_vectors.weights)
    found = network({"image": image, "embedding": embedding})
    np.testing.assert_allclose(found, logit, rtol=1e-3, atol=1e-3)


def test_initial_values_are_torchs():
    network = build_generator(16, embedding_size=100, filters=64)
    kernel, bias = values(network.weights[:2])
    for value in (kernel, bias):
        assert np.abs(value).max() <= 0.1 and np.std(value) == pytest.approx(0.2 / 12**0.5, rel=0.2)
    assert np.std(network.weights[2]) == pytest.approx(0.02, rel=0.1)
    gamma = network.weights[3].numpy()
    assert np.mean(gamma) == pytest.approx(1, abs=0.01)
    assert np.std(gamma) == pytest.approx(0.02, rel=0.3)


@pytest.mark.parametrize("size", [16, 128])
def test_other_image_sizes(size):
    shape = (None, size, size, 1)
    assert build_generator(size, 1, 6, 3, 4, filters=4).output_shape == shape
    inputs = build_discriminator(size, 1, 6, 4, filters=4).inputs
    assert {tensor.name: tensor.shape for tensor in inputs}["image"] == shape
