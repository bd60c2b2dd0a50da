"""DRIT's networks equal the authors' in PyTorch, with the same weights; see goldens/."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.networks.munit_test import FOLDER, filled
from tfgan_apps.layers import SpectralConv2D
from tfgan_apps.networks import drit, unit

SIZES = {"filters": 2, "latent_size": 3}


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "drit.npz") as arrays:
        return dict(arrays)


@pytest.fixture
def codes(inputs, goldens):
    style = inputs.drawn("drit style", (2, 3))
    return {"content": tf.constant(goldens["content"]), "style": tf.constant(style)}


def test_the_content_encoder_that_ends_as_the_other_domains(inputs, goldens):
    own = filled(inputs, "drit content", drit.build_content_encoder(filters=2))
    shared = filled(inputs, "drit shared", drit.build_shared(8))
    found = unit.joined(own, shared, "encoder")(inputs.images("drit", 20))
    np.testing.assert_allclose(found, goldens["content"], atol=1e-4)


def test_the_encoders_of_styles(inputs, goldens):
    image = inputs.images("drit", 20)
    network = filled(inputs, "drit style", drit.build_style_encoder(**SIZES))
    np.testing.assert_allclose(network(image), goldens["style"], atol=1e-4)
    told = filled(inputs, "drit normal", drit.build_normal_encoder(**SIZES))(image)
    for name, found in told.items():
        np.testing.assert_allclose(found, goldens[name], atol=1e-4)


def test_the_decoder_to_whose_features_the_style_is_joined(inputs, goldens, codes):
    shared = filled(inputs, "drit shared decoder", drit.build_shared(8))
    own = filled(inputs, "drit joined", drit.build_joining_decoder(**SIZES))
    found = own({**codes, "content": shared(codes["content"])})
    np.testing.assert_allclose(found, goldens["joined image"], atol=1e-4)


def test_the_decoder_whose_blocks_are_told_the_style(inputs, goldens, codes):
    network = drit.build_feature_wise_decoder(**SIZES, mlp_size=5)
    found = filled(inputs, "drit told", network)(codes)
    np.testing.assert_allclose(found, goldens["told image"], atol=1e-4)


def test_the_discriminators_of_several_scales_and_of_one(inputs, goldens):
    image = inputs.images("drit", 20)
    network = drit.build_discriminator(filters=2, hidden_layers=2)
    for scale, logits in enumerate(network.outputs):
        filled(inputs, f"drit judge {scale}", keras.Model(network.inputs, logits))
    for scale, logits in enumerate(network(image)):
        np.testing.assert_allclose(logits, goldens[f"logits {scale}"], atol=1e-4)
    single = drit.build_discriminator(filters=2, hidden_layers=2, scales=1)
    (logits,) = keras.tree.flatten(filled(inputs, "drit single", single)(image))
    np.testing.assert_allclose(logits, goldens["single"], atol=1e-4)


def test_the_discriminator_of_contents(inputs, goldens):
    network = filled(inputs, "drit judge of contents", drit.build_content_discriminator(width=8))
    found = network(inputs.drawn("drit content", (2, 54, 54, 8)))
    assert found.shape == (2, 1, 1, 1)
    np.testing.assert_allclose(found[:, 0, 0, 0], goldens["contents"], atol=1e-4)


def test_patches_of_the_authors():
    judged = drit.build_discriminator(filters=1).compute_output_shape((1, 216, 216, 3))
    assert judged == [(1, 13, 13, 1), (1, 6, 6, 1), (1, 3, 3, 1)]
    assert drit.sides_of_contents(54, 7, 3) == [54, 25, 11, 4]


def test_weights_begin_as_the_authors():
    """Kernels of convolutions are normal, the rest is PyTorch's; or they suit narrow networks."""
    keras.utils.set_random_seed(0)
    network = drit.build_feature_wise_decoder(filters=8)
    dense, convolution = (
        next(each for each in network.layers if type(each) is kind)
        for kind in (keras.layers.Dense, keras.layers.Conv2D)
    )
    assert np.std(convolution.kernel) == pytest.approx(0.02, rel=0.05)
    assert 0.9 * 64**-0.5 < np.abs(convolution.bias).max() < 64**-0.5
    assert 0.9 * 8**-0.5 < np.abs(dense.kernel).max() < 8**-0.5
    narrow = drit.build_content_encoder(filters=16, initializer="kaiming")
    first = next(each for each in narrow.layers if type(each) is keras.layers.Conv2D)
    assert np.std(first.kernel) == pytest.approx((2 / 147) ** 0.5, rel=0.05)


def test_spectral_kernels_are_of_all_convolutions():
    network = drit.build_discriminator(filters=1, hidden_layers=1, scales=2, spectral=True)
    kinds = {type(layer) for layer in network.layers if hasattr(layer, "kernel")}
    assert kinds == {SpectralConv2D}


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda: drit.build_shared(initializer="zeros"), "initializer must be one of"),
        (lambda: drit.sides_of_contents(8, 7, 3), "content_layers must be fewer, for contents of"),
        (lambda: drit.sides_of_contents(8, 2, 1), "content_kernel must be an integer >= 3"),
    ],
)
def test_arguments_out_of_their_range(build, expected):
    with pytest.raises(ValueError, match=expected):
        build()
