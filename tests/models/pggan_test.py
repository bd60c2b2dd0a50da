"""PGGAN: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tests.random_images import unlabelled
from tfgan_apps.models import PGGAN
from tfgan_apps.networks import growing, pggan
from tfgan_apps.penalties import gradient_penalty

# Batches of 4: two steps of 4 pixels, three of a fade, then 8 pixels to the end.
TINY = {"image_size": 8, "channels": 1, "latent_size": 4, "filters_base": 32, "most_filters": 4}
TINY |= {"stable_kimg": 0.007, "fade_kimg": 0.012, "deviation_group": 2}


def tiny(**kwargs):
    """A compiled PGGAN of 8 pixels."""
    model = PGGAN(**TINY | kwargs)
    model.compile(run_eagerly=True)
    return model


class TestPGGAN(ModelTestCase):
    stopped, ended = 3, 6  # inside the fade, and after it

    def build(self, **kwargs):
        model = PGGAN(**TINY, mirror=True, average_decay=0.9)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(8)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((1024, 3, 512, 16384, 512), (23_079_115, 23_087_249)),
        ((256, 3, 512, 16384, 512), (23_044_309, 23_052_353)),
        ((32, 3, 128, 8192, 128), (1_296_908, 1_298_689)),
        ((16, 3, 32, 1024, 32), (62_953, 63_361)),
        ((32, 3, 64, 16384, 64), (324_876, 325_761)),
    ],
)
def test_parameters_of_the_authors(arguments, expected, monkeypatch):
    monkeypatch.setattr(keras.initializers, "RandomNormal", lambda stddev: "zeros")
    size, channels, _, *widths = arguments
    networks = pggan.build_generator(*arguments), pggan.build_discriminator(size, channels, *widths)
    found = [sum(int(np.prod(v.shape)) for v in each.trainable_weights) for each in networks]
    assert tuple(found) == expected


def test_levels_come_in_and_the_optimizers_begin_anew_where_a_fade_begins_or_ends():
    model = tiny()
    levels, counts = [], []
    for step in range(7):
        model.train_on_batch(np.zeros((4, 8, 8, 1), np.float32))
        levels.append(float(model.progress.level.numpy()))
        counts.append(int(model.generator_optimizer.iterations.numpy()))
        assert model.progress.images.numpy() == 4 * (step + 1)
    np.testing.assert_allclose(levels, [0, 0, 1 / 12, 5 / 12, 9 / 12, 1, 1], atol=1e-6)
    assert counts == [1, 2, 1, 2, 3, 1, 2]
    assert model.phase == "8 pixels"


def test_only_what_a_level_has_is_moved():
    model = tiny()
    before = {v.path: v.numpy() for v in model.trainable_variables}
    model.train_on_batch(np.ones((4, 8, 8, 1), np.float32))
    moved = {p for p, v in before.items() if not np.array_equal(v, _weight(model, p))}
    assert moved and not [path for path in moved if "_8" in path or "8_" in path]


def _weight(model, path):
    return next(v.numpy() for v in model.trainable_variables if v.path == path)


def test_networks_of_a_level_are_those_of_all_levels():
    """P1: to rounding, at whole levels and between them."""
    generator = pggan.build_generator(16, 3, 8, 256, 8)
    discriminator = pggan.build_discriminator(16, 3, 256, 8, 2)
    latents, image = (tf.random.stateless_normal(s, (0, 1)) for s in ((4, 8), (4, 16, 16, 3)))
    for level, size, fading in ((0, 4, 0), (0.25, 8, 1), (1, 8, 0), (1.75, 16, 1), (2, 16, 0)):
        told = {"level": tf.fill([4], float(level))}
        found = growing.generator_at(generator, size, fading)({"latents": latents, **told})
        whole = generator({"latents": latents, **told})
        enlarged = np.repeat(np.repeat(found, 16 // size, 1), 16 // size, 2)
        np.testing.assert_allclose(whole, enlarged, atol=1e-5)
        coarse = tf.nn.avg_pool2d(image, 16 // size, 16 // size, "VALID")
        found = growing.discriminator_at(discriminator, size, fading)({"image": coarse, **told})
        np.testing.assert_allclose(found, discriminator({"image": image, **told}), atol=1e-5)


def test_what_is_served_grows_with_the_model():
    model = tiny()
    network, latents = growing.build_served(model.average, model.progress), tf.ones((2, 4))
    for level in (0.0, 0.5, 1.0):
        model.progress.level.assign(level)
        expected = model.average({"latents": latents, "level": tf.fill([2], level)})
        np.testing.assert_array_equal(network({"latents": latents}), expected)


def test_a_fade_begins_where_the_level_below_has_ended():
    """P1."""
    generator = pggan.build_generator(8, 3, 8, 256, 8)
    latents = tf.random.stateless_normal((4, 8), (0, 0))
    small = growing.generator_at(generator, 4, False)
    (old,) = [small({"latents": latents, "level": tf.zeros(4)})]
    new = generator({"latents": latents, "level": tf.fill([4], 1e-6)})
    np.testing.assert_allclose(new, np.repeat(np.repeat(old, 2, 1), 2, 2), atol=1e-4)


def test_real_images_fade_as_generated_ones_do():
    model = tiny()
    real = tf.random.stateless_uniform((4, 8, 8, 1), (0, 0), -1.0, 1.0)
    pool = tf.nn.avg_pool2d(real, 2, 2, "VALID")
    model.phase = "4 pixels"
    np.testing.assert_allclose(model.prepared(real), pool, atol=1e-6)
    model.phase = "fading to 8 pixels"
    model.progress.level.assign(0.25)
    coarse = np.repeat(np.repeat(pool, 2, 1), 2, 2)
    np.testing.assert_allclose(model.prepared(real), 0.75 * coarse + 0.25 * real, atol=1e-6)


def test_slopes_are_those_at_whole_images():
    """The authors' discriminator sees an image of 4 pixels as one of 8."""
    model, tracked = tiny(), {}
    model.phase, model.track = "4 pixels", lambda **values: tracked.update(values)
    real = model.prepared(tf.random.stateless_uniform((4, 8, 8, 1), (0, 0), -1.0, 1.0))
    fake = model.generated(real, "the discriminator's")
    model.discriminator_loss(real)

    def whole(image):
        return model.discriminator({"image": image, "level": tf.zeros(4)}, training=True)

    doubled = [tf.repeat(tf.repeat(x, 2, 1), 2, 2) for x in (real, fake)]
    epsilon = model.draw(tf.random.stateless_uniform, "between", 4)
    expected = gradient_penalty(whole, *doubled, epsilon)
    assert float(tracked["penalty"]) == pytest.approx(float(expected), rel=1e-4)


