"""StyleGAN3: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tests.random_images import batch, unlabelled
from tests.recorded import recorded
from tfgan_apps.metrics import equivariance
from tfgan_apps.models import StyleGAN3
from tfgan_apps.networks import stylegan2, stylegan3

TINY = {"image_size": 16, "channels": 1, "latent_size": 4, "style_size": 3}
TINY |= {"synthesis_layers": 4, "filters_base": 64, "most_filters": 4, "deviation_group": 2}

SMALL = {"image_size": 32, "style_size": 32, "filters_base": 1024, "most_filters": 16}
DOUBLED = {"filters_base": 65536, "most_filters": 1024, "rotation": True}


def tiny(**kwargs):
    """A compiled StyleGAN3 of 16 pixels."""
    model = StyleGAN3(**TINY | kwargs)
    model.compile(run_eagerly=True)
    return model


class TestStyleGAN3(ModelTestCase):
    """Each step has the penalty."""

    def build(self, **kwargs):
        numbers = {"mirror": True, "penalty_interval": 1, "magnitude_kimg": 0.01}
        model = StyleGAN3(**TINY | numbers)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(16)


@pytest.mark.parametrize(
    ("arguments", "mapping", "expected"),
    [
        ({}, 525_312, 22_313_167),
        ({"image_size": 512}, 525_312, 24_873_519),
        ({"image_size": 256}, 525_312, 28_472_133),
        ({"image_size": 128}, 525_312, 32_833_523),
        ({"image_size": 64}, 525_312, 37_768_199),
        (DOUBLED, 525_312, 15_093_151),
        ({**DOUBLED, "image_size": 512}, 525_312, 16_665_594),
        ({"image_size": 256, "filters_base": 16384}, 525_312, 23_320_443),
        ({**DOUBLED, "image_size": 256, "filters_base": 32768}, 525_312, 15_779_565),
        (SMALL, 2 * (32**2 + 32), 42_951),
        ({**SMALL, "rotation": True}, 2 * (32**2 + 32), 14_279),
    ],
)
def test_parameters_of_the_authors(arguments, mapping, expected, monkeypatch):
    monkeypatch.setattr(keras.initializers, "RandomNormal", lambda stddev: "zeros")
    synthesis = stylegan3.build_synthesis(**arguments)
    assert mapping + sum(int(np.prod(v.shape)) for v in synthesis.trainable_variables) == expected


def test_parameters_of_the_discriminator(monkeypatch):
    monkeypatch.setattr(keras.initializers, "RandomNormal", lambda stddev: "zeros")
    judge = stylegan2.build_discriminator()
    assert sum(int(np.prod(v.shape)) for v in judge.trainable_variables) == 29_012_513


def real(count=4):
    return tf.random.stateless_uniform((count, 16, 16, 1), (0, 0), -1.0, 1.0)


def test_the_mean_style_and_the_magnitudes_follow_in_the_discriminators_move_alone():
    model = tiny(style_decay=0.75, magnitude_kimg=0.004)
    mapped, measured = recorded(model.mapping), recorded(model.measured)
    model.train_on_batch(real())
    assert len(mapped) == 2 and len(measured) == 1
    mean = 0.25 * np.mean(mapped[1][1], 0)
    np.testing.assert_allclose(model.truncated.mean, mean, atol=1e-6)
    expected = 0.5 + 0.5 * np.mean(measured[0][1]["squares"], 0)
    found = [float(v) for v in model.synthesis.weights if "magnitude" in v.path]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    copied = [float(v) for v in model.average.weights if "magnitude" in v.path]
    assert copied == found


def test_blur_fades_and_is_of_all_that_the_discriminator_sees():
    model = StyleGAN3.r(16, **{k: v for k, v in TINY.items() if k != "image_size"}, blur_kimg=0.008)
    model.compile(run_eagerly=True)
    phases, means = [], []
    seen = recorded(model.discriminator)
    for _ in range(3):
        model.train_on_batch(tf.ones((4, 16, 16, 1)))
        phases.append(model.phase)
        means.append(float(np.mean(seen[2][0]["image"])))
        seen.clear()
    assert phases == ["moves, penalty, blurred", "moves, blurred", "moves"]
    assert means[0] < means[1] < means[2] == 1  # beyond the border there is black


def test_rates_and_lazy_moves():
    model = StyleGAN3(**TINY)
    assert [step for step in range(33) if "penalty" in model.phase_at(step)] == [0, 16, 32]
    made = model.optimizers()
    rates = [float(made[player].learning_rate) for player in ("generator", "discriminator")]
    np.testing.assert_allclose(rates, [0.0025, 0.002 * 16 / 17], rtol=1e-6)
    assert made["discriminator"].beta_2 == pytest.approx(0.99 ** (16 / 17))


def test_an_image_moves_with_its_transform_as_it_is_served():
    model = tiny()
    served = model.serving()
    seeds = {"seed": np.int32([1, 2]), "truncation": np.float32([0, 0])}
    plain = served.predict("serving_default", seeds)["image_bytes"]
    still = {**seeds, "transform": np.eye(3, dtype=np.float32)[None].repeat(2, 0)}
    np.testing.assert_allclose(
        served.predict("transformed", still)["image_bytes"], plain, atol=1e-3
    )
    moved = equivariance.moving(0.25, 0.0)[None].repeat(2, 0)
    found = served.predict("transformed", {**seeds, "transform": moved})["image_bytes"]
    assert np.abs(found - plain).max() > 1


def test_classes_are_told_to_both_players():
    model = tiny(classes=3)
    means = model.train_on_batch(batch(16), return_dict=True)
    assert np.isfinite(list(means.values())).all()
    told = {n.name: set(n.input) for n in (model.mapping, model.discriminator)}
    assert told == {"mapping": {"latents", "label"}, "discriminator": {"image", "label"}}


def test_a_sheet_shows_movements():
    found = tiny().samples(np.zeros((2, 16, 16, 1), np.float32))
    assert list(found)[-4:] == [
        "1, moved by 0.125",
        "1, moved by 0.25",
        "1, turned by 30 degrees",
        "1, turned by 60 degrees",
    ]


def test_published_configurations():
    small = {"filters_base": 512, "most_filters": 4, "style_size": 4}
    flat, turning = StyleGAN3.t(32, **small), StyleGAN3.r(32, **small)
    kernels = [
        {w.shape[0] for w in each.synthesis.trainable_weights if len(w.shape) == 4}
        for each in (flat, turning)
    ]
    assert kernels == [{1, 3}, {1}]
    widths = [each.synthesis.get_layer("layer_0_conv").filters for each in (flat, turning)]
    assert widths[1] == 2 * widths[0] and turning.blur_kimg == 200
    assert stylegan3.untransformed(2).shape == (2, 3, 3)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 8}, "image_size must be at least 16"),
        ({"synthesis_layers": 2}, "synthesis_layers must be an integer >= 3"),
        ({"blur_kimg": -1}, "blur_kimg must be a finite number and >= 0"),
        ({"augment": "all"}, "augment must be one of"),
        ({"style_decay": 1}, r"style_decay must be in \[0, 1\)"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        StyleGAN3(**TINY | argument)
