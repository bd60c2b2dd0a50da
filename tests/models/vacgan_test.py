"""VACGAN: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import batch, labelled
from tests.recorded import recorded
from tfgan_apps import noise
from tfgan_apps.models import VACGAN
from tfgan_apps.networks.vacgan import build_generator

TINY = {"image_size": 12, "classes": 3, "generator_filters": 2, "discriminator_filters": 2}
TINY |= {"classifier_width": 4}


class TestVACGAN(ModelTestCase):
    def build(self, **kwargs):
        model = VACGAN(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return labelled(12)


def test_parameters_of_the_authors():
    assert parameters(VACGAN()) == [6_632_385, 217_394, 6_653_889]


def test_a_class_is_a_part_of_the_latent_space():
    network = build_generator(12, 1, 3, 2)
    signs = [layer for layer in network.layers if type(layer).__name__ == "Multiply"][0].output
    latents = np.full((2, 3), 0.5, np.float32)
    found = keras.Model(network.input, signs)({"latents": latents, "label": np.int32([0, 2])})
    np.testing.assert_allclose(found, [[0.5, -0.5, -0.5], [-0.5, -0.5, 0.5]])


def test_sheets_and_servers_draw_as_the_authors_test():
    """Nearer to 0 than 0.3 the latent space lies between classes; only training goes there."""
    model = VACGAN(**TINY)
    shown = noise.fixed(model, 500).numpy()
    trained = model.latents("latents", np.zeros((500, 1))).numpy()
    assert (shown.min() >= 0.3, shown.max() <= 1) == (True, True)
    assert (trained < 0.3).mean() == pytest.approx(0.3, abs=0.05)
    assert model.serving().noise is model.noise


def test_the_losses_of_one_moment():
    """All three are of the same fakes, verdicts and classes, before anybody moves."""
    model = VACGAN(**TINY, adversarial_weight=0.25, class_weight=2.0)
    model.compile(run_eagerly=True)
    judged = recorded(model.discriminator)
    means = model.train_on_batch(batch(12), return_dict=True)
    assert len(judged) == 2
    fake, real = (np.array(outputs) for _, outputs in judged)
    verdict = np.mean(np.logaddexp(0, -fake))
    expected = 0.25 * verdict + 2 * means["classifier_loss"]
    assert means["generator_loss"] == pytest.approx(expected, rel=1e-5)
    both = np.mean(np.logaddexp(0, fake)) + np.mean(np.logaddexp(0, -real))
    assert means["discriminator_loss"] == pytest.approx(both, rel=1e-5)


def test_classifier_and_discriminator_share_nothing():
    model = VACGAN(**TINY)
    both = [{id(v) for v in model.variables_of(p)} for p in ("classifier", "discriminator")]
    assert not both[0] & both[1]


def test_optimizers_of_the_authors():
    found = VACGAN(**TINY).optimizers()
    assert (found["classifier"].nesterov, found["classifier"].momentum) == (True, 0.9)
    assert float(found["generator"].learning_rate) == pytest.approx(2e-4)


@pytest.mark.parametrize("epoch", range(10))
def test_rates_fall_after_half_the_epochs(epoch):
    """As the authors' loop sets them, at an epoch's end."""
    expected = 2 * (1 - (epoch - 1) / 10) if epoch > 5 else 1
    found = VACGAN(**TINY).optimizers(epochs=10, steps_per_epoch=7)
    for player in ("discriminator", "generator"):
        rate = found[player]._learning_rate
        for step in (7 * epoch, 7 * epoch + 6):
            assert float(rate(step)) == pytest.approx(2e-4 * expected, rel=1e-5)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 30}, "image_size must be a multiple of 4"),
        ({"image_size": 8}, "image_size must be an integer >= 12"),
        ({"class_weight": -1.0}, "class_weight must be a finite number and >= 0"),
        ({"class_names": ("a",)}, "classes must be 1"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        VACGAN(**argument)
