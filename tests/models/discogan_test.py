"""DiscoGAN: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import DiscoGAN
from tfgan_apps.models.discogan import feature_distance
from tfgan_apps.networks import discogan

TINY = {"image_size": 16, "generator_filters": 2, "discriminator_filters": 2}
TINY |= {"curriculum_steps": 2}


class TestDiscoGAN(ModelTestCase):
    """Of two levels: there are four networks, and two phases, to be traced."""

    round = 3

    def build(self, **kwargs):
        small = {"filters": 2, "levels": 2}
        given = {
            name: discogan.build_generator(name=name, **small)
            for name in ("generator_x_to_y", "generator_y_to_x")
        }
        given |= {
            name: discogan.build_discriminator(16, name=name, **small)
            for name in ("discriminator_x", "discriminator_y")
        }
        model = DiscoGAN(**TINY, **given)
        model.compile(**kwargs)
        return model

    def data(self):
        rng = np.random.default_rng(0)
        pair = tuple(rng.integers(0, 256, (12, 16, 16, 3), np.uint8) for _ in range(2))
        return from_arrays(pair, batch_size=4)


def test_parameters_of_the_authors():
    assert parameters(DiscoGAN()) == [2 * 2_765_568, 2 * 5_513_856]
    extra = discogan.build_generator(bottleneck=100)
    assert sum(np.prod(v.shape) for v in extra.trainable_variables) == 7_153_480


def test_a_move_of_the_discriminators_then_two_of_the_generators():
    model = DiscoGAN(**TINY)
    phases = [model.phase_at(step) for step in range(6)]
    assert phases == 2 * ["discriminator", "generator", "generator"]


def test_features_differ_by_their_batch_means():
    real = {"logits": None, "features_1": tf.constant([[0.0, 2.0], [2.0, 0.0]])}
    fake = {"logits": None, "features_1": tf.constant([[1.0, 4.0], [1.0, 0.0]])}
    assert float(feature_distance(real, fake)) == pytest.approx((0 + 1) / 2)


@pytest.mark.parametrize(("step", "rate"), [(1, 0.01), (2, 0.5)])
def test_losses_by_hand(step, rate):
    """Verdicts of 0, features that differ by 1, and what comes back is half of what went."""
    model = DiscoGAN(**TINY)
    model.compile()
    model.step.assign(step)
    model.generator_x_to_y = keras.Sequential([keras.layers.Rescaling(0.5)])
    model.generator_y_to_x = keras.Sequential([keras.layers.Identity()])
    model.discriminator_x = model.discriminator_y = lambda image, training: {
        "logits": tf.zeros((1, 1)),
        "features_1": 2.0 * image[:, :1, :1],
    }
    x = y = tf.ones((1, 16, 16, 3))
    one = 0.1 * np.log(2) + 0.9 * 1.0  # of y; generated x equals y, whose features are its own
    other = 0.1 * np.log(2)
    back = 0.25 * 0.25  # half of the difference, for pixels in [0, 1], squared
    expected = (1 - rate) * (one + other) + rate * 2 * back
    assert float(model.generator_loss(x, y)) == pytest.approx(expected, rel=1e-5)
    assert float(model.discriminator_loss(x, y)) == pytest.approx(2 * np.log(2), rel=1e-5)


def test_optimizers_of_the_authors():
    optimizers = DiscoGAN(**TINY).optimizers()
    assert list(optimizers) == ["discriminator", "generator"]
    for optimizer in optimizers.values():
        numbers = optimizer.learning_rate, optimizer.beta_1, optimizer.beta_2, optimizer.epsilon
        assert tuple(map(float, numbers)) == pytest.approx((2e-4, 0.5, 0.999, 1e-8))
        assert optimizer.decay == 1e-5


@pytest.mark.parametrize(
    ("architecture", "networks"), [("discogan", (2, 2)), ("recongan", (1, 2)), ("gan", (1, 1))]
)
def test_players_of_the_papers_other_games(architecture, networks):
    players = DiscoGAN(**TINY, architecture=architecture).players()
    assert tuple(map(len, players.values())) == networks


def test_kernels_begin_as_pytorchs():
    layers = discogan.build_generator(filters=64).layers
    for kind, fan_in in ((keras.layers.Conv2D, 16 * 3), (keras.layers.Conv2DTranspose, 16 * 512)):
        kernel = next(layer.kernel for layer in layers if type(layer) is kind)
        assert np.abs(kernel).max() == pytest.approx(fan_in**-0.5, rel=0.01)


def test_moving_averages_see_images_of_training_alone():
    model, again = DiscoGAN(**TINY), DiscoGAN(**TINY)
    again.set_weights(model.get_weights())
    model.compile()
    x, y = (tf.random.stateless_uniform((2, 16, 16, 3), (0, n), -1.0, 1.0) for n in range(2))
    model.generator_loss(x, y, training=False)
    model.generator_loss(x, y)
    again.generator_x_to_y(x, training=True)
    weights = (m.generator_x_to_y.weights for m in (model, again))
    for found, expected in zip(*weights, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 24}, "image_size must be a multiple of 16"),
        ({"rate": 1.5}, "rate must be a finite number and >= 0 and <= 1"),
        ({"architecture": "cgan"}, "architecture must be one of"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        DiscoGAN(**{**TINY, **argument})
