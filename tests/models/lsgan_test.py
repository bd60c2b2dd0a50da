"""LSGAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import unlabelled
from tests.recorded import recorded
from tfgan_apps.models import LSGAN

TINY = {"image_size": 16, "latent_size": 3, "generator_filters": 2, "discriminator_filters": 2}


class TestLSGAN(ModelTestCase):
    def build(self, **kwargs):
        model = LSGAN(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(16, channels=3)


def test_parameters_of_the_authors():
    assert parameters(LSGAN()) == [4_333_441, 15_591_427]


def test_losses_by_hand():
    model = LSGAN(**TINY, fake_label=-1.0, real_label=1.0, wanted_label=0.0)
    given = np.float32([[2.0], [0.0]])
    model.discriminator = lambda image, training: image
    assert float(model.discriminator_loss(given, given)) == pytest.approx((1 + 5) / 2)
    assert float(model.generator_loss(given)) == pytest.approx(1.0)


def test_one_generated_batch_serves_both_players():
    model = LSGAN(**TINY)
    model.compile(run_eagerly=True, learning_rate=0.1)
    made = recorded(model.generator)
    images = np.zeros((4, 16, 16, 3), np.float32)
    means = model.train_on_batch(images, return_dict=True)
    assert len(made) == 1  # and the discriminator, after its move, judges it anew:
    expected = 0.5 * np.mean((np.array(model.discriminator(made[0][1], training=True)) - 1) ** 2)
    assert means["generator_loss"] == pytest.approx(expected, rel=1e-4)


def test_no_sigmoid_and_noise_of_the_authors():
    model = LSGAN(**TINY)
    assert {layer.name for layer in model.discriminator.layers} >= {"score"}
    assert np.abs(model.noise((999,), (0, 0))).max() <= 1


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 30}, "image_size must be a multiple of 16"),
        ({"wanted_label": float("nan")}, "wanted_label must be a finite number"),
        ({"channels": 5}, "channels must be one of"),
        ({"latent_size": 0}, "latent_size must be an integer >= 1"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        LSGAN(**argument)
