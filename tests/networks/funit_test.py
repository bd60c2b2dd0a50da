"""FUNIT's networks equal the authors' in PyTorch, with the same weights; see goldens/."""

import pathlib

import keras
import numpy as np
import pytest

from tests.networks.munit_test import filled
from tfgan_apps.layers import InstanceNormalization, ReflectionConv2D
from tfgan_apps.networks import funit, munit

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "translation"
SIZES = {"filters": 2, "residual_blocks": 2, "halvings": 3}


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "funit.npz") as arrays:
        return dict(arrays)


def test_the_content_encoder(inputs, goldens):
    network = filled(inputs, "funit content", munit.build_content_encoder(**SIZES))
    np.testing.assert_allclose(network(inputs.images("funit", 32)), goldens["content"], atol=1e-4)


def test_the_class_encoder(inputs, goldens):
    network = munit.build_style_encoder(filters=2, latent_size=3)
    dense = network.layers[-2]  # the authors' is a convolution of one pixel, their sixth
    filled(inputs, "funit class", network)
    kernel = inputs.kernel("funit class/conv/6", (1, 1, *dense.kernel.shape))[0, 0]
    dense.set_weights([kernel, inputs.bias("funit class/conv/6", 3)])
    np.testing.assert_allclose(network(inputs.images("funit", 32)), goldens["code"], atol=1e-4)


def test_the_decoder(inputs, goldens):
    sizes = {**SIZES, "latent_size": 3, "mlp_size": 5, "normalization": InstanceNormalization}
    network = filled(inputs, "funit decoder", munit.build_decoder(**sizes))
    given = {"content": goldens["content"], "style": inputs.drawn("funit code", (2, 3))}
    np.testing.assert_allclose(network(given), goldens["image"], atol=1e-4)


def in_order(network):
    """Returns the convolutions in the authors' order: of each block its shortcut is the last."""
    blocks = [layer for layer in network.layers if isinstance(layer, ReflectionConv2D)]
    first, *shortcuts, head = [x for x in network.layers if type(x) is keras.layers.Conv2D]
    found = [first]
    for one, two in zip(blocks[::2], blocks[1::2], strict=True):
        found += [one, two, *([shortcuts.pop(0)] if one.filters != two.filters else [])]
    return [*found, head]


def test_the_discriminator(inputs, goldens):
    network = funit.build_discriminator(classes=4, filters=2, residual_blocks=6)
    for number, layer in enumerate(in_order(network), 1):
        place = f"funit judge/conv/{number}"
        biases = [inputs.bias(place, layer.filters)] if layer.use_bias else []
        layer.set_weights([inputs.kernel(place, layer.kernel.shape), *biases])
    label = np.array([3, 1], np.int32)
    found = network({"image": inputs.images("funit", 32), "label": label})
    expected = [each[..., [asked]] for each, asked in zip(goldens["logits"], label, strict=True)]
    np.testing.assert_allclose(found["logits"], expected, atol=1e-4)
    np.testing.assert_allclose(found["features"], goldens["features"], atol=1e-4)
