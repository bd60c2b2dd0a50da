"""DCGAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tests.random_images import unlabelled
from tfgan_apps.models import DCGAN

TINY = {"image_size": 16, "latent_size": 3, "generator_filters": 2, "discriminator_filters": 2}


class TestDCGAN(ModelTestCase):
    def build(self, **kwargs):
        model = DCGAN(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(16, channels=3)


@pytest.mark.parametrize(
    ("size", "channels", "expected"),
    [
        (64, 3, [2_765_568, 3_576_704]),
        (64, 1, [2_763_520, 3_574_656]),
        (32, 3, [663_296, 1_068_928]),
        (128, 3, [11_164_416, 12_786_560]),
    ],
)
def test_parameters_of_the_authors(size, channels, expected):
    assert parameters(DCGAN(size, channels)) == expected


def test_one_generated_batch_serves_both_players_and_is_judged_anew():
    model = DCGAN(**TINY)
    model.compile(run_eagerly=True, learning_rate=0.1)
    made, judged = [], []
    generate, loss = model.generate, model.discriminator_loss
    model.generate = lambda *args: made.append(generate(*args)) or made[-1]
    model.discriminator_loss = lambda image, fake: judged.append(fake) or loss(image, fake)
    means = model.train_on_batch(np.zeros((4, 16, 16, 3), np.float32), return_dict=True)
    assert len(made) == 1 and judged[0] is made[0]
    expected = np.mean(np.logaddexp(0, -model.discriminator(made[0], training=True)))
    assert means["generator_loss"] == pytest.approx(expected, rel=1e-4)


def test_noise_is_of_the_distribution_asked_for():
    uniform = DCGAN(**TINY, latents="uniform").noise((9999,), (0, 0))
    normal = DCGAN(**TINY).noise((9999,), (0, 0))
    assert np.abs(uniform).max() <= 1 < np.abs(normal).max()
    np.testing.assert_allclose([np.std(uniform), np.std(normal)], [3**-0.5, 1], atol=0.03)


@pytest.mark.parametrize("size", [8, 48, 64.0])
def test_sizes_that_networks_cannot_have(size):
    with pytest.raises(ValueError, match=f"image_size must be .* Received: image_size={size}"):
        DCGAN(image_size=size)


def test_sheets_show_the_same_noise_again():
    model, batch = DCGAN(**TINY), tf.zeros((2, 16, 16, 3))
    first, again = model.samples(batch), model.samples(batch)
    assert list(first)[:2] == ["real", "sample 1"] and list(first)[-1] == "1 to 2: 75%"
    np.testing.assert_array_equal(first["sample 2"], again["sample 2"])
