"""DRIT's passes and losses, by hand."""

import math
import types

import numpy as np
import pytest
import tensorflow as tf

from tests.models.drit_test import IMAGES, TINY
from tfgan_apps.models import DRIT
from tfgan_apps.models.drit import passes, terms

BOTH = dict(zip("xy", IMAGES, strict=True))
DRAWN = {"drawn 0": 7.0, "drawn 1": 8.0}


@pytest.fixture
def model():
    return DRIT(**TINY)


def softplus(x):
    return math.log1p(math.exp(x))


def test_what_is_made_of_which_codes():
    """Contents are 1 or 10 times an image's mean, styles 100 times; pictures show their sum."""
    mean = lambda image: tf.reduce_mean(image, (1, 2, 3))  # noqa: E731
    shown = lambda code: code["content"] + code["style"][:, None, None]  # noqa: E731
    coders = types.SimpleNamespace(
        content_encoders={"x": lambda x: x, "y": lambda y: 10 * y},
        decoders={"x": shown, "y": shown},
        style_of=lambda image, side: (100 * mean(image)[:, None], None),
        draw=lambda _, name, count, shape, *rest: tf.fill((count, *shape), DRAWN.get(name, 0.0)),
        latent_size=1,
    )
    images = {"x": tf.fill((1, 2, 2, 1), 0.5), "y": tf.fill((1, 2, 2, 1), 0.25)}
    made = passes.of_images(coders, images, 2)
    expected = {"fake": (2.5 + 50, 0.5 + 25), "own": (0.5 + 50, 2.5 + 25)}
    expected |= {"back": (10 * 25.5 + 100 * 52.5, 52.5 + 100 * 25.5)}
    expected |= {"again": (100 * (2.5 + 7), 100 * (0.5 + 7))}
    for name, values in expected.items():
        assert [np.mean(made[name][side]) for side in "xy"] == pytest.approx(values)
    assert [np.mean(image) for image in made["random"]["y"]] == pytest.approx([7.5, 8.5])


def test_styles_are_drawn_from_what_is_told():
    told = {"x": (np.float32([[1, 2]]), np.float32([[0, math.log(9)]]))}
    ones = types.SimpleNamespace(latent_size=2, draw=lambda *_: tf.ones((1, 2)))
    np.testing.assert_allclose(passes.styles(ones, told, "a name")["x"], [[2, 5]], rtol=1e-6)


def test_discriminators_and_the_second_update(model):
    """Sums over scales and drawn styles; two scales say the image and twice the image."""
    model.track = lambda **values: None
    for side in "xy":
        judge = lambda image, training=False: [image, 2 * image]  # noqa: E731
        model.discriminators[side] = model.random_discriminators[side] = judge
    image = lambda value: tf.fill((1, 2, 2, 1), value)  # noqa: E731
    made = {"fake": dict.fromkeys("xy", image(1.0))}
    made["random"] = dict.fromkeys("xy", [image(0.5), image(2.0)])
    real = dict.fromkeys("xy", image(3.0))
    by_hand = 3 * (softplus(-3) + softplus(-6)) + sum(map(softplus, (1, 2, 0.5, 1, 2, 4)))
    found = float(model.discriminator_loss(real, real, made))
    assert found == pytest.approx(2 * by_hand, rel=1e-5)
    made["drawn"] = [tf.constant([[1.0, -1.0]]), tf.constant([[2.0, 2.0]])]
    made["again"] = dict.fromkeys("xy", tf.constant([[1.5, 0.5]]))
    by_hand = sum(map(softplus, (-0.5, -1, -2, -4))) + 10 * 1.0 + 1 / (1.5 / 2 + 1e-5)
    assert float(model.random_loss(made)) == pytest.approx(2 * by_hand, rel=1e-5)


def test_the_first_update(model):
    """Every term weighed, and a content that is to tell nothing: ln 2 is the least."""
    found, made, half = [], {}, tf.fill((1, 2, 2, 1), 0.5)
    model.track = lambda **values: found.append({n: float(v) for n, v in values.items()})
    for name, value in (("content", 3.0), ("fake", 0.0), ("own", 1.0), ("back", -0.5)):
        made[name] = dict.fromkeys("xy", tf.fill((1, 2, 2, 1), value))
    made["told"] = dict.fromkeys("xy", (tf.constant([[1.0, 2.0]]), tf.zeros((1, 2))))
    for side in "xy":
        model.discriminators[side] = lambda image: [image, image]
    for logit in (0.0, 1.0, -1.0):
        model.content_discriminator = lambda _, logit=logit: tf.fill((1, 1, 1, 1), logit)
        model.encoded_loss(dict.fromkeys("xy", half), made)
    expected = {"adversarial": 2 * math.log(2), "content": math.log(2), "cycle": 10.0}
    expected |= {"reconstruction": 5.0, "content_divergence": 0.09, "style_divergence": 0.025}
    assert found[0] == pytest.approx({f"{n}_{s}": v for n, v in expected.items() for s in "xy"})
    contents = [each["content_y"] for each in found]
    assert contents[1] == pytest.approx(contents[2]) == pytest.approx(softplus(1) - 0.5)
    assert min(contents) == contents[0]


def test_the_discriminator_of_contents(model):
    model.content_discriminator = lambda content: content
    contents = {"x": tf.fill((1, 1, 1, 1), 1.0), "y": tf.fill((1, 1, 1, 1), 2.0)}
    found = float(model.content_discriminator_loss(contents))
    assert found == pytest.approx(softplus(-2) + softplus(1))


def test_divergences():
    """Of distributions a sum over numbers, of codes without one the mean of their squares."""
    mean, variance = np.float32([[1, -2], [0, 0]]), np.float32([[0, 0], [math.log(4), 0]])
    assert float(terms.divergence(mean)) == pytest.approx(5 / 4)
    by_hand = (5 / 2 + (4 - 1 - math.log(4)) / 2) / 2
    assert float(terms.divergence(mean, variance)) == pytest.approx(by_hand)


def test_mode_seeking_falls_when_images_are_further_apart():
    styles = np.float32([[[0, 0], [0, 0]], [[1, 1], [4, 0]]])
    images = np.zeros((2, 2, 1, 2, 1), np.float32)
    images[1] += np.float32([0.5, 2.0])[:, None, None, None]
    found = float(terms.mode_seeking(images, styles))
    assert found == pytest.approx((1 / (0.5 / 1 + 1e-5) + 1 / (2 / 2 + 1e-5)) / 2)
    assert float(terms.mode_seeking(2 * images, styles)) < found
    assert float(terms.mode_seeking(0 * images, styles)) == pytest.approx(1e5)
