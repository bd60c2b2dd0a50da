"""Projection: what it is made of, and that a generator's own image is found again."""

import math

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps import projection
from tfgan_apps.models import DCGAN, StyleGAN, StyleGAN2, StyleGAN3

TINY = {"image_size": 8, "channels": 1, "latent_size": 4, "style_size": 4, "mapping_layers": 1}
TINY |= {"filters_base": 64, "most_filters": 8}


def pixels(images):
    """The image itself, with a channel that unit length leaves as it is."""
    return [tf.concat([images, tf.ones_like(images)], -1)]


def target_of(model, seed=3):
    """An image of the model, of a style as `project` looks for: the same in all layers."""
    latents = tf.random.stateless_normal((1, 4), (seed, 0))
    return np.clip(model.predict_on_batch(latents)[0], -1, 1)


def test_the_rate_rises_and_falls_as_the_authors():
    expected = {0.0: 0.0, 0.025: 0.5, 0.05: 1.0, 0.75: 1.0, 0.875: 0.5}
    for t, part in expected.items():
        assert projection.rate(t) == pytest.approx(part)
    assert projection.rate(0.999) < 1e-4


def test_the_distance_is_that_of_unit_features():
    first = [tf.constant([[[[3.0, 4.0]], [[1.0, 0.0]]]])]
    second = [tf.constant([[[[6.0, 8.0]], [[0.0, 5.0]]]])]
    assert projection.unit_distance(first, second).numpy() == pytest.approx([(0 + 2) / 2])


def test_noise_that_is_like_itself_next_to_it():
    stripes = np.tile([1.0, -1.0], (16, 8)).astype(np.float32)
    # Along x each value is the other's opposite, along y the same; of halves all are 0.
    assert float(projection.self_likeness(tf.constant(stripes))) == pytest.approx(2.0)
    ones = tf.ones((32, 32))
    assert float(projection.self_likeness(ones)) == pytest.approx(2 * 3)
    assert float(projection.self_likeness(tf.ones((4, 4)))) == pytest.approx(2)


@pytest.mark.parametrize("system", [StyleGAN, StyleGAN2, StyleGAN3])
def test_an_image_of_the_generator_is_found(system):
    own = {"image_size": 16, "synthesis_layers": 4} if system is StyleGAN3 else {}
    model = system(**TINY | own, seed=1)
    image, seen = target_of(model), []
    found = projection.project(
        model, image, pixels, steps=60, seed=2, progress=lambda *done: seen.append(done)
    )
    assert seen == [(n, 60) for n in range(1, 61)] and len(found.distances) == 60
    assert found.distances[-1] < 0.2 * found.distances[0]
    served = model.serving()
    assert found.styles.shape == (served.truncated.count, 4)
    assert (found.styles == found.styles[0]).all()
    inputs = {"styles": tf.constant(found.styles[None])}
    if system is StyleGAN3:
        assert found.noise is None
        inputs["transform"] = tf.eye(3, batch_shape=[1])
    else:
        first = found.noise[:16]
        assert (first.mean(), (first**2).mean()) == pytest.approx((0, 1), abs=1e-5)
        inputs["noise"] = tf.constant(found.noise[None])
    np.testing.assert_array_equal(served.synthesis(inputs)[0], found.image)


def test_the_style_begins_at_the_mean_of_its_class():
    model = StyleGAN2(**TINY, classes=2)
    mean, deviation = projection._styles(model.serving(), 1, 0)
    latents = tf.random.stateless_normal((4000, 4), (9, 9))
    drawn = model.average_mapping({"latents": latents, "label": tf.ones(4000, tf.int32)}).numpy()
    np.testing.assert_allclose(mean[0], drawn.mean(0), atol=0.1 * drawn.std())
    assert deviation == pytest.approx(math.sqrt(drawn.var(0).sum()), rel=0.1)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image": np.zeros((8, 9, 1))}, r"image must be of shape \(8, 8, 1\)"),
        ({"image": np.full((8, 8, 1), 255)}, r"image must be finite, in \[-1, 1\]"),
        ({"steps": 0}, "steps must be an integer >= 1"),
        ({"label": 0}, "label must be None"),
        ({"noise_weight": -1.0}, "noise_weight must be a finite number and >= 0"),
        ({"learning_rate": 0.0}, "learning_rate must be a finite number"),
    ],
)
def test_arguments_that_do_not_fit(argument, expected):
    given = {"image": np.zeros((8, 8, 1)), "features": pixels}
    with pytest.raises(ValueError, match=expected):
        projection.project(StyleGAN2(**TINY), **given | argument)


def test_a_model_without_styles():
    model = DCGAN(image_size=16, channels=1, generator_filters=2, discriminator_filters=2)
    with pytest.raises(ValueError, match="model must be one that draws by styles"):
        projection.project(model, np.zeros((16, 16, 1)), pixels)
