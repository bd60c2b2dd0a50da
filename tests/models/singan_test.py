"""SinGAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, ResumeTestCase
from tfgan_apps.input_pipelines import Images, OneImage, PixelsInMemory
from tfgan_apps.models import SinGAN

SIZE = (14, 17)
TINY = {"image_size": SIZE, "scales": 2, "coarsest_size": 11, "scale_steps": 3, "filters": 8}
TINY |= {"discriminator_steps": 1, "generator_steps": 1, "network_layers": 2}


def picture(batch_size=2):
    """A rough picture as data, two scales of 3 steps."""
    image = np.random.default_rng(0).integers(0, 256, (1, *SIZE, 3), np.uint8)
    images = Images(PixelsInMemory(image), 3)
    return OneImage(images, 17, 11, scale_steps=3, batch_size=batch_size)


def tiny(**kwargs):
    """A compiled SinGAN of two scales."""
    model = SinGAN(**TINY | kwargs)
    model.compile(run_eagerly=True)
    return model


def with_details(model):
    """Returns a model whose generators' details are enlarged, to be seen."""
    model.step.assign(6)
    for generator in model.generators:
        for weight in generator.weights:
            if weight.name == "moving_variance":
                weight.assign(0.01 * weight)
    return model


@pytest.fixture(scope="module")
def trained():
    """One whose scales were trained, and the image."""
    model, data = tiny(), picture(1)
    model.fit(data.train(), steps_per_epoch=6, shuffle=False, verbose=0)
    return with_details(model), data.picture[None]


class TestSinGAN(ModelTestCase):
    scale_steps, stopped, ended = 2, 2, 3  # resumed between scales

    def build(self, **kwargs):
        model = SinGAN(**TINY | {"scale_steps": self.scale_steps})
        model.compile(**kwargs)
        return model

    def data(self):
        return picture()


class TestResumeInsideAFinerScale(ResumeTestCase):
    scale_steps, stopped, ended = 1, 2, 3
    build, data = TestSinGAN.build, TestSinGAN.data


def test_parameters_of_the_authors():
    model = SinGAN((250, 250), 9)
    assert [_count(net) for net in model.generators] == [29_763] * 4 + [114_819] * 4 + [450_819]
    assert [_count(net) for net in model.discriminators] == [29_185] * 4 + [113_665] * 4 + [448_513]


def _count(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_weights)


def test_a_network_sees_eleven_pixels_and_adds_to_what_is_coarser():
    model = tiny(network_layers=5)
    generator, critic = model.generators[0], model.discriminators[0]
    coarse, noise = np.zeros((1, 25, 25, 3), np.float32), np.zeros((1, 35, 35, 3), np.float32)
    still = generator({"coarse": coarse, "noise": noise}).numpy()
    coarse[0, 12, 12] = 0.5
    moved = generator({"coarse": coarse, "noise": noise}).numpy()
    rows, columns = np.nonzero(np.abs(moved - still).sum((0, 3)))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (7, 17, 7, 17)
    details = moved - coarse
    assert np.abs(details).max() <= 1
    assert critic(coarse).shape == (1, 15, 15, 1)


def test_scales_come_one_after_the_other_with_the_coarser_ones_weights():
    model = tiny(scale_steps=2, discriminator_steps=2)
    data = iter(picture(1).train())
    for step in range(3):
        before = [w.numpy() for w in model.generators[0].weights]
        model.train_on_batch(next(data))
        assert model.phase == f"scale {step // 2}"
        # A scale's optimizer knows nothing of the ones before.
        assert int(model.discriminator_optimizer.iterations.numpy()) == 2 * (step % 2 + 1)
        assert int(model.generator_optimizer.iterations.numpy()) == step % 2 + 1
        still = all(map(np.array_equal, before, model.generators[0].get_weights()))
        assert still == (step >= 2)
    model = tiny()
    model.step.assign(3)
    model.begin_step()
    for networks in model.players().values():
        for coarser, own in zip(networks[0].weights, networks[1].weights, strict=True):
            np.testing.assert_array_equal(coarser, own)


def test_a_scale_of_other_widths_begins_with_its_own_weights():
    model = tiny(image_size=(40, 40), scales=5)
    model.step.assign(12)
    before = model.generators[4].get_weights()
    model.begin_step()
    assert all(map(np.array_equal, before, model.generators[4].get_weights()))


def test_the_amplitude_is_a_tenth_of_the_error_that_a_scale_begins_with(trained):
    model, image = trained
    error = tf.sqrt(tf.reduce_mean(tf.square(image - model.starts[1])))
    assert float(model.amplitudes[0].numpy()) == 1.0
    assert float(model.amplitudes[1].numpy()) == pytest.approx(0.1 * float(error), rel=1e-5)
    assert not model.starts[0].numpy().any()


