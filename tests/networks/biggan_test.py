"""BigGAN's networks equal BigGAN-PyTorch's, with the same weights; see goldens/."""

import pathlib

import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfgan_apps.layers import Gain, StandingBatchNormalization
from tfgan_apps.networks import biggan

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "biggan"
MADE = {"widths": (8, 8, 8, 8), "channels": 3, "classes": 3, "latent_size": 8, "attention": 16}
NETWORKS = {
    "generator": (biggan.build_generator, MADE | {"embedding_size": 3}),
    "generator of tables": (biggan.build_generator, MADE | {"embedding_size": 0}),
    "deep generator": (biggan.build_deep_generator, MADE | {"embedding_size": 3}),
}
JUDGED = {"image_size": 64, "channels": 3, "classes": 3, "halved": 4, "attention": 32}
JUDGED["widths"] = (8, 16, 32, 64, 128)
NETWORKS["discriminator"] = biggan.build_discriminator, JUDGED
NETWORKS["deep discriminator"] = biggan.build_deep_discriminator, JUDGED


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "networks.npz") as arrays:
        return dict(arrays)


def filled(inputs, name):
    """Returns a network with the weights that the maker gives BigGAN-PyTorch's."""
    build, sizes = NETWORKS[name]
    network = build(**sizes)
    for layer in network.layers:
        place = f"biggan {name}/{layer.name}"
        if isinstance(layer, Gain):
            layer.gain.assign(0.7)
        elif isinstance(layer, StandingBatchNormalization):
            parts = inputs.normalization(place, layer.mean.shape[1])
            layer.batch.set_weights(parts if layer.affine else parts[2:])
        elif isinstance(layer, layers.Embedding):
            layer.embeddings.assign(inputs.drawn(place, layer.embeddings.shape))
        elif hasattr(layer, "kernel"):
            shape = tuple(layer.kernel.shape)
            kernel = inputs.kernel(place, (1,) * (4 - len(shape)) + shape).reshape(shape)
            layer.kernel.assign(kernel)
            if layer.use_bias:
                layer.bias.assign(inputs.bias(place, shape[-1]))
        if hasattr(layer, "vector"):
            layer.vector.assign(inputs.drawn(f"{place}/vector", layer.vector.shape))
    return network


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_the_authors(inputs, goldens, name, mode):
    network = filled(inputs, name)
    given = {
        "image": inputs.images("biggan", 64, count=4),
        "latents": inputs.drawn("biggan latents", (4, 8)),
        "label": np.array([0, 2, 1, 2], np.int32),
        "truncation": np.float32([-1] * 4),
    }
    asked = {part: tf.constant(given[part]) for part in network.input}
    found = network(asked, training=mode == "train")
    found = found[:, ::2, ::2] if found.shape.rank == 4 else found
    expected = goldens[f"{name}, {mode}"]
    assert np.std(expected) > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-4, rtol=1e-4)
