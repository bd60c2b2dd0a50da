import functools

import numpy as np
import pytest
import tensorflow as tf

from tests.tiny_gan import TinyGAN
from tfgan_apps.augment import SETS, Pipeline, augmented, parameters

IMAGES = np.random.default_rng(0).uniform(-1, 1, (4, 12, 12, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def draw():
    return functools.partial(TinyGAN().draw, count=len(IMAGES))


@functools.cache
def of_all():
    """All transforms' parameters, and noise."""
    of = functools.partial(TinyGAN(seed=3).draw, count=len(IMAGES))
    noise = np.random.default_rng(1).normal(size=IMAGES.shape).astype(np.float32)
    return parameters.drawn(SETS["bgcfnc"], 0.9, of), noise


def test_without_probability_images_are_what_they_were(draw):
    found = Pipeline("bgcfnc")(IMAGES, tf.constant(0.0), draw)
    np.testing.assert_allclose(found, IMAGES, atol=1e-4)


@pytest.mark.parametrize("sets", SETS)
def test_sets_have_what_their_letters_say(sets):
    initials = {group[0] for group in SETS[sets]} if sets.startswith("bg") else {sets}
    assert initials == (set(sets) if sets.startswith("bg") else set(SETS[sets]))


def test_each_image_is_augmented_in_its_own_way(draw):
    same = np.repeat(IMAGES[:1], 4, 0)
    found = Pipeline("bgcfnc")(same, 1.0, draw).numpy()
    assert min(np.abs(found[i] - found[j]).max() for i in range(4) for j in range(i)) > 0.1


def test_real_and_generated_images_are_augmented_in_different_ways(draw):
    real, again, generated = (
        Pipeline("color")(IMAGES, 1.0, draw, name).numpy() for name in ("real", "real", "fake")
    )
    np.testing.assert_array_equal(real, again)
    assert np.abs(real - generated).max((1, 2, 3)).min() > 0.01


def test_two_halves_are_what_one_batch_is(draw):
    pipe = Pipeline("bgcfnc")
    whole = pipe(IMAGES, 0.8, draw)
    for half in (slice(2), slice(2, 4)):
        own = pipe(IMAGES[half], 0.8, lambda *args, half=half, **kw: draw(*args, **kw)[half])
        np.testing.assert_allclose(own, whole[half], atol=1e-5)


def test_xla_makes_what_tensorflow_makes():
    def made(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            found = augmented(images, *of_all())
            loss = tf.reduce_sum(found**3)
        return found, tape.gradient(loss, images)

    of_all()
    found = tf.function(made, jit_compile=True)(tf.constant(IMAGES))
    for one, other in zip(found, made(tf.constant(IMAGES)), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_what_images_become_is_linear_and_its_gradient_is_the_transpose():
    chosen, _ = of_all()
    of = {name: chosen[name] for name in chosen if name not in ("brightness", "noise")}
    x = tf.constant(IMAGES)
    y = np.random.default_rng(2).normal(size=IMAGES.shape).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        product = tf.reduce_sum(augmented(x, of) * y)
    back = tape.gradient(product, x)
    assert float(tf.reduce_sum(x * back)) == pytest.approx(float(product), rel=1e-3)


def test_gradients_have_gradients():
    """Those of R1: of the square of a gradient through the augmentation."""
    x, direction = tf.constant(IMAGES), np.random.default_rng(2).normal(size=IMAGES.shape)

    @tf.function
    def squared(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(augmented(x, *of_all()) ** 3)
        return tf.reduce_sum(tape.gradient(loss, x) ** 2)

    of_all()
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = squared(x)
    gradient = tape.gradient(value, x)
    assert np.isfinite(gradient).all()
    step = tf.constant(1e-3 * direction, tf.float32)
    measured = float(squared(x + step) - squared(x - step)) / 2
    assert float(tf.reduce_sum(gradient * step)) == pytest.approx(measured, rel=2e-2)


def test_half_precision_is_augmented_in_single_precision():
    images = tf.cast(IMAGES, tf.float16)
    found = augmented(images, *of_all())
    assert found.dtype == tf.float16
    expected = augmented(tf.cast(images, tf.float32), *of_all())
    np.testing.assert_array_equal(found, tf.cast(expected, tf.float16))


def test_a_batch_may_be_of_any_size(draw):
    signature = tf.TensorSpec((None, 12, 12, 3))
    made = tf.function(lambda x: augmented(x, of_all()[0], of_all()[1]), [signature])
    np.testing.assert_allclose(made(IMAGES), augmented(IMAGES, *of_all()), atol=1e-5)


def test_sets_are_known_by_name():
    with pytest.raises(ValueError, match="sets must be one of .*bgcfnc.*Received: sets='bgx'"):
        Pipeline("bgx")
