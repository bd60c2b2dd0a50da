"""SC-GAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import unlabelled
from tests.recorded import recorded
from tfgan_apps.models import SCGAN
from tfgan_apps.models.scgan import similarity

TINY = {"image_size": 8, "latent_size": 3, "categories": (3,), "continuous": 1}
TINY |= {"generator_filters": 2, "discriminator_filters": 2}


class TestSCGAN(ModelTestCase):
    def build(self, **kwargs):
        model = SCGAN(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(8)


def test_parameters_of_the_authors():
    assert parameters(SCGAN()) == [6_558_017, 6_671_681]


def test_the_constraint_by_hand():
    """Half the mean over pairs of the distance, or of its inverse."""
    images = tf.constant([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
    category = tf.constant([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    none = tf.zeros((3, 0))
    expected = (5 + 1 / 2 + 1 / np.sqrt(13)) / 6
    assert float(similarity(images, [category, none])) == pytest.approx(expected, rel=1e-4)
    numbers = tf.constant([[-1.0], [1.0], [0.0]])  # apart by 1, 1/2 and 1/2
    expected = (1 / 5 + (2 + 1 / 2) / 2 + (np.sqrt(13) + 1 / np.sqrt(13)) / 2) / 6
    assert float(similarity(images, [numbers])) == pytest.approx(expected, rel=1e-4)


def test_equal_images_have_a_finite_gradient():
    images = tf.Variable(tf.zeros((4, 2)))
    with tf.GradientTape() as tape:
        loss = similarity(images, [tf.eye(4), tf.zeros((4, 0))])
    assert np.isfinite(tape.gradient(loss, images)).all()


def test_one_generated_batch_serves_both_players_and_no_network_sees_the_code():
    model = SCGAN(**TINY)
    assert [tensor.name for tensor in model.discriminator.inputs] == ["image"]
    model.compile(run_eagerly=True)
    made = recorded(model.generator)
    means = model.train_on_batch(np.zeros((4, 8, 8, 1), np.float32), return_dict=True)
    assert len(made) == 1
    verdict = np.mean(np.logaddexp(0, -model.discriminator(made[0][1], training=True)))
    assert means["generator_loss"] == pytest.approx(verdict + means["similarity"], rel=2e-3)


def test_rates_of_the_authors():
    rates = {p: float(o.learning_rate) for p, o in SCGAN(**TINY).optimizers().items()}
    assert rates == pytest.approx({"discriminator": 2e-4, "generator": 1e-3})


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 30}, "image_size must be a multiple of 4"),
        ({"similarity_weight": -1.0}, "similarity_weight must be a finite number and >= 0"),
        ({"continuous": -1}, "continuous must be an integer >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        SCGAN(**argument)
