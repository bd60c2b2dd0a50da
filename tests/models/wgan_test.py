"""WGAN: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import unlabelled
from tfgan_apps.input_pipelines import Points
from tfgan_apps.models import WGAN
from tfgan_apps.networks import points

TINY = {"image_size": 16, "latent_size": 3, "generator_filters": 2, "discriminator_filters": 2}


class TestWGAN(ModelTestCase):
    round = 2

    def build(self, **kwargs):
        model = WGAN(**TINY, critic_steps=2, long_critic_steps=2, clip=2.0)  # of first weights, too
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(16, channels=3)


def test_parameters_of_the_authors():
    assert parameters(WGAN()) == [2_765_568, 3_576_704]


def test_rounds_of_the_authors():
    model = WGAN(**TINY)
    expected = [100] * 25 + [5] * 475 + ([100] + [5] * 499) * 2 + [100]
    ends = np.cumsum(expected) - 1
    found = [step for step in range(ends[-1] + 1) if model.phase_at(step) == "round's end"]
    assert found == ends.tolist()


def test_every_weight_of_the_critic_stays_in_its_box():
    model = WGAN(**points.networks("critic", width=8), critic_steps=2, long_critic_steps=3)
    model.compile(learning_rate=0.1)
    data = Points("ring", 4)
    for step in range(3):
        before = [np.array(v) for v in model.generator.trainable_variables]
        model.fit(data.train(step), steps_per_epoch=1, verbose=0)
        weights = [np.abs(v).max() for v in model.critic.trainable_variables]
        assert max(weights) == pytest.approx(0.01)
        same = zip(before, model.generator.trainable_variables, strict=True)
        assert all(np.array_equal(a, b) for a, b in same) == (step < 2)


def test_losses_and_gamma_in_the_box():
    model = WGAN(**TINY)
    model.compile(run_eagerly=True, learning_rate=0.1)
    means = model.train_on_batch(np.zeros((4, 16, 16, 3), np.float32), return_dict=True)
    assert "generator_loss" not in means and means["distance"] == -means["critic_loss"]
    normalizations = [
        layer for layer in model.critic.layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert len(normalizations) == 1  # 16 pixels
    assert np.max(normalizations[0].gamma) == pytest.approx(0.01)


def test_the_authors_rmsprop():
    optimizer = WGAN(**TINY).optimizers()["critic"]
    found = (float(optimizer.learning_rate), optimizer.rho, optimizer.epsilon**0.5)
    assert found == pytest.approx((5e-5, 0.99, 1e-8))


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"clip": 0.0}, "clip must be above 0"),
        ({"critic_steps": 0}, "critic_steps must be an integer >= 1"),
        ({"image_size": 20}, "image_size must be a power of 2"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        WGAN(**argument)
