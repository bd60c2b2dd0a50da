"""pix2pix: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import Pix2Pix
from tfgan_apps.models.pix2pix import build_discriminator
from tfgan_apps.networks import unet

TINY = {"image_size": 16, "levels": 2, "generator_filters": 4, "dropout_layers": 1}
TINY |= {"discriminator_filters": 4, "discriminator_layers": 1}


def pair(count, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(rng.integers(0, 256, (count, 16, 16, 3), np.uint8) for _ in range(2))


def scaled(count):
    return tuple(images / np.float32(127.5) - 1 for images in pair(count))


class TestPix2Pix(ModelTestCase):
    def build(self, **kwargs):
        model = Pix2Pix(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return from_arrays(pair(8), batch_size=2)


def test_parameters_of_the_authors():
    assert parameters(Pix2Pix()) == [2_768_705, 54_413_955]
    smaller = unet.build_generator(levels=7)
    assert sum(np.prod(v.shape) for v in smaller.trainable_variables) == 41_828_995


@pytest.mark.parametrize(
    ("hidden", "count", "patches"),
    [
        *((0, 9_024, 256), (1, 139_585, 126), (2, 666_433, 62)),
        *((3, 2_768_705, 30), (4, 6_964_033, 14), (5, 11_159_361, 6)),
    ],
)
def test_discriminators_of_the_authors(hidden, count, patches):
    net = build_discriminator(hidden_layers=hidden)
    assert sum(np.prod(v.shape) for v in net.trainable_variables) == count
    shape = net.compute_output_shape({n: (1, 256, 256, 3) for n in ("source", "image")})
    assert shape == (1, patches, patches, 1)


def test_losses_by_hand():
    model = Pix2Pix(**TINY, l1_weight=10.0)
    model.compile()
    model.discriminator = lambda pair, training: 3.0 * pair["image"] + pair["source"]
    zero, one = tf.zeros((1, 16, 16, 3)), tf.ones((1, 16, 16, 3))
    softplus = lambda x: np.logaddexp(0, x)  # noqa: E731
    found = model.discriminator_loss(zero, one, zero)
    assert float(found) == pytest.approx(0.5 * (softplus(-3) + softplus(0)), rel=1e-5)
    assert float(model.generator_loss(one, zero, one)) == pytest.approx(10 + softplus(-4), rel=1e-5)


def test_the_discriminator_moves_first_and_judges_the_same_fakes_anew():
    model = Pix2Pix(**TINY)
    model.compile(run_eagerly=True, learning_rate=0.1)
    made, judge = [], model.judge
    model.judge = lambda source, image: made.append(image) or judge(source, image)
    x, y = scaled(2)
    means = model.train_on_batch(x, y, return_dict=True)
    np.testing.assert_array_equal(made[1], made[2])
    again = np.mean(np.logaddexp(0, -judge(tf.constant(x), made[2])))
    assert means["generator_loss"] == pytest.approx(again + 100 * means["l1"], rel=1e-4)


def test_the_discriminators_loss_has_no_gradient_in_the_generator():
    model, (x, y) = Pix2Pix(**TINY), map(tf.constant, scaled(2))
    model.compile()
    with tf.GradientTape(persistent=True) as tape:
        fake = model.generator(x, training=True)
        losses = model.discriminator_loss(x, y, fake), model.generator_loss(x, y, fake)
    own, others = model.generator.trainable_variables, model.discriminator.trainable_variables
    reached = [
        [tape.gradient(loss, v.value) is not None for v in variables]
        for loss in losses
        for variables in (own, others)
    ]
    assert not any(reached[0]) and all(reached[1]) and all(reached[2])


def test_optimizers_of_the_authors():
    """The Torch code's rate is constant; the PyTorch code's falls over the second half."""
    for optimizer in Pix2Pix(**TINY).optimizers(epochs=4, steps_per_epoch=10).values():
        numbers = optimizer.learning_rate, optimizer.beta_1, optimizer.beta_2, optimizer.epsilon
        assert tuple(map(float, numbers)) == pytest.approx((2e-4, 0.5, 0.999, 1e-8))
    decayed = Pix2Pix(**TINY).optimizers(linear_decay=True, epochs=4, steps_per_epoch=10)
    rate = decayed["generator"].get_config()["learning_rate"]["config"]
    assert rate | {"name": None} == rate | {"name": None, "epochs": 4, "steps_per_epoch": 10}


def test_in_training_a_batch_is_normalized_together_and_each_mask_is_its_own():
    model, x = Pix2Pix(**TINY), scaled(1)[0]
    twice = np.asarray(model.generator(np.repeat(x, 2, 0), training=True))
    assert np.abs(twice[0] - twice[1]).max() > 1e-3
    model = Pix2Pix(**TINY | {"dropout_layers": 0})
    x = scaled(2)[0]
    together = np.asarray(model.generator(x, training=True))
    assert np.abs(together[:1] - model.generator(x[:1], training=True)).max() > 1e-3


def test_without_a_verdict_there_is_no_discriminator():
    assert list(Pix2Pix(**TINY, adversarial_weight=0.0).players()) == ["generator"]


def test_dropout_stays_in_inference_and_answers_depend_on_no_other_image():
    model, x = Pix2Pix(**TINY), scaled(3)[0]
    whole, alone = model.predict(x, verbose=0), model.predict(x[1:2], verbose=0)
    np.testing.assert_allclose(whole[1:2], alone, atol=1e-5)
    config = model.generator.get_config()
    for layer in config["layers"]:
        if layer["class_name"] == "Dropout":
            layer["config"]["rate"] = 0.0
    without = keras.Model.from_config(config)
    without.set_weights(model.generator.get_weights())
    assert np.abs(without.predict(x, verbose=0) - whole).max() > 0.01


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 18}, "image_size must be a multiple of 4. Received: image_size=18"),
        ({"levels": 1}, "levels must be an integer >= 2"),
        ({"discriminator_layers": -1}, "discriminator_layers must be an integer >= 0"),
        ({"l1_weight": -1.0}, "l1_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        Pix2Pix(**{**TINY, **argument})
