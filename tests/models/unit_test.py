"""UNIT: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.metrics.features import weight_files
from tfgan_apps.models import UNIT
from tfgan_apps.models.unit import divergence

TINY = {"image_size": 16, "generator_filters": 1, "residual_blocks": 1}
TINY |= {"discriminator_filters": 1, "discriminator_layers": 3, "scales": 1}


class TestUNIT(ModelTestCase):
    def build(self, **kwargs):
        model = UNIT(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        images = np.random.default_rng(0).integers(0, 256, (2, 8, 16, 16, 3), np.uint8)
        return from_arrays(tuple(images), batch_size=2)


def test_parameters_of_the_authors():
    assert parameters(UNIT()) == [25_240_065, 18_017_286]
    assert parameters(UNIT.rewrite()) == [2 * 8_271_171, 2 * 11_140_483]


def test_what_is_shared_is_one():
    model = UNIT(**TINY)
    for networks, shared in ((model.encoders, 4), (model.decoders, 4), (model.discriminators, 4)):
        both = [{id(v) for v in network.trainable_variables} for network in networks.values()]
        assert len(both[0] & both[1]) == shared  # a block's, or two layers', kernels and biases
    alone = UNIT(**TINY, shared_blocks=0)
    x, y = (set(map(id, network.trainable_variables)) for network in alone.encoders.values())
    assert not x & y


def by_hand(architecture):
    """Returns a model whose codes are means of images, decoders give codes, judges images."""
    model = UNIT(**TINY, architecture=architecture, vgg_weight=2.0)
    mean = lambda image: tf.reduce_mean(image, (1, 2, 3), keepdims=True)  # noqa: E731
    for side in "xy":
        model.encoders[side] = mean
        model.decoders[side] = lambda code: code * tf.ones((1, 16, 16, 3))
        model.discriminators[side] = lambda image: [2 * image]
    model.vgg = lambda image: image
    model.noise = lambda name, code, batch=None: tf.ones_like(code)
    model.terms = {}
    model.track = lambda **values: model.terms.update({n: float(v) for n, v in values.items()})
    return model


@pytest.mark.parametrize("architecture", ["shared", "rewrite"])
def test_losses_by_hand(architecture):
    model, shared = by_hand(architecture), architecture == "shared"
    images = {"x": tf.fill((2, 16, 16, 3), 0.5), "y": tf.fill((2, 16, 16, 3), 0.25)}
    total = float(model.generator_loss(images))
    # The fake x is y's code and noise, 1.25; its code with noise is 2.25, 2 more than y.
    fooled = np.log1p(np.exp(-2.5)) if shared else (2.5 - 1) ** 2
    codes = (1.5**2, 2.25**2) if shared else (0.5**2, 1.25**2)
    expected = {"adversarial": 10 * fooled, "reconstruction": 100, "cycle": 200, "vgg": 2.0}
    expected |= {"divergence": 0.1 * codes[0], "cycle_divergence": 0.1 * codes[1]}
    found = {name: model.terms[f"{name}_x"] for name in expected}
    assert found == pytest.approx(expected, rel=1e-5)
    assert total == pytest.approx(sum(model.terms.values()), rel=1e-5)
    fakes = {side: tf.ones((2, 16, 16, 3)) for side in "xy"}
    real = [np.log1p(np.exp(-1)), np.log1p(np.exp(-0.5))] if shared else [0, 0.25]
    fake = np.log1p(np.exp(2)) if shared else 4
    expected = 10 * (sum(real) + 2 * fake)
    assert float(model.discriminator_loss(images, fakes)) == pytest.approx(expected, rel=1e-5)


def test_divergence_of_codes_is_a_mean():
    assert float(divergence(tf.zeros((2, 3)))) == 0
    assert float(divergence(tf.ones((2, 3)))) == 1


def test_discriminators_move_first_and_only_training_has_noise():
    model = TestUNIT().build(run_eagerly=True)
    moves, names, update, noise = [], [], model.update, model.noise
    model.update = lambda player, loss: moves.append(player) or update(player, loss)
    model.noise = lambda name, *rest: names.append(name) or noise(name, *rest)
    x, y = np.random.default_rng(0).uniform(-1, 1, (2, 2, 16, 16, 3)).astype(np.float32)
    model.train_on_batch(x, y)
    assert moves == ["discriminator", "generator"]
    assert len(set(names)) == len(names) == 6
    found = model.predict(x, verbose=0)
    np.testing.assert_allclose(found, model.decoders["y"](model.encoders["x"](x)), atol=1e-6)
    assert len(names) == 6
    np.testing.assert_allclose(found, model.samples((x, y))["fake_y"], atol=1e-6)


def test_adams_of_the_authors():
    for adam in UNIT(**TINY).optimizers().values():
        numbers = adam.beta_1, adam.beta_2, adam.epsilon, adam.decay
        assert (*numbers, float(adam.learning_rate)) == pytest.approx(
            (0.5, 0.999, 1e-8, 1e-4, 1e-4)
        )
    adam = UNIT(**TINY).optimizers(halving_steps=10)["generator"]
    rates = [float(adam._learning_rate(step)) for step in (0, 8, 9, 19)]
    assert rates == pytest.approx([1e-4, 1e-4, 5e-5, 2.5e-5])
    adam = UNIT(**TINY, architecture="rewrite").optimizers()["generator"]
    rates = [float(adam._learning_rate(step)) for step in (99_998, 99_999)]
    assert rates == pytest.approx([1e-4, 5e-5])


def test_without_weights_of_vgg16_nothing_is_trained(monkeypatch, tmp_path):
    monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
    expected = "vgg_weights must be a local file.*vgg16_weights.*say vgg_weight=0"
    with pytest.raises(weight_files.WeightFileError, match=expected):
        UNIT(**TINY, vgg_weight=1.0).compile()


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 10}, "image_size must be a multiple of 4"),
        ({"discriminator_layers": 1}, "discriminator_layers must be an integer >= 2"),
        ({"architecture": "paper"}, "architecture must be one of"),
        ({"architecture": "rewrite", "scales": 3}, "image_size must be at least 32"),
        ({"cycle_weight": -1.0}, "cycle_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        UNIT(**{**TINY, **argument})
