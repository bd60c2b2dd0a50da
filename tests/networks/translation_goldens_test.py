"""Networks of translation equal the authors' in PyTorch, with the same weights; see goldens/."""

import pathlib

import keras
import numpy as np
import pytest

from tfgan_apps.models import pix2pix
from tfgan_apps.networks import discogan, spade, unet

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "translation"


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "networks.npz") as arrays:
        return dict(arrays)


def filled(inputs, name, network):
    """Returns the network with the weights that the maker gives the authors'."""
    counts = {}
    for layer in network.layers:
        kind = {keras.layers.Conv2D: "conv", keras.layers.Conv2DTranspose: "transposed"}
        kind = kind.get(type(layer), "norm" if hasattr(layer, "moving_mean") else None)
        if kind is None:
            continue
        counts[kind] = counts.get(kind, 0) + 1
        place = f"{name}/{kind}/{counts[kind]}"
        if kind == "norm":
            layer.set_weights(inputs.normalization(place, layer.gamma.shape[0]))
            continue
        weights = [inputs.kernel(place, layer.kernel.shape)]
        if layer.use_bias:
            weights.append(inputs.bias(place, layer.bias.shape[0]))
        layer.set_weights(weights)
    return network


def test_the_unet_in_training_and_as_the_authors_test_it(inputs, goldens):
    network = filled(inputs, "unet", unet.build_generator(filters=4, levels=5, dropout_layers=0))
    images = inputs.images("unet", 32)
    np.testing.assert_allclose(network(images, training=True), goldens["unet_train"], atol=1e-4)
    np.testing.assert_allclose(network(images), goldens["unet_alone"], atol=1e-4)


@pytest.mark.parametrize("hidden", [0, 3])
def test_discriminators_of_pairs(inputs, goldens, hidden):
    network = pix2pix.build_discriminator(filters=4, hidden_layers=hidden)
    filled(inputs, f"patch{hidden}", network)
    images = inputs.images("patch", 64, 6)
    pair = {"source": images[..., :3], "image": images[..., 3:]}
    for training, mode in ((False, "eval"), (True, "train")):
        found = network(pair, training=training)
        np.testing.assert_allclose(found, goldens[f"patch{hidden}_{mode}"], atol=1e-4)


@pytest.mark.parametrize(("name", "bottleneck"), [("generator", 0), ("bottleneck", 100)])
def test_generators_of_discogan(inputs, goldens, name, bottleneck):
    network = filled(inputs, f"disco {name}", discogan.build_generator(bottleneck=bottleneck))
    for training, mode in ((False, "eval"), (True, "train")):
        pixels = (network(inputs.images("disco", 64), training=training) + 1) / 2
        expected = goldens[f"disco {name} {mode}"]
        np.testing.assert_allclose(inputs.some(pixels), expected, atol=1e-4)


def test_the_discriminator_of_discogan(inputs, goldens):
    network = filled(inputs, "disco discriminator", discogan.build_discriminator())
    for training, mode in ((False, "eval"), (True, "train")):
        found = network(inputs.images("disco", 64), training=training)
        expected = goldens[f"disco discriminator {mode}"].reshape(2, 1)
        verdict = keras.ops.sigmoid(found["logits"])
        np.testing.assert_allclose(verdict, expected, atol=1e-4)
        for level in (1, 2, 3):
            seen = np.mean(found[f"features_{level}"], (1, 2))
            expected = goldens[f"disco discriminator {level} {mode}"]
            np.testing.assert_allclose(seen, expected, atol=1e-4)


def named(inputs, name, network):
    """Returns the network with the weights that the authors' layers of its names get."""
    for layer in network.layers:
        if layer.trainable_variables:
            place = f"{name}/{layer.name}"
            shape = layer.kernel.shape
            kernel = inputs.kernel(f"{place}_weight", (1,) * (4 - len(shape)) + tuple(shape))
            layer.kernel.assign(kernel.reshape(shape))
            if layer.use_bias:
                layer.bias.assign(inputs.bias(f"{place}_bias", shape[-1]))
        if hasattr(layer, "vector"):
            drawn = inputs.drawn(f"{place}_weight_u", (shape[-1],))
            layer.vector.assign([drawn / np.linalg.norm(drawn)])
    return network


@pytest.mark.parametrize(("upsampling", "size", "latents"), [("normal", 64, 0), ("more", 128, 5)])
def test_spades_generator(inputs, goldens, upsampling, size, latents):
    network = spade.build_generator(3, (size, size), 2, upsampling, latents)
    named(inputs, f"spade {upsampling}", network)
    labels = inputs.one_hot("spade", size, 3)
    given = {"semantics": labels, "latents": inputs.drawn("spade z", (2, 5))} if latents else labels
    found = inputs.some(network(given, training=True))
    np.testing.assert_allclose(found, goldens[f"spade {upsampling}"], atol=1e-4)


def test_spades_discriminator(inputs, goldens):
    network = named(inputs, "spade discriminator", spade.build_discriminator(3, filters=2))
    pair = {"semantics": inputs.one_hot("spade", 64, 3), "image": inputs.images("spade", 64)}
    for scale, seen in enumerate(network(pair, training=True)):
        for level, features in enumerate(seen):
            np.testing.assert_allclose(features, goldens[f"spade {scale} {level}"], atol=1e-4)


def test_spades_encoder(inputs, goldens):
    network = named(inputs, "spade encoder", spade.build_encoder(filters=2))
    for name, found in network(inputs.images("spade", 256), training=True).items():
        np.testing.assert_allclose(found, goldens[f"spade {name}"], atol=1e-4)


def test_parameters_of_spades_generator():
    network = spade.build_generator(36, (256, 512), upsampling="more")  # Cityscapes'
    assert sum(np.prod(v.shape) for v in network.trainable_variables) == 93_048_003
