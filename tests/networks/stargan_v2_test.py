"""StarGAN v2's networks equal the authors' in PyTorch, with the same weights; see goldens/."""

import pathlib

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.networks import stargan_v2

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "translation"
TRUNK = {"image_size": 32, "style_size": 3, "filters": 4, "most_filters": 8}
JUDGE = {name: size for name, size in TRUNK.items() if name != "style_size"}
NETWORKS = {
    "high_pass": (stargan_v2.build_generator, {**TRUNK, "image_size": 64, "high_pass": 0.5}),
    "generator": (stargan_v2.build_generator, TRUNK),
    "mapping_network": (stargan_v2.build_mapping_network, {"latent_size": 5, "style_size": 3}),
    "style_encoder": (stargan_v2.build_style_encoder, TRUNK),
    "discriminator": (stargan_v2.build_discriminator, JUDGE),
}


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "stargan_v2.npz") as arrays:
        return dict(arrays)


def filled(inputs, name):
    """Returns a network with the weights that the maker gives the authors'."""
    build, sizes = NETWORKS[name]
    network = build(**sizes)
    for layer in network.layers:
        place = f"stargan v2 {'generator' if name == 'high_pass' else name}/{layer.name}"
        if hasattr(layer, "gamma") and layer.weights:
            layer.set_weights(inputs.normalization(place, layer.gamma.shape[0])[:2])
        elif hasattr(layer, "kernel"):
            shape = layer.kernel.shape
            kernel = inputs.kernel(place, (1,) * (4 - len(shape)) + tuple(shape)).reshape(shape)
            biases = [inputs.bias(place, shape[-1])] if layer.use_bias else []
            layer.set_weights([kernel, *biases])
    return network


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_the_authors(inputs, goldens, name):
    network = filled(inputs, name)
    given = {
        "image": inputs.images("stargan v2", 64 if name == "high_pass" else 32),
        "masks": np.abs(inputs.drawn("stargan v2 masks", (2, 2, 256, 256))).transpose(0, 2, 3, 1),
        "style": inputs.drawn("stargan v2 style", (2, 3)),
        "latents": inputs.drawn("stargan v2 latents", (2, 5)),
        "label": np.array([1, 0], np.int32),
    }
    asked = {part: tf.constant(given[part]) for part in network.input}
    np.testing.assert_allclose(network(asked), goldens[name], atol=1e-4, rtol=1e-4)


def test_a_residual_block_keeps_the_variance():
    """At the start, where the width stays: within 0.7 and 1.3, whatever is normalized."""
    image = tf.random.stateless_normal((4, 16, 16, 64), (0, 0))
    x = stargan_v2.layers.Input(image.shape[1:])
    style = stargan_v2.layers.Input((8,))
    blocks = [
        stargan_v2._block(x, 64, "plain", False),
        stargan_v2._block(x, 64, "normalized", False, normalized=True),
        stargan_v2._styled_block(x, style, 64, "styled", False),
    ]
    found = stargan_v2.keras.Model([x, style], blocks)([image, tf.zeros((4, 8))])
    variances = [float(tf.math.reduce_variance(y)) for y in found]
    assert 0.7 < min(variances) and max(variances) < 1.3, variances


@pytest.mark.parametrize("size", [32, 64])
def test_sizes_follow_from_the_images(size):
    network = stargan_v2.build_generator(size, filters=2, most_filters=4)
    assert network.get_layer("encode_1_conv1").output.shape[1] == (16 if size == 32 else 32)
    assert network.output.shape == (None, size, size, 3)
    wide = stargan_v2.build_discriminator(size, most_filters=8)
    assert wide.get_layer("block_0").filters == 2**14 // size
    assert wide.get_layer("whole").input.shape[1:] == (4, 4, 8)
