"""StyleGAN3's networks equal the authors' in PyTorch, with the same weights; see goldens/."""

import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import FourierFeatures, ModulatedConv2D
from tfgan_apps.metrics.equivariance import equivariance
from tfgan_apps.networks import stylegan3
from tfgan_apps.networks.mapping import build_mapping_network

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "style"
RATE, CLASSES = 0.01, 5  # of the maker
SMALL = {"image_size": 32, "style_size": 32, "filters_base": 1024, "most_filters": 16}
DOUBLED = {"filters_base": 65536, "most_filters": 1024, "rotation": True}
TINY = {"image_size": 16, "style_size": 4, "filters_base": 64, "most_filters": 4}
TINY |= {"depth": 4, "margin": 2}


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "stylegan3.npz") as arrays:
        return dict(arrays)


def filled_mapping(inputs, place, network):
    """Returns the mapping network with the weights that the maker gives the authors'."""
    numbers = iter(range(9))
    for layer in network.layers:
        if not hasattr(layer, "kernel"):
            continue
        embeds = layer.name == "embedding"
        own = f"{place}/embedding" if embeds else f"{place}/{next(numbers)}"
        factor = 1 if embeds else 1 / RATE
        kernel = inputs.drawn(f"{own}/kernel", tuple(layer.kernel.shape)) * factor
        layer.set_weights([kernel, inputs.drawn(f"{own}/bias", layer.bias.shape) * 0.2 * factor])
    return network


def filled(inputs, place, network, magnitudes):
    """Returns the synthesis network with the weights that the maker gives the authors'."""
    own = lambda name, like: inputs.drawn(f"{place}/{name}", tuple(like.shape))  # noqa: E731
    for layer in network.layers:
        if isinstance(layer, FourierFeatures):
            layer.affine_kernel.assign(own("input/kernel", layer.affine_kernel))
            bias = own("input/bias", layer.affine_bias) * 0.2
            layer.affine_bias.assign(bias + [1, 0, 0, 0])
            layer.kernel.assign(own("input/mix", layer.kernel))
            layer.frequencies.assign(np.tanh(own("input/frequencies", layer.frequencies)))
            layer.phases.assign(own("input/phases", layer.phases) * 0.3)
    for number, magnitude in enumerate(magnitudes):
        layer = network.get_layer(f"layer_{number}_conv")
        layer.affine.kernel.assign(own(f"{number}/affine/kernel", layer.affine.kernel))
        layer.affine.bias.assign(own(f"{number}/affine/bias", layer.affine.bias) * 0.2 + 1)
        layer.kernel.assign(own(f"{number}/kernel", layer.kernel))
        layer.magnitude.assign(magnitude)
        bias = network.get_layer(f"layer_{number}").bias
        bias.assign(own(f"{number}/bias", bias) * 0.1)
    return network


@pytest.mark.parametrize(("of", "classes"), [("t", 0), ("r", CLASSES)])
def test_the_mapping_network(inputs, goldens, of, classes):
    network = build_mapping_network(32, 32, 2, classes)
    filled_mapping(inputs, f"stylegan3 {of} mapping", network)
    given = {"latents": inputs.drawn("stylegan3 latents", (2, 32))}
    given |= {"label": np.int32([3, 1])} if classes else {}
    np.testing.assert_allclose(network(given), goldens[f"{of} styles"], atol=1e-5)


@pytest.mark.parametrize("of", ["t", "r"])
def test_the_synthesis_network_and_how_it_moves(inputs, goldens, of):
    network = stylegan3.build_synthesis(**SMALL, rotation=of == "r")
    filled(inputs, f"stylegan3 {of}", network, goldens[f"{of} magnitudes"])
    styles = goldens[f"{of} styles"][:, None] + np.zeros((1, 16, 1), np.float32)
    styles = styles + 0.5 * inputs.drawn("stylegan3 styles", styles.shape)
    measured = tf.function(stylegan3.build_measured(network))
    transform = np.tile(goldens["transform"], (2, 1, 1))
    found = measured({"styles": styles, "transform": transform})
    np.testing.assert_allclose(found["image"], goldens[f"{of} image"], atol=2e-5)
    np.testing.assert_allclose(found["squares"], goldens[f"{of} squares"], rtol=1e-3)
