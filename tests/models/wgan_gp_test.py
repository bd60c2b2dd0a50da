"""WGAN-GP: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import unlabelled
from tfgan_apps.models import WGANGP
from tfgan_apps.networks import points
from tfgan_apps.penalties import gradient_penalty

TINY = {"networks": "small", "image_size": 28, "channels": 1, "latent_size": 3}
TINY |= {"generator_filters": 2, "discriminator_filters": 2}
NARROW = {"generator_filters": 64, "discriminator_filters": 64}


class TestWGANGP(ModelTestCase):
    round = 2

    def build(self, **kwargs):
        model = WGANGP(**TINY, critic_steps=2)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(28)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [1_053_825, 1_204_483]),
        ({"networks": "convolutional"}, [4_114_689, 5_179_907]),
        ({"networks": "widening", "image_size": 64} | NARROW, [7_491_841, 8_540_483]),
        ({"networks": "small", "image_size": 28, "channels": 1} | NARROW, [1_030_145, 1_554_177]),
        (points.networks("critic"), [527_361, 527_874]),
    ],
)
def test_parameters_of_the_authors(arguments, expected):
    assert parameters(WGANGP(**arguments)) == expected


def test_the_penalty_of_a_linear_critic_is_that_of_its_weights():
    image = keras.Input((2,), name="point")
    critic = keras.Model(image, keras.layers.Dense(1, use_bias=False)(image))
    model = WGANGP(generator=points.build_generator(4), critic=critic, latent_size=2)
    model.compile(run_eagerly=True, learning_rate=0.0)
    critic.set_weights([np.array([[3.0], [4.0]])])
    real = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float32)
    means = model.train_on_batch(real, return_dict=True)
    assert means["penalty"] == pytest.approx(16, rel=1e-5)
    assert means["critic_loss"] == pytest.approx(160 - means["distance"], rel=1e-5)


def test_the_penalty_of_the_small_critic_is_of_pixels_in_0_to_1():
    model = WGANGP(**TINY)
    model.compile(run_eagerly=True)
    real, fake = (tf.random.stateless_uniform((2, 28, 28, 1), (i, 0), -1, 1) for i in range(2))
    model.critic_loss(real, fake)
    epsilon = model.draw(tf.random.stateless_uniform, "between", 2)
    pixels = [(images + 1) / 2 for images in (real, fake)]
    expected = gradient_penalty(lambda x: model.critic(2 * x - 1), *pixels, epsilon)
    assert float(model.trackers["penalty"].result()) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize(
    ("networks", "layer", "deviation"),
    [
        ("small", 1, (2 / (128 + 64 * 8)) ** 0.5),
        ("convolutional", 1, (2 / (128 + 64 * 8)) ** 0.5),
        ("widening", -2, (4 / (9 * (8 + 3))) ** 0.5),
        ("residual", -2, (2 / (9 * (8 + 3))) ** 0.5),
    ],
)
def test_kernels_begin_as_those_of_the_authors(networks, layer, deviation):
    generator = WGANGP(networks, generator_filters=8, discriminator_filters=2).generator
    kernel = generator.layers[layer].kernel
    assert np.std(kernel) == pytest.approx(deviation, rel=0.1)


def test_the_generator_moves_after_five_steps_of_the_critic():
    phases = [WGANGP(**TINY).phase_at(step) for step in range(10)]
    assert phases == 2 * [*4 * ["critic"], "round's end"]


def test_rates_of_both_players_reach_0_together():
    optimizers = WGANGP(**TINY).optimizers(epochs=2, steps_per_epoch=50)
    rates = {player: optimizer._learning_rate for player, optimizer in optimizers.items()}
    assert float(rates["critic"](50)) == float(rates["generator"](10)) == pytest.approx(1e-4)
    assert float(rates["critic"](100)) == float(rates["generator"](20)) == 0
    still = WGANGP(**TINY).optimizers(linear_decay=False, epochs=2, steps_per_epoch=50)["critic"]
    assert (float(still.learning_rate), still.beta_2) == (pytest.approx(2e-4), 0.9)


@pytest.mark.parametrize("networks", ["residual", "widening", "convolutional", "small"])
def test_the_critic_sees_each_image_alone(networks):
    """A penalty of its slope is of one image: batches are not normalized."""
    filters = {"generator_filters": 2, "discriminator_filters": 2}
    critic = WGANGP(networks, image_size=32, channels=1, latent_size=2, **filters).critic
    images = np.random.default_rng(0).uniform(-1, 1, (3, 32, 32, 1)).astype(np.float32)
    both, alone = critic(images, training=True), critic(images[:1], training=True)
    np.testing.assert_allclose(both[:1], alone, atol=1e-5)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 20}, "image_size must be a power of 2"),
        ({"networks": "small", "image_size": 64}, "image_size must be one of"),
        ({"penalty_weight": -1.0}, "penalty_weight must be a finite number and >= 0"),
        ({"critic_steps": 0}, "critic_steps must be an integer >= 1"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        WGANGP(**argument)
