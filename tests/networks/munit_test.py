"""MUNIT's networks equal the authors' in PyTorch, with the same weights; see goldens/."""

import pathlib

import keras
import numpy as np
import pytest

from tfgan_apps.networks import munit

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "translation"
KINDS = {"Conv2D": "conv", "ReflectionConv2D": "conv", "Dense": "dense"}
KINDS |= {"DoublingConv2DTranspose": "transposed", "Conv2DTranspose": "transposed"}
KINDS |= {"ImageLayerNormalization": "norm", "GroupNormalization": "norm"}
SIZES = {"filters": 2, "residual_blocks": 2}


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "munit.npz") as arrays:
        return dict(arrays)


def filled(inputs, name, network):
    """Returns the network with the weights that the maker gives the authors'."""
    counts = {}
    for layer in network.layers:
        kind = KINDS.get(type(layer).__name__)
        if kind is None:
            continue
        counts[kind] = counts.get(kind, 0) + 1
        place = f"{name}/{kind}/{counts[kind]}"
        if kind == "norm":
            layer.set_weights(inputs.normalization(place, layer.gamma.shape[0])[:2])
            continue
        shape = layer.kernel.shape
        kernel = inputs.kernel(place, (1,) * (4 - len(shape)) + tuple(shape)).reshape(shape)
        layer.set_weights([kernel, inputs.bias(place, layer.bias.shape[0])])
    return network


def test_the_content_encoder(inputs, goldens):
    network = filled(inputs, "munit content", munit.build_content_encoder(**SIZES))
    found = network(inputs.images("munit", 32))
    np.testing.assert_allclose(found, goldens["content"], atol=1e-4)


def test_the_style_encoder(inputs, goldens):
    network = munit.build_style_encoder(filters=2, latent_size=3)
    dense = network.layers[-2]  # the authors' is a convolution of one pixel, their sixth
    filled(inputs, "munit style", network)
    place = "munit style/conv/6"
    kernel = inputs.kernel(place, (1, 1, *dense.kernel.shape))[0, 0]
    dense.set_weights([kernel, inputs.bias(place, 3)])
    found = network(inputs.images("munit", 32))
    np.testing.assert_allclose(found, goldens["style"], atol=1e-4)


def test_the_decoder(inputs, goldens):
    network = munit.build_decoder(**SIZES, latent_size=3, mlp_size=5)
    filled(inputs, "munit decoder", network)
    given = {"content": goldens["content"], "style": inputs.drawn("munit style", (2, 3))}
    np.testing.assert_allclose(network(given), goldens["image"], atol=1e-4)


def test_the_decoder_without_styles(inputs, goldens):
    network = filled(inputs, "unit decoder", munit.build_decoder(**SIZES, latent_size=0))
    found = network(goldens["content"])
    np.testing.assert_allclose(found, goldens["plain image"], atol=1e-4)


def test_the_discriminators(inputs, goldens):
    network = munit.build_discriminator(filters=2, hidden_layers=3)
    for scale, logits in enumerate(network.outputs):
        filled(inputs, f"munit judge {scale}", keras.Model(network.inputs, logits))
    for scale, logits in enumerate(network(inputs.images("munit", 32))):
        np.testing.assert_allclose(logits, goldens[f"logits {scale}"], atol=1e-4)
