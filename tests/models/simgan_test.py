"""SimGAN: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import SimGAN
from tfgan_apps.models.simgan import build_discriminator, build_refiner

TINY = {"image_size": (7, 11), "generator_filters": 3, "residual_blocks": 1}
TINY |= {"discriminator_filters": 8, "buffer_size": 4, "refiner_steps": 1}
TINY |= {"refiner_pretraining_steps": 1, "discriminator_pretraining_steps": 1}


def pair(count, seed=0):
    rng = np.random.default_rng(seed)
    return tuple(rng.integers(0, 256, (count, 7, 11, 1), np.uint8) for _ in range(2))


def scaled(count):
    return tuple(images / np.float32(127.5) - 1 for images in pair(count))


class TestSimGAN(ModelTestCase):
    round = 3

    def build(self, **kwargs):
        model = SimGAN(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return from_arrays(pair(16), batch_size=4)


def test_parameters_and_patches_of_the_paper():
    assert parameters(SimGAN()) == [296_129, 75_906]
    assert build_discriminator().compute_output_shape((1, 35, 55, 1)) == (1, 9, 14, 2)
    assert build_refiner().compute_output_shape((1, 35, 55, 1)) == (1, 35, 55, 1)


def test_pretraining_then_turns():
    model = SimGAN(
        **TINY | {"refiner_pretraining_steps": 2, "refiner_steps": 3, "discriminator_steps": 2}
    )
    phases = [model.phase_at(step) for step in range(9)]
    alone, refiner, discriminator = "self-regularization", "refiner", "discriminator"
    expected = [alone] * 2 + [discriminator] + [refiner] * 3 + [discriminator] * 2 + [refiner]
    assert phases == expected
    defaults = SimGAN()
    assert [defaults.phase_at(step) for step in (999, 1000, 1199, 1200)] == [
        *(alone, discriminator, discriminator, refiner)
    ]


def test_losses_by_hand():
    """Sums over patches and pixels, means over images; real is class 0."""
    model = SimGAN(**TINY, regularization_weight=0.25)
    model.compile()
    model.refiner = lambda x, training: x + 0.5
    model.discriminator = lambda image, training: tf.concat([image, 0 * image], -1)[:, :2, :3]
    zero, one = tf.zeros((2, 7, 11, 1)), tf.ones((2, 7, 11, 1))
    softplus = lambda x: np.logaddexp(0, x)  # noqa: E731
    found = model.discriminator_loss(zero, one)
    assert float(found) == pytest.approx(6 * (softplus(0) + softplus(-1)), rel=1e-5)
    found = model.refiner_loss(zero)
    assert float(found) == pytest.approx(6 * softplus(-0.5) + 0.25 * 77 * 0.5, rel=1e-5)
    assert float(model.self_regularization(one, one)) == 0


def test_the_mean_of_channels_may_keep_a_picture_whose_colours_change():
    x = tf.constant([0.1, 0.2, 0.3])[None, None, None]
    other = tf.constant([0.3, 0.1, 0.2])[None, None, None]
    found = []
    for feature in ("pixels", "mean"):
        model = SimGAN(**TINY, channels=3, feature=feature)
        model.compile()
        found.append(float(model.self_regularization(x, other)))
    assert found == pytest.approx([0.4, 0.0], abs=1e-6)


def test_the_regularization_reaches_the_refiner_alone_and_fills_no_history():
    model, x = SimGAN(**TINY), scaled(4)[0]
    model.compile(run_eagerly=True)
    with tf.GradientTape(persistent=True) as tape:
        loss = model.self_regularization(x, model.refiner(x, training=True))
    reached = {
        player: [tape.gradient(loss, v.value) is not None for v in model.variables_of(player)]
        for player in model.players()
    }
    assert all(reached["refiner"]) and not any(reached["discriminator"])
    model.reset_metrics()
    means = model.train_on_batch(*scaled(4), return_dict=True)
    assert set(means) == {"refiner_loss", "self_regularization"}
    assert means["refiner_loss"] == means["self_regularization"]
    assert int(model.buffer.stored) == 0


def test_half_of_what_the_discriminator_sees_is_history():
    model = SimGAN(**TINY | {"refiner_pretraining_steps": 0, "discriminator_pretraining_steps": 9})
    model.compile(run_eagerly=True, learning_rate=0.0)
    seen, entropy = [], model._cross_entropy
    model._cross_entropy = lambda image, label: seen.append(image) or entropy(image, label)
    batches = [scaled(8)[0][:4], scaled(8)[0][4:]]
    refined = [model.predict(x, verbose=0) for x in batches]
    for x in batches:
        model.train_on_batch(x, scaled(4)[1])
    np.testing.assert_allclose(seen[0], refined[0], atol=1e-6)
    np.testing.assert_allclose(seen[2][:2], refined[1][:2], atol=1e-6)
    history = {image.tobytes() for image in np.array(seen[0][:2])}
    assert {image.tobytes() for image in np.array(seen[2][2:])} == history


def test_a_history_that_is_too_short_is_refused_at_the_first_step():
    model = SimGAN(**TINY | {"buffer_size": 1})
    model.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="buffer_size must be 0, or at least half a batch, 2"):
        model.train_on_batch(*scaled(4))


def test_optimizers_of_the_paper():
    for name, kind in (("sgd", "SGD"), ("adam", "Adam")):
        for optimizer in SimGAN(**TINY).optimizers(optimizer=name).values():
            assert type(optimizer).__name__ == kind
            assert float(optimizer.learning_rate) == pytest.approx(1e-3)


def test_the_sheet_shows_the_nearest_real_image():
    model, (x, _) = SimGAN(**TINY), scaled(3)
    refined = model(x)
    columns = model.samples((x, tf.reverse(refined, [0])))
    assert list(columns) == ["simulated", "refined", "nearest real"]
    np.testing.assert_array_equal(columns["nearest real"], refined)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": (1, 2, 3)}, "image_size must be a height and a width in pixels, or one"),
        ({"image_size": 0}, "image_size must be .* Received: image_size=0"),
        ({"buffer_size": -1}, "buffer_size must be an integer >= 0"),
        ({"feature": "edges"}, "feature must be one of"),
        ({"refiner_steps": 0}, "refiner_steps must be an integer >= 1"),
        ({"clip_norm": -1.0}, "clip_norm must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        SimGAN(**{**TINY, **argument})
