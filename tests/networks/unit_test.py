"""The networks of UNIT's paper equal the authors' in PyTorch, with the same weights."""

import keras
import numpy as np

from tests.networks.munit_test import filled
from tests.networks.munit_test import goldens as goldens
from tfgan_apps.networks import unit

SIZES = {"filters": 2, "residual_blocks": 2}


def test_a_translation_through_what_both_domains_share(inputs, goldens):
    names = ("encode_A", "enc_shared", "dec_shared", "decode_B")
    networks = [unit.build_encoder(**SIZES), *(unit.build_shared(8) for _ in range(2))]
    networks.append(unit.build_decoder(**SIZES))
    for name, network in zip(names, networks, strict=True):
        filled(inputs, f"unit {name}", network)
    encoder = unit.joined(*networks[:2], "encoder")
    found = encoder(inputs.images("munit", 32))
    np.testing.assert_allclose(found, goldens["unit code"], atol=1e-4)
    image = unit.joined(*networks[2:], "decoder")(found)
    np.testing.assert_allclose(image, goldens["unit image"], atol=1e-4)


def test_the_discriminator_that_ends_as_the_other_domains(inputs, goldens):
    own = filled(inputs, "unit front", unit.build_discriminator(filters=2))
    shared = filled(inputs, "unit judge", unit.build_shared_discriminator(4, hidden_layers=2))
    found = unit.joined(own, shared, "discriminator")(inputs.images("munit", 32))
    np.testing.assert_allclose(found, goldens["unit logits"], atol=1e-4)


def test_biases_begin_as_pytorchs():
    keras.utils.set_random_seed(0)
    bias = unit.build_encoder().layers[2].bias
    assert np.abs(bias).max() < (7 * 7 * 3) ** -0.5 < 1.2 * np.abs(bias).max()
