"""FUNIT: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters, values
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import FUNIT

TINY = {"image_size": 16, "classes": 3, "generator_filters": 2, "residual_blocks": 1}
TINY |= {"latent_size": 3, "mlp_size": 8, "discriminator_filters": 2, "discriminator_blocks": 2}
KEYS = ("image", "label", "reference", "target")


def batch(count=4, seed=0):
    rng = np.random.default_rng(seed)
    image, reference = rng.integers(0, 256, (2, count, 16, 16, 3), np.uint8)
    label, target = rng.integers(0, 3, (2, count), np.int32)
    return dict(zip(KEYS, (image, label, reference, target), strict=True))


def scaled(**kwargs):
    made = batch(**kwargs)
    return {k: v if v.ndim == 1 else np.float32(v / 127.5 - 1) for k, v in made.items()}


class TestFUNIT(ModelTestCase):
    def build(self, **kwargs):
        model = FUNIT(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        return from_arrays(batch(16), batch_size=4)


def test_parameters_of_the_authors():
    model = FUNIT()
    assert parameters(model) == [54_252_599, 29_866_435]
    networks = model.class_encoder, model.content_encoder, model.decoder
    counts = [each.count_params() for each in networks]
    assert counts == [2_779_328, 12_202_112, 13_749_891 + 1_135_104]
    shape = {"image": (1, 128, 128, 3), "label": (1,)}
    found = model.discriminator.compute_output_shape(shape)
    assert found == {"logits": (1, 8, 8, 1), "features": (1, 1024)}


def test_contents_and_classes_of_fewer_halvings():
    model = FUNIT(**TINY, content_halvings=2, class_halvings=1)
    assert model.content_encoder(np.zeros((1, 8, 8, 3), np.float32)).shape == (1, 2, 2, 8)
    assert model.decoder.input["content"].shape[-1] == 8
    before_the_mean = model.class_encoder.layers[-4]
    found = keras.Model(model.class_encoder.input, before_the_mean.output)
    assert found(np.zeros((1, 8, 8, 3), np.float32)).shape == (1, 4, 4, 4)


def test_losses_by_hand():
    """A code is a mean of an image, what is decoded has it; logits are the label times the mean."""
    model = FUNIT(**TINY, reconstruction_weight=3.0, feature_weight=5.0, penalty_weight=7.0)
    model.compile()
    mean = lambda x: tf.reduce_mean(x, (1, 2, 3))[:, None]  # noqa: E731
    model.content_encoder = model.class_encoder = mean
    model.decoder = lambda x: x["style"][:, None, None] * tf.ones((1, 16, 16, 3)) + 0.5
    scores = lambda image, label: mean(image) * tf.cast(label, tf.float32)[:, None]  # noqa: E731
    model.judged = lambda image, label: {"logits": scores(image, label), "features": mean(image)}
    terms = {}
    model.track = lambda **found: terms.update({n: float(v) for n, v in found.items()})
    given = {"image": tf.zeros((1, 16, 16, 3)), "label": [1]}
    given |= {"reference": tf.fill((1, 16, 16, 3), 0.25), "target": [2]}
    # Reconstructed 0.5 of class 1, translated 0.75 of class 2.
    expected = {"adversarial": -(0.5 + 2 * 0.75) / 2, "reconstruction": 3 * 0.5}
    expected |= {"features": 5 * (0.5 + 0.5)}
    assert float(model.generator_loss(given)) == pytest.approx(sum(expected.values()))
    assert terms == pytest.approx(expected)
    fake = tf.fill((1, 16, 16, 3), -0.25)
    penalty = 2**2 / (16 * 16 * 3)  # of 2 * mean
    found = float(model.discriminator_loss(given, fake))
    assert found == pytest.approx(0.5 + 0.5 + 7 * penalty, rel=1e-5)


def test_the_penalty_is_of_the_mean_over_the_batch():
    model, (label, given) = FUNIT(**TINY), ([0, 0], scaled(count=2)["reference"])
    with tf.GradientTape() as tape:
        tape.watch(images := tf.constant(given))
        mean = tf.reduce_mean(model.judged(images, tf.constant(label))["logits"])
    expected = tf.reduce_sum(tape.gradient(mean, images) ** 2) / 2
    model.track = lambda **found: found_penalty.update(found)
    found_penalty = {}
    real = {"reference": tf.constant(given), "target": tf.constant(label)}
    model.discriminator_loss(real, tf.constant(given))
    assert float(found_penalty["penalty"]) == pytest.approx(float(expected), rel=1e-4)


def test_classes_that_are_not_in_the_batch_are_not_judged():
    model, given = FUNIT(**TINY), scaled(count=2)
    given = {k: tf.constant(v) for k, v in given.items()} | {"target": tf.constant([2, 2])}
    model.compile()
    head = [layer for layer in model.discriminator.layers if "conv2d" in layer.name][-1]
    with tf.GradientTape() as tape:
        loss = model.discriminator_loss(given, given["image"])
    gradient = tape.gradient(loss, head.kernel.value).numpy()
    assert (gradient[..., :2] == 0).all() and (gradient[..., 2] != 0).any()


def test_what_is_shown_is_the_moving_average():
    model = FUNIT(**TINY, average_decay=0.75)
    model.compile(run_eagerly=True)
    first = values(model.decoder.weights)
    for a, b in zip(first, values(model.average_decoder.weights), strict=True):
        np.testing.assert_array_equal(a, b)
    model.train_on_batch(scaled())
    moved = values(model.decoder.weights)
    for old, new, found in zip(first, moved, values(model.average_decoder.weights), strict=True):
        np.testing.assert_allclose(found, 0.75 * old + 0.25 * new, atol=1e-7)
    image, reference = (scaled()[name] for name in ("image", "reference"))
    found = model.predict({"image": image, "references": reference[:, None]}, verbose=0)
    code = model.average_class_encoder(reference)
    content = model.average_content_encoder(image)
    expected = model.average_decoder({"content": content, "style": code})
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.abs(found - model.decoder({"content": content, "style": code})).max() > 1e-4


def test_a_class_has_the_mean_of_its_images_codes():
    model, images = FUNIT(**TINY), scaled()["image"]
    one, code = model.class_code(images[:, None]), model.class_code(images[None])
    np.testing.assert_allclose(code, tf.reduce_mean(one, 0)[None], atol=1e-6)
    same = np.repeat(images[:1, None], 5, 1)
    np.testing.assert_allclose(model.class_code(same), one[:1], atol=1e-6)


def test_rmsprops_of_the_authors():
    for each in FUNIT(**TINY).optimizers().values():
        numbers = each.rho, each.decay, float(each.learning_rate), each.momentum, each.centered
        assert numbers == pytest.approx((0.99, 1e-4, 1e-4, 0, False))


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 20}, "image_size must be a multiple of 8"),
        ({"class_halvings": 5}, "image_size must be an integer >= 32"),
        ({"discriminator_blocks": 3}, "residual_blocks must be even"),
        ({"class_names": ("a",)}, "classes must be 1"),
        ({"average_decay": 1.5}, "average_decay must be in"),
        ({"feature_weight": -1.0}, "feature_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        FUNIT(**{**TINY, **argument})
