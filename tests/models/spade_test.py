"""SPADE: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.model_test_case import ModelTestCase, parameters
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.metrics.features import weight_files
from tfgan_apps.models import SPADE
from tfgan_apps.models.spade import style_divergence
from tfgan_apps.networks import spade

TINY = {"image_size": (32, 32), "classes": 2, "vgg_weight": 0.0}
TINY |= {"discriminator_filters": 2, "discriminator_layers": 1}
STYLED = {"latent_size": 3, "encoder_size": 128}


def arrays(count, seed=0):
    rng = np.random.default_rng(seed)
    maps = rng.integers(0, 3, (2, count, 32, 32), np.int32)
    images = rng.integers(0, 256, (count, 32, 32, 3), np.uint8)
    return {"label_map": maps[0], "instances": maps[1]}, images


def build_generator(channels):
    """Returns a generator of one block: to trace that of the paper takes long."""
    semantics = layers.Input((32, 32, channels), name="semantics")
    latents = layers.Input((3,), name="latents")
    x = layers.Reshape((16, 16, 2))(layers.Dense(512)(latents))
    x = layers.UpSampling2D(2)(spade.residual_block(x, semantics, 2, "head"))
    x = layers.Conv2D(3, 1)(x)
    image = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model({"semantics": semantics, "latents": latents}, image, name="generator")


def build_encoder():
    """Returns an encoder of one layer."""
    image = layers.Input((128, 128, 3), name="image")
    x = layers.GlobalAveragePooling2D()(image)
    outputs = {n: layers.Dense(3, dtype="float32")(x) for n in ("mean", "log_variance")}
    return keras.Model(image, outputs, name="encoder")


def build(instances, vgg_weight=0.0, **kwargs):
    networks = {"generator": build_generator(3 + instances), "encoder": build_encoder()}
    given = {**TINY, **STYLED, **networks, "instances": instances, "vgg_weight": vgg_weight}
    model = SPADE(**given)
    model.compile(**kwargs)
    return model


class TestSPADE(ModelTestCase):
    replicas_rate = 0.1

    def build(self, **kwargs):
        return build(False, **kwargs)

    def data(self):
        x, images = arrays(8)
        return from_arrays((x["label_map"], images), batch_size=2)


def plain(**kwargs):
    """Returns a model without things and styles, whose networks are functions of constants."""
    model = SPADE(**{**TINY, "instances": False, "generator_filters": 1, **kwargs})
    model.discriminator = lambda both, training: [
        [3.0 * both["image"], 2.0 * both["image"]],
        [both["image"], -both["image"]],
    ]
    model.generator = lambda semantics, training: 0.5 * tf.ones((*semantics.shape[:3], 3))
    return model


def styled():
    return build(True, run_eagerly=True, generator_learning_rate=0.1)


def test_parameters_of_the_authors():
    assert parameters(SPADE(vgg_weight=0.0)) == [97_480_899, 5_904_514]
    encoder = spade.build_encoder()
    assert sum(np.prod(v.shape) for v in encoder.trainable_variables) == 10_463_424


def test_sizes_of_the_authors_patches():
    network = spade.build_discriminator(4, filters=1)
    inputs = {"semantics": (1, 256, 256, 4), "image": (1, 256, 256, 3)}
    seen = [[each[1] for each in scale] for scale in network.compute_output_shape(inputs)]
    assert seen == [[129, 65, 33, 34, 35], [65, 33, 17, 18, 19]]


def test_losses_by_hand():
    model = plain()
    semantics, one = tf.zeros((2, 32, 32, 3)), tf.ones((2, 32, 32, 3))
    # Scale 1: max(0, 1 - 2) + max(0, 1 + 1), scale 2: max(0, 1 + 1) + max(0, 1 - 0.5).
    found = model.discriminator_loss(semantics, one, 0.5 * one)
    assert float(found) == pytest.approx((2 + 2.5) / 2)
    model.weights_of_terms["vgg"], model.vgg = 10, lambda images: [images] * 5
    model.track = lambda **values: terms.update({n: float(v) for n, v in values.items()})
    terms = {}
    total = float(model.generator_loss(semantics, one))
    shares = 1 / 32 + 1 / 16 + 1 / 8 + 1 / 4 + 1
    assert terms["adversarial"] == pytest.approx((-1 + 0.5) / 2)
    assert terms["features"] == pytest.approx(10 * (1.5 + 0.5) / 2)
    assert terms["vgg"] == pytest.approx(10 * 0.5 * shares)
    assert total == pytest.approx(sum(terms.values()))


def test_the_divergence_is_a_sum_over_examples_and_numbers():
    found = style_divergence(tf.ones((4, 3)), tf.fill((4, 3), float(np.log(2.0))))
    assert float(found) == pytest.approx(-0.5 * 12 * (1 + np.log(2) - 1 - 2), rel=1e-5)


def test_the_generator_moves_first_and_paints_anew_for_the_discriminator():
    model = styled()
    moves, made, update, painted = [], [], model.update, model.painted
    model.update = lambda player, loss: moves.append(player) or update(player, loss)
    model.painted = lambda *args: made.append(painted(*args)) or made[-1]
    x, images = arrays(2)
    model.train_on_batch(x, images / np.float32(127.5) - 1)
    assert moves == ["generator", "discriminator"]
    assert np.abs(made[0][0] - made[1][0]).max() > 1e-3


def test_adams_of_the_authors_and_their_decay():
    adams = plain().optimizers(steps_per_epoch=10, epochs=4)
    for player, rate in {"generator": 1e-4, "discriminator": 4e-4}.items():
        adam = adams[player]
        assert (adam.beta_1, adam.beta_2, adam.epsilon) == (0.0, 0.9, 1e-8)
        rates = [float(adam._learning_rate(10 * epoch)) / rate for epoch in range(4)]
        assert rates == pytest.approx([1, 1, 1, 0.5])


def test_inference_knows_no_other_image_and_a_style_changes_it():
    model = styled()
    x, images = arrays(3)
    whole = model.predict(x, verbose=0)
    alone = model.predict({name: each[1:2] for name, each in x.items()}, verbose=0)
    np.testing.assert_allclose(whole[1:2], alone, atol=1e-5)
    latents = 5 * model.encoded(images / np.float32(127.5) - 1)[0].numpy() + 1
    other = model.predict({**x, "latents": latents}, verbose=0)
    assert np.abs(other - whole).max() > 1e-3
    columns = model.samples((x, images / np.float32(127.5) - 1))
    assert list(columns) == ["mask", "output", "in the style of the real", "real"]


def test_without_weights_of_vgg19_nothing_is_trained(monkeypatch, tmp_path):
    monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
    expected = "vgg_weights must be a local file.*vgg19-dcbb9e9d.pth from https.*say vgg_weight=0"
    with pytest.raises(weight_files.WeightFileError, match=expected):
        build(False, vgg_weight=10.0)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 40}, r"image_size must be multiples of 32. Received: .*\(40, 40\)"),
        ({"classes": 0}, "classes must be an integer >= 1"),
        ({"encoder_size": 64}, "encoder_size must be an integer >= 128"),
        ({"upsampling": "less"}, "upsampling must be one of"),
        ({"feature_weight": -1.0}, "feature_weight must be a finite number and >= 0"),
        ({"colors": [(0, 0, 0)]}, "colors must be 2 or 3 different ones, of the classes"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        SPADE(**{**TINY, "generator_filters": 1, **argument})
