"""GAN: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import unlabelled
from tfgan_apps.input_pipelines import Points
from tfgan_apps.models import GAN
from tfgan_apps.networks import points

TINY = {"image_size": 8, "latent_size": 3, "generator_width": 6, "discriminator_width": 4}


class TestGAN(ModelTestCase):
    def build(self, **kwargs):
        model = GAN(**TINY)
        for weight in model.discriminator.trainable_variables:
            weight.assign(100 * weight.value)  # the authors' are so small that little moves
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(8)


def test_parameters_of_the_authors():
    assert parameters(GAN()) == [1_231_441, 2_503_984]


def test_players_move_from_the_same_parameters_and_of_one_verdict():
    model = GAN(**TINY)
    model.compile(run_eagerly=True)
    images = np.zeros((4, 8, 8, 1), np.float32)
    calls = [layer.calls for layer in model.discriminator.layers if hasattr(layer, "calls")]
    means = model.train_on_batch(images, return_dict=True)
    assert [int(count) for count in calls] == [2, 2, 2]  # real, and fake for both players
    # At first all verdicts are 1/2: the discriminator's loss has the paper's half.
    assert means["discriminator_loss"] == pytest.approx(np.log(2), abs=1e-3)
    assert means["generator_loss"] == pytest.approx(np.log(2), abs=1e-3)


def test_the_minimax_loss_is_the_other_one():
    model = GAN(**TINY, loss="minimax")
    assert float(model.generator_loss(np.zeros((2, 1)))) == pytest.approx(-np.log(2))


def test_noise_has_the_authors_variance():
    drawn = np.array(GAN(**TINY).noise((9999,), (0, 0)))
    assert np.abs(drawn).max() <= 3**0.5 and drawn.std() == pytest.approx(1, abs=0.03)


def test_rate_and_momentum_of_the_authors():
    optimizer = GAN(**TINY).optimizers(steps_per_epoch=2)["generator"]
    rate = optimizer._learning_rate
    assert float(rate(0)) == pytest.approx(0.1)
    assert float(rate(250_000)) == pytest.approx(0.1 / np.e, rel=1e-3)
    assert float(rate(10**8)) == pytest.approx(1e-6)
    momentum = (optimizer.momentum, optimizer.final_momentum, optimizer.growth_steps)
    assert momentum == (0.5, 0.7, 498)


def test_points_and_their_picture():
    model, data = GAN(**points.networks(width=8), latents="normal"), Points("ring", 4)
    model.compile()
    model.fit(data.train(), steps_per_epoch=2, verbose=0)
    model.evaluate(data.test(4, 8), verbose=0)
    (picture,) = model.samples(next(iter(data.test(4)))).values()
    assert picture.shape == (1, 256, 256, 3) and np.abs(picture).max() <= 1
    served = model.serving()
    point = served.predict("serving_default", {"seed": np.int32([1, 2])})["point"]
    assert point.shape == (2, 2)
    assert keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"latents": "cauchy"}, "latents must be one of"),
        ({"loss": "hinge"}, "loss must be one of"),
        ({"generator_width": 0}, "generator_width must be an integer >= 1"),
        ({"image_size": 8.5}, "image_size must be an integer >= 1"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        GAN(**argument)
