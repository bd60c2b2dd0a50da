"""WGAN-GP: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest

from tests.model_test_case import ModelTestCase
from tfgan_apps.input_pipelines import ImageSet
from tfgan_apps.models import WGANGP
from tfgan_apps.networks import points

TINY = {"networks": "small", "image_size": 28, "channels": 1, "latent_size": 3}
TINY |= {"generator_filters": 2, "discriminator_filters": 2}


class TestWGANGP(ModelTestCase):
    round = 2

    def build(self, **kwargs):
        model = WGANGP(**TINY, critic_steps=2)
        model.compile(**kwargs)
        return model

    def data(self):
        images = np.random.default_rng(0).integers(0, 256, (12, 28, 28, 1), np.uint8)
        return ImageSet.from_arrays({"train": images, "test": images}, batch_size=4)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [1_053_825, 1_204_483]),
        (
            {"networks": "small", "image_size": 28, "channels": 1}
            | {"generator_filters": 64, "discriminator_filters": 64},
            [1_030_145, 1_554_177],
        ),
        (points.networks("critic"), [527_361, 527_874]),
    ],
)
def test_parameters_of_the_authors(arguments, expected):
    model = WGANGP(**arguments)
    found = [sum(np.prod(v.shape) for v in model.variables_of(p)) for p in model.players()]
    assert found == expected


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


def test_the_generator_moves_after_five_steps_of_the_critic():
    model = WGANGP(**TINY)
    ends = [step for step in range(15) if model.phase_at(step) == "round's end"]
    assert ends == [4, 9, 14]


def test_rates_of_both_players_reach_0_together():
    optimizers = WGANGP(**TINY).optimizers(epochs=2, steps_per_epoch=50)
    rates = {player: optimizer._learning_rate for player, optimizer in optimizers.items()}
    assert float(rates["critic"](50)) == float(rates["generator"](10)) == pytest.approx(1e-4)
    assert float(rates["critic"](100)) == float(rates["generator"](20)) == 0
    assert WGANGP(**TINY).optimizers()["critic"].beta_2 == 0.9


def test_the_critic_normalizes_nothing():
    model = WGANGP(image_size=8, generator_filters=2, discriminator_filters=2)
    kinds = {type(layer) for layer in model.critic.layers}
    assert keras.layers.BatchNormalization not in kinds


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
