"""StyleGAN2's networks equal the authors' in PyTorch, with the same weights; see goldens/."""

import numpy as np
import pytest
import tensorflow as tf

from tests.networks.conftest import FOLDER
from tfgan_apps.networks import stylegan2

WIDTHS = {"filters_base": 128, "most_filters": 8}
RATE = 0.01  # of the mapping network, whose weights are stored that much larger


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER.parent / "style" / "stylegan2.npz") as arrays:
        return dict(arrays)


def filled(inputs, name, network):
    """Returns the network with the weights that the maker gives the authors'."""
    for weight in network.weights:
        *_, layer, _ = weight.path.split("/")
        mapped = layer.startswith(("dense_", "styles"))
        drawn = inputs.drawn(f"{name} {weight.path}", tuple(weight.shape))
        weight.assign(drawn / RATE if mapped else drawn)
    return network


def test_the_synthesis_network(inputs, goldens):
    network = filled(inputs, "synthesis", stylegan2.build_synthesis(16, 3, 6, **WIDTHS))
    noise = inputs.drawn("stylegan2 noise", (10**4,))[: stylegan2.noise_size(16)]
    styles = tf.constant(inputs.drawn("stylegan2 styles", (2, 6, 6)))
    found = network({"styles": styles, "noise": tf.constant(np.tile(noise, (2, 1)))})
    np.testing.assert_allclose(found, goldens["image"], atol=1e-4 * np.abs(found).max())


@pytest.mark.parametrize("name", ["logit", "conditional"])
def test_the_discriminators(inputs, goldens, name):
    plain = name == "conditional"
    sizes = {"image_size": 16, "classes": 3 if plain else 0, "group_size": 2}
    network = stylegan2.build_discriminator(residual=not plain, **sizes, **WIDTHS)
    filled(inputs, "plain" if plain else "residual", network)
    given = {"image": tf.constant(inputs.images("stylegan2", 16, count=4))}
    given |= {"label": tf.constant([0, 2, 1, 1])} if plain else {}
    found = network(given)
    np.testing.assert_allclose(found, goldens[name], atol=1e-4 * np.abs(found).max())
