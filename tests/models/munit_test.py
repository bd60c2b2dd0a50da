"""MUNIT: the promises of every system, and the facts of its paper."""

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.metrics.features import weight_files
from tfgan_apps.models import MUNIT
from tfgan_apps.networks import munit

TINY = {"image_size": 16, "generator_filters": 1, "residual_blocks": 1, "latent_size": 2}
TINY |= {"mlp_size": 3, "discriminator_filters": 2, "discriminator_layers": 1, "scales": 1}


class TestMUNIT(ModelTestCase):
    def build(self, **kwargs):
        model = MUNIT(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        images = np.random.default_rng(0).integers(0, 256, (2, 8, 16, 16, 3), np.uint8)
        return from_arrays(tuple(images), batch_size=2)


def test_parameters_of_the_authors():
    model = MUNIT()
    assert parameters(model) == [2 * 8_271_171, 2 * 15_026_187]
    assert sum(parameters(model)) == 46_594_716
    networks = model.content_encoders, model.style_encoders, model.decoders
    counts = [each["y"].count_params() for each in networks]
    assert counts == [5_385_856, 2_764_936, 6_875_395]


def test_patches_and_codes_of_the_authors():
    judged = munit.build_discriminator(filters=1).compute_output_shape((1, 256, 256, 3))
    assert judged == [(1, 16, 16, 1), (1, 8, 8, 1), (1, 4, 4, 1)]
    content = munit.build_content_encoder(filters=64, residual_blocks=1)
    assert content.compute_output_shape((1, 256, 256, 3)) == (1, 64, 64, 256)


def test_losses_by_hand():
    """Codes are means of images, decoders give the style; discriminators the image and twice it."""
    model = MUNIT(**TINY, cycle_weight=5.0, vgg_weight=2.0)
    terms = {}
    model.track = lambda **values: terms.update({n: float(v) for n, v in values.items()})
    mean = lambda image: tf.reduce_mean(image, (1, 2, 3))[:, None]  # noqa: E731
    for side in "xy":
        model.content_encoders[side] = lambda image: 3 * mean(image)
        model.style_encoders[side] = mean
        model.decoders[side] = lambda x: x["style"][:, None, None] * tf.ones((1, 16, 16, 3))
        model.discriminators[side] = lambda image: [image, 2 * image]
    model.drawn_styles = lambda name, images, batch: {"x": tf.ones((2, 1)), "y": -tf.ones((2, 1))}
    model.vgg = lambda image: image
    images = {"x": tf.fill((2, 16, 16, 3), 0.5), "y": tf.fill((2, 16, 16, 3), 0.25)}
    total = float(model.generator_loss(images))
    by_hand = {"adversarial": (0 + 1, 4 + 9), "reconstruction": (0, 0), "style": (0, 0)}
    by_hand |= {"content": (3 - 0.75, 3 + 1.5), "cycle": (0, 0), "vgg": (2 * 0.75**2, 2 * 1.5**2)}
    expected = {
        f"{name}_{side}": v[i] for name, v in by_hand.items() for i, side in enumerate("xy")
    }
    assert terms == pytest.approx(expected)
    assert total == pytest.approx(sum(expected.values()))
    # D(real) of 0.5 and 1, of 0.25 and 0.5; D(fake) of 1 and 2, twice.
    found = model.discriminator_loss(images, {side: tf.ones((2, 16, 16, 3)) for side in "xy"})
    assert float(found) == pytest.approx(0.25 + 0 + 1 + 4 + 0.5625 + 0.25 + 1 + 4)


def test_contents_are_compared_with_what_still_learns():
    """Of images that nothing changes, the encoder of their source has the target's gradient."""
    model = MUNIT(**TINY)
    model.decoders["x"] = lambda x: tf.zeros((2, 16, 16, 3))
    images = {side: tf.random.stateless_normal((1, 16, 16, 3), (0, 0)) for side in "xy"}
    encoder = model.content_encoders["y"]
    with tf.GradientTape() as tape:
        contents = {side: net(images[side]) for side, net in model.content_encoders.items()}
        codes = styles = {side: tf.ones((1, 2)) for side in "xy"}
        loss = model._terms("x", images, contents, codes, styles)["content"]
    kernel = encoder.trainable_variables[0]
    assert np.abs(tape.gradient(loss, kernel)).max() > 0


def test_discriminators_move_first_and_styles_are_drawn_anew():
    model = TestMUNIT().build(run_eagerly=True)
    moves, names, update, drawn = [], [], model.update, model.drawn_styles
    model.update = lambda player, loss: moves.append(player) or update(player, loss)
    model.drawn_styles = lambda name, *rest: names.append(name) or drawn(name, *rest)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 2, 16, 16, 3)).astype(np.float32)
    model.train_on_batch(*images)
    assert moves == ["discriminator", "generator"]
    assert len(set(names)) == len(names) == 2


def test_adams_of_the_authors_whose_rates_are_halved():
    for adam in MUNIT(**TINY).optimizers().values():
        numbers = adam.beta_1, adam.beta_2, adam.epsilon, adam.decay
        assert numbers == (0.5, 0.999, 1e-8, 1e-4)
        steps = (0, 99_998, 99_999, 199_999)
        rates = [float(adam._learning_rate(step)) for step in steps]
        assert rates == pytest.approx([1e-4, 1e-4, 5e-5, 2.5e-5])


def test_a_style_changes_the_translation_and_the_content_is_the_sources():
    model = MUNIT(**{**TINY, "mlp_size": 16})  # of three neurons, all may be dead
    model.compile(run_eagerly=True)
    x, y = np.random.default_rng(0).uniform(-1, 1, (2, 3, 16, 16, 3)).astype(np.float32)
    style = np.float32([[1, -2]] * 3)
    found = model.predict({"image": x, "style": style}, verbose=0)
    np.testing.assert_array_equal(found, model.translate(x, style, "y"))
    assert np.abs(found - model.predict(x, verbose=0)).max() > 1e-3
    assert list(model.samples((x, y)))[:3] == ["x", "as y, drawn style 1", "as y, drawn style 2"]


def test_without_weights_of_vgg16_nothing_is_trained(monkeypatch, tmp_path):
    monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
    expected = "vgg_weights must be a local file.*vgg16_weights.*say vgg_weight=0"
    with pytest.raises(weight_files.WeightFileError, match=expected):
        MUNIT(**TINY, vgg_weight=1.0).compile()


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 12}, "image_size must be an integer >= 16"),
        ({"image_size": 18}, "image_size must be a multiple of 4"),
        ({"scales": 5}, "image_size must be at least 32, for a patch of the smallest discrim"),
        ({"channels": 2}, "channels must be one of"),
        ({"content_weight": -1.0}, "content_weight must be a finite number and >= 0"),
        ({"latent_size": 0}, "latent_size must be an integer >= 1"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        MUNIT(**{**TINY, **argument})