def test_the_losses_are_the_papers():
    model = tiny(penalty_target=2.0, penalty_weight=8.0, drift_weight=0.5)
    real = tf.random.stateless_uniform((4, 8, 8, 1), (0, 0), -1.0, 1.0)
    scores = []
    critic = model.critic
    model.critic = lambda x: scores.append(critic(x)) or scores[-1]
    means = model.train_on_batch(real, return_dict=True)
    on_real, on_fake = scores[0], scores[1]  # then those of the penalty, and the generator's
    distance = float(tf.reduce_mean(on_real) - tf.reduce_mean(on_fake))
    assert means["distance"] == pytest.approx(distance, rel=1e-4)
    drift = float(tf.reduce_mean(on_real**2))
    expected = -distance + 2 * means["penalty"] + 0.5 * drift
    assert means["discriminator_loss"] == pytest.approx(expected, rel=1e-4)
    assert means["generator_loss"] == pytest.approx(-float(tf.reduce_mean(scores[-1])), rel=1e-4)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 12}, "image_size must be a power of 2, at least 4"),
        ({"first_size": 16}, "first_size must be a power of 2, from 4 to 8"),
        ({"filters_base": 4}, "filters_base must be an integer >= 8"),
        ({"stable_kimg": -1}, "stable_kimg must be a finite number and >= 0"),
        ({"penalty_target": 0}, "penalty_target must be a finite number and >= 1e-06"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        PGGAN(**TINY | argument)