def test_noise_of_the_coarsest_scale_is_grey_and_has_a_border_of_zeros():
    model = tiny()
    image = tf.zeros((2, *SIZE, 3))
    coarsest, next_one = (model.drawn_noise(scale, image, "x").numpy() for scale in (0, 1))
    assert coarsest.shape == (2, 15, 18, 3) and next_one.shape == (2, 18, 21, 3)
    assert np.ptp(coarsest, -1).max() == 0 < np.ptp(next_one, -1).max()
    assert not coarsest[:, :2].any() and not coarsest[:, :, -2:].any() and coarsest[:, 2, 2].all()
    assert not np.array_equal(coarsest[0], coarsest[1])
    around = tiny(noise_padding="noise").drawn_noise(1, image, "x").numpy()
    assert around.shape == (2, 18, 21, 3) and around.all()
    fixed = [model.star_noise(scale).numpy() for scale in (0, 1)]
    assert np.ptp(fixed[0], -1).max() == 0 < np.abs(fixed[0]).max() and not fixed[1].any()


def test_the_rate_falls_to_a_tenth_after_four_fifths_of_a_scale():
    model = SinGAN(**TINY | {"scale_steps": 2000, "generator_steps": 3})
    config = model.optimizers()["generator"].get_config()["learning_rate"]["config"]
    assert (config["boundaries"], config["values"]) == ([3 * 1600], [5e-4, pytest.approx(5e-5)])
    early = model.optimizers(decay_start=0.25)["generator"].get_config()["learning_rate"]
    assert early["config"]["boundaries"] == [3 * 500]
    with pytest.raises(ValueError, match=r"decay_start must be in \[0, 1\]. Received: .*=1.5"):
        model.optimizers(decay_start=1.5)


def test_what_has_not_begun_leaves_images_as_they_are(trained):
    model, _ = trained
    first = model.generators[0](model.star_inputs(0), training=False)
    expected = model.pyramid.finer(first, SIZE)
    model.step.assign(3)
    np.testing.assert_allclose(model.reconstructed(), expected, atol=1e-6)
    model.step.assign(6)
    assert np.abs(model.reconstructed() - expected).max() > 1e-3


def test_samples_from_a_finer_scale_are_as_the_image_where_it_is_coarser(trained):
    model, _ = trained
    size, seeds = tf.constant(SIZE), [tf.constant(seed) for seed in (1, 2)]
    drawn = [[model.drawn(seed, size, tf.constant(n)) for seed in seeds] for n in (0, 1)]
    spread = [np.std(each, 0).mean() for each in drawn]
    assert 0 < spread[1] < spread[0]
    predicted = model.predict(np.array([1, 2], np.int32), verbose=0)
    np.testing.assert_allclose(predicted, drawn[0], atol=1e-5)
    wide = model.drawn(seeds[0], tf.constant((SIZE[0], 30)), tf.constant(1))
    assert wide.shape == (SIZE[0], 30, 3) and np.isfinite(wide).all()


def test_an_edit_keeps_what_is_coarse_of_a_picture(trained):
    model, _ = trained
    dark, light = (
        model.edited(tf.fill((*SIZE, 3), level), tf.constant(1), tf.constant(1))
        for level in (-0.8, 0.8)
    )
    assert float(tf.reduce_mean(light - dark)) > 0.5


def test_the_losses_are_the_papers():
    model, data, scores = tiny(), picture(1), []
    critic = model.discriminators[0]
    critic.call = _recorded(critic.call, scores)
    means = model.train_on_batch(next(iter(data.train())), return_dict=True)
    on_real, on_fake, _, on_own = scores
    distance = float(tf.reduce_mean(on_real) - tf.reduce_mean(on_fake))
    assert means["distance"] == pytest.approx(distance, rel=1e-4)
    expected = -distance + 0.1 * means["penalty"]
    assert means["discriminator_loss"] == pytest.approx(expected, rel=1e-4)
    expected = -float(tf.reduce_mean(on_own)) + 10 * means["reconstruction"] ** 2
    assert means["generator_loss"] == pytest.approx(expected, rel=1e-4)


def test_moving_averages_do_not_see_the_images_of_the_generators_moves():
    model, again = tiny(), tiny()
    again.set_weights(model.get_weights())
    model.phase = "scale 0"
    real = model.pyramid.coarser(picture(1).picture[None], 0)
    inputs = {"coarse": tf.zeros_like(real), "noise": tf.ones_like(model.star_noise(0))}
    model.generator_loss(real, inputs)
    own, other = (each.generators[0] for each in (model, again))
    other(again.star_inputs(0), training=True)
    for found, expected in zip(own.weights, other.weights, strict=True):
        np.testing.assert_array_equal(found, expected)


def _recorded(call, found):
    def recorded(*args, **kwargs):
        found.append(call(*args, **kwargs))
        return found[-1]

    return recorded


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": (14, 10)}, "image_size must be sides of 11 or more"),
        ({"scales": 0}, "scales must be an integer >= 1"),
        ({"coarsest_size": 4}, "coarsest_size must be an integer >= 5"),
        ({"most_filters": 1}, "most_filters must be an integer >= 8"),
        ({"penalty_weight": -1}, "penalty_weight must be a finite number and >= 0"),
        ({"noise_padding": "mirror"}, "noise_padding must be one of"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        SinGAN(**TINY | argument)
