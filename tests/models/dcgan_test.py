"""DCGAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tfgan_apps.input_pipelines import ImageSet
from tfgan_apps.models import DCGAN
from tfgan_apps.networks.dcgan import build_discriminator, build_generator

TINY = {"image_size": 16, "latent_size": 3, "generator_filters": 2, "discriminator_filters": 2}


class TestDCGAN(ModelTestCase):
    def build(self, **kwargs):
        model = DCGAN(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        images = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3), np.uint8)
        return ImageSet.from_arrays({"train": images, "test": images}, batch_size=4)


@pytest.mark.parametrize(
    ("size", "channels", "generator", "discriminator"),
    [
        (64, 3, 3_576_704, 2_765_568),
        (64, 1, 3_574_656, 2_763_520),
        (32, 3, 1_068_928, 663_296),
        (128, 3, 12_786_560, 11_164_416),
    ],
)
def test_parameters_of_the_authors(size, channels, generator, discriminator):
    for build, expected in ((build_generator, generator), (build_discriminator, discriminator)):
        trained = build(size, channels).trainable_variables
        assert sum(np.prod(v.shape) for v in trained) == expected


def test_one_generated_batch_serves_both_players():
    model = DCGAN(**TINY)
    model.compile(run_eagerly=True)
    made, judged = [], []
    generate, loss = model.generate, model.discriminator_loss
    model.generate = lambda *args: made.append(generate(*args)) or made[-1]
    model.discriminator_loss = lambda image, fake: judged.append(fake) or loss(image, fake)
    model.train_on_batch(np.zeros((4, 16, 16, 3), np.float32))
    assert len(made) == 1 and judged[0] is made[0]


def test_noise_is_of_the_distribution_asked_for():
    uniform = DCGAN(**TINY, latents="uniform").noise((9999,), (0, 0))
    normal = DCGAN(**TINY).noise((9999,), (0, 0))
    assert np.abs(uniform).max() <= 1 < np.abs(normal).max()
    assert np.std(uniform) == pytest.approx(3**-0.5, abs=0.01)
    assert np.std(normal) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("size", [8, 48, 64.0])
def test_sizes_that_networks_cannot_have(size):
    with pytest.raises(ValueError, match=f"image_size must be .* Received: image_size={size}"):
        DCGAN(image_size=size)


def test_sheets_show_the_same_noise_again():
    model, batch = DCGAN(**TINY), tf.zeros((2, 16, 16, 3))
    first, again = model.samples(batch), model.samples(batch)
    assert list(first) == ["real", "sample 1", "sample 2", "sample 3", "sample 4"]
    np.testing.assert_array_equal(first["sample 2"], again["sample 2"])
