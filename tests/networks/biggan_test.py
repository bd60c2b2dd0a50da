"""BigGAN's networks equal BigGAN-PyTorch's, with the same weights; see goldens/."""

import pathlib

import keras
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


CIFAR = {"image_size": 32, "embedding": 0, "latents": 128, "classes": 10, "filters": 64}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"image_size": 32, "latents": 120}, [9_836_929, 9_466_115]),
        (CIFAR, [4_207_361, 4_304_387]),
        ({"image_size": 64, "latents": 120}, [45_511_970, 70_377_348]),
        ({"image_size": 256}, [99_225_890, 82_097_604]),
        ({"image_size": 512}, [99_401_282, 82_468_068]),
        ({"embedding": 0, "latents": 128}, [87_982_370, 85_556_164]),
        ({"deep": True, "image_size": 32}, [3_088_129, 7_561_987]),
        ({"deep": True, "image_size": 64}, [20_951_554, 49_829_636]),
        ({"deep": True, "image_size": 256}, [38_247_426, 55_736_708]),
        # With 125 more outputs the released module of 512 pixels has its 56.2 million.
        ({"deep": True, "image_size": 512}, [38_301_122, 56_019_780]),
    ],
)
def test_parameters_of_other_sizes(arguments, expected, monkeypatch):
    monkeypatch.setattr(biggan, "orthogonal", keras.initializers.Zeros)
    assert parameters_of(**arguments) == expected


def parameters_of(
    image_size=128, classes=1000, deep=False, latents=None, embedding=128, filters=None
):
    """Returns how many the discriminator and the generator of a size have."""
    sizes, numbers = (image_size, 3, classes, deep), (latents, embedding, True, filters)
    generator = biggan.generator_of(*sizes, *numbers, None, ())
    networks = biggan.discriminator_of(*sizes, filters, None), generator
    return [sum(int(np.prod(v.shape)) for v in each.trainable_weights) for each in networks]


def test_deep_blocks_keep_what_comes_in():
    """S-Deep: without its residual part a block is a choice of channels, and a change of size."""
    x = tf.random.stateless_normal((1, 4, 4, 8), (0, 0))
    given = keras.Input((4, 4, 8))
    blocks = {
        "up": biggan.deep_up_block(given, 4, lambda y, name: y, "up"),
        "down": biggan.deep_down_block(given, 12, "down"),
        "same": biggan.deep_down_block(given, 8, "same", down=False),
    }
    found = {}
    for name, block in blocks.items():
        network = keras.Model(given, [block, network_part(block, name)])
        found[name] = np.subtract(*network(x))
    expected = np.repeat(np.repeat(x[..., :4], 2, 1), 2, 2)
    np.testing.assert_allclose(found["up"], expected, atol=1e-5)
    pooled = np.reshape(x, (1, 2, 2, 2, 2, 8)).mean((2, 4))
    np.testing.assert_allclose(found["down"][..., :8], pooled, atol=1e-5)
    assert found["down"].shape[-1] == 12 and np.ptp(found["down"][..., 8:]) > 0
    np.testing.assert_allclose(found["same"], x, atol=1e-5)


def network_part(block, name):
    """The residual part of a block: what its last convolution gives."""
    layers = keras.Model(keras.utils.get_source_inputs(block), block).layers
    (last,) = [layer for layer in layers if layer.name == f"{name}_conv4"]
    return last.output
