"""StarGAN's networks equal the authors' in PyTorch, with the same weights; see goldens/."""

import pathlib

import keras
import numpy as np
import pytest

from tfgan_apps.layers import InstanceNormalization
from tfgan_apps.networks import stargan

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "translation"
KINDS = {keras.layers.Conv2D: "conv", keras.layers.Conv2DTranspose: "transposed"}
KINDS |= {InstanceNormalization: "norm"}


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "stargan.npz") as arrays:
        return dict(arrays)


def fill(inputs, name, layers):
    """Gives layers, in the authors' order, the weights that the maker gives the authors'."""
    counts = {}
    for layer in layers:
        if kind := KINDS.get(type(layer)):
            counts[kind] = counts.get(kind, 0) + 1
            place = f"{name}/{kind}/{counts[kind]}"
            if kind == "norm":
                layer.set_weights(inputs.normalization(place, layer.gamma.shape[0])[:2])
                continue
            biases = [inputs.bias(place, layer.bias.shape[0])] if layer.use_bias else []
            layer.set_weights([inputs.kernel(place, layer.kernel.shape), *biases])


@pytest.mark.parametrize("training", [True, False])
def test_the_generator(inputs, goldens, training):
    network = stargan.build_generator(classes=3, filters=4, residual_blocks=2)
    fill(inputs, "stargan generator", network.layers)
    label = np.array([[1, 0, 1], [0, 1, 0]], np.int32)
    given = {"image": inputs.images("stargan", 32), "label": label}
    found = network(given, training=training)
    np.testing.assert_allclose(found, goldens["translated"], atol=1e-4)


def test_the_discriminator(inputs, goldens):
    network = stargan.build_discriminator(32, classes=3, filters=4, hidden_layers=4)
    *trunk, of_domains, source = [each for each in network.layers if type(each) in KINDS]
    fill(inputs, "stargan discriminator", [*trunk, source, of_domains])
    for name, found in network(inputs.images("stargan", 32)).items():
        np.testing.assert_allclose(found, goldens[name], atol=1e-4)


def test_an_exclusive_label_is_a_vector_with_a_one():
    both = [stargan.build_generator(3, 3, each, 2, 1) for each in (True, False)]
    both[1].set_weights(both[0].get_weights())
    image = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
    labels = np.array([2, 0], np.int32), np.array([[0, 0, 1], [1, 0, 0]], np.int32)
    found = [
        network({"image": image, "label": label})
        for network, label in zip(both, labels, strict=True)
    ]
    np.testing.assert_allclose(*found, atol=1e-6)
