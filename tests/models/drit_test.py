"""DRIT: the promises of every system, and the facts of its paper."""

import math
import types

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tests.recorded import recorded
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import DRIT
from tfgan_apps.models.drit import passes, terms

TINY = {"image_size": 16, "generator_filters": 1, "residual_blocks": 1, "latent_size": 2}
TINY |= {"discriminator_filters": 1, "discriminator_layers": 1, "scales": 2}
TINY |= {"content_kernel": 3, "content_layers": 1, "content_steps": 2, "initializer": "kaiming"}
IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 4, 16, 16, 3)).astype(np.float32)
BOTH = dict(zip("xy", IMAGES, strict=True))
DRAWN = {"drawn 0": 7.0, "drawn 1": 8.0}


class TestDRIT(ModelTestCase):
    round = 2

    def build(self, **kwargs):
        model = DRIT(**TINY)
        model.compile(**kwargs)
        return model

    def data(self):
        images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 16, 3), np.uint8)
        return from_arrays(tuple(images), batch_size=4)


@pytest.fixture(scope="module")
def model():
    model = DRIT(**TINY)
    model.compile(run_eagerly=True)
    return model


def test_parameters_of_the_authors():
    coders = 9_018_112 + 9_564_710
    assert parameters(DRIT()) == [4 * 8_271_171, 10_683_649, coders, 2_688_160]


def test_parameters_of_feature_wise_decoders_and_of_one_scale():
    model = DRIT(architecture="feature_wise", scales=1)
    coders = 9_018_112 + 17_146_374
    assert parameters(model) == [4 * 25_149_057, 10_683_649, coders, 5_529_872]


def test_content_encoders_and_decoders_share_a_block(model):
    for networks in (model.content_encoders, model.decoders):
        x, y = ({id(v) for v in networks[side].variables} for side in "xy")
        assert len(x & y) == 4 < len(x) == len(y)
    judges = [*model.discriminators.values(), *model.random_discriminators.values()]
    assert len({id(v) for judge in judges for v in judge.variables}) == 4 * len(judges[0].variables)


def test_which_move_when_and_whose_gradient_is_clipped():
    model = DRIT(**{**TINY, "content_steps": 3})
    model.compile(run_eagerly=True)
    moves, update = [], model.update_together

    def updating(losses, clip_value=None, clip_norm=None):
        found = update(losses, clip_value, clip_norm)
        moves.append(("+".join(losses), clip_norm))
        return found

    model.update_together = updating
    contents = ("content_discriminator", 5.0)
    both = [("discriminator", None), contents, ("generator+style_encoder", None)]
    for expected in ([contents], [contents], [*both, ("generator", None)]):
        model.train_on_batch(*IMAGES)
        assert moves == expected
        moves.clear()


def test_the_second_update_leaves_style_encoders_and_is_of_the_same_pass():
    """Its gradient is of the weights before the first, and the generator's Adam moves twice."""
    model = TestDRIT().build(run_eagerly=True)
    encoders = [recorded(network) for network in model.content_encoders.values()]
    model.train_on_batch(*IMAGES)
    before = [len(calls) for calls in encoders]
    model.train_on_batch(*IMAGES)
    assert [len(calls) - n for calls, n in zip(encoders, before, strict=True)] == [2, 2]
    counts = {p: int(model.optimizer_of(p).iterations) for p in model.players()}
    expected = {"discriminator": 1, "content_discriminator": 2, "generator": 2, "style_encoder": 1}
    assert counts == expected


def test_a_half_is_encoded_and_the_other_judged_beside_drawn_styles(model):
    encoded, others = model.halves(IMAGES)
    np.testing.assert_array_equal(encoded["y"], IMAGES[1][[0, 2]])
    np.testing.assert_array_equal(others["x"], IMAGES[0][[1, 3]])
    with pytest.raises(ValueError, match="batch_size must be even on each replica.* batch_size=3"):
        model.halves(IMAGES[:, :3])


def test_what_is_made_of_which_codes():
    """Contents are 1 or 10 times an image's mean, styles 100 times; pictures show their sum."""
    mean = lambda image: tf.reduce_mean(image, (1, 2, 3))  # noqa: E731
    shown = lambda code: code["content"] + code["style"][:, None, None]  # noqa: E731
    coders = types.SimpleNamespace(
        content_encoders={"x": lambda x: x, "y": lambda y: 10 * y},
        decoders={"x": shown, "y": shown},
        style_of=lambda image, side: (100 * mean(image)[:, None], None),
        draw=lambda normal, name, count, shape, batch: tf.fill(
            (count, *shape), DRAWN.get(name, 0.0)
        ),
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


def test_losses_by_hand(model, monkeypatch):
    """Sums over scales and drawn styles; discriminators of two scales say the image and twice it."""
    judge = lambda image, training=False: [image, 2 * image]  # noqa: E731
    for judges in (model.discriminators, model.random_discriminators):
        monkeypatch.setattr(model, "track", lambda **values: None)
        for side in "xy":
            monkeypatch.setitem(judges, side, judge)
    soft = lambda x: math.log1p(math.exp(x))  # noqa: E731
    image = lambda value: tf.fill((1, 2, 2, 1), value)  # noqa: E731
    fakes = {"fake": dict.fromkeys("xy", image(1.0))}
    fakes["random"] = dict.fromkeys("xy", [image(0.5), image(2.0)])
    real = dict.fromkeys("xy", image(3.0))
    found = model.discriminator_loss(real, real, fakes)
    by_hand = 3 * (soft(-3) + soft(-6)) + sum(map(soft, (1, 2, 0.5, 1, 2, 4)))
    assert float(found) == pytest.approx(2 * by_hand, rel=1e-5)
    drawn = [tf.constant([[1.0, -1.0]]), tf.constant([[2.0, 2.0]])]
    fakes |= {"drawn": drawn, "again": dict.fromkeys("xy", tf.constant([[1.5, 0.5]]))}
    found = model.random_loss(fakes)
    by_hand = sum(map(soft, (-0.5, -1, -2, -4))) + 10 * 1.0 + 1 / (1.5 / 2 + 1e-5)
    assert float(found) == pytest.approx(2 * by_hand, rel=1e-5)


def test_a_content_is_to_tell_nothing(model, monkeypatch):
    """Both contents want one half: ln 2 is the least, where the discriminator says one half."""
    found = []
    monkeypatch.setattr(model, "track", lambda **values: found.append(values))
    made = model.made_of(BOTH)
    for logit in (-1.0, 0.0, 1.0):
        says = lambda content, logit=logit: tf.fill((len(content), 1, 1, 1), logit)  # noqa: E731
        monkeypatch.setattr(model, "content_discriminator", says)
        model.encoded_loss(BOTH, made)
    below, least, above = (float(each["content_x"]) for each in found)
    assert least == pytest.approx(math.log(2)) and below == pytest.approx(above)
    assert above == pytest.approx(math.log1p(math.exp(1)) - 0.5)
    assert float(model.content_discriminator_loss(made["content"])) == pytest.approx(
        math.log1p(math.exp(1)) + math.log1p(math.exp(-1))
    )


def test_divergences_by_hand():
    """Of distributions a sum over numbers, of codes without one the mean of their squares."""
    mean, variance = np.float32([[1, -2], [0, 0]]), np.float32([[0, 0], [math.log(4), 0]])
    assert float(terms.divergence(mean)) == pytest.approx(5 / 4)
    by_hand = (5 / 2 + (4 - 1 - math.log(4)) / 2) / 2
    assert float(terms.divergence(mean, variance)) == pytest.approx(by_hand)


def test_mode_seeking_is_what_styles_change_over_what_images_do():
    styles = np.float32([[[0, 0], [0, 0]], [[1, 1], [4, 0]]])
    images = np.zeros((2, 2, 1, 2, 1), np.float32)
    images[1] += np.float32([0.5, 1.0])[:, None, None, None]
    found = float(terms.mode_seeking(images, styles))
    assert found == pytest.approx((1 / (0.5 + 1e-5) + 1 / (0.5 + 1e-5)) / 2)
    assert float(terms.mode_seeking(2 * images, styles)) < found
    assert float(terms.mode_seeking(0 * images, styles)) == pytest.approx(1e5)


def test_contents_have_noise_in_training_alone(model):
    noisy = passes.contents(model, BOTH, "a name")
    noise = np.array(noisy["x"] - model.content_encoders["x"](BOTH["x"]))
    assert noise.std() == pytest.approx(1, rel=0.2) and abs(noise.mean()) < 0.2
    style = np.float32([[1, -2]] * 4)
    found = model.predict({"image": IMAGES[0], "style": style}, verbose=0)
    np.testing.assert_array_equal(found, model.translate(IMAGES[0], style, "y"))
    assert np.abs(found - model.predict(IMAGES[0], verbose=0)).max() > 1e-3
    assert list(model.samples(IMAGES))[:3] == ["x", "as y, drawn style 1", "as y, drawn style 2"]


def test_the_conferences_version_feature_wise_and_spectral():
    sizes = {**TINY, "architecture": "feature_wise", "spectral": True, "content_steps": 1}
    model = DRIT(**sizes, mlp_size=3, mode_seeking_weight=0.0)
    model.compile(run_eagerly=True)
    assert len(model.made_of(BOTH)["drawn"]) == 1
    vectors = [v for v in model.discriminators["x"].variables if v.name == "vector"]
    before = [np.array(v) for v in vectors]
    found = model.train_on_batch(*IMAGES, return_dict=True)
    assert np.isfinite(list(found.values())).all() and "mode_seeking_x" not in found
    # of one filter alone the vector is 1 or -1
    assert len(vectors) == 4 and len(before) == 4


def test_adams_of_the_authors_whose_rates_fall_in_the_second_half():
    model = DRIT(**{**TINY, "content_steps": 3})
    for player, adam in model.optimizers(steps_per_epoch=6).items():
        assert (adam.beta_1, adam.beta_2, adam.epsilon, adam.decay) == (0.5, 0.999, 1e-8, 1e-4)
        first = 4e-5 if player == "content_discriminator" else 1e-4
        moves = {"content_discriminator": 6, "generator": 4}.get(player, 2)  # an epoch
        epochs = (0, 600, 601, 1199)  # counted from 0, as the authors do
        rates = [float(adam._learning_rate(moves * epoch)) for epoch in epochs]
        assert rates == pytest.approx([first, first, first * 600 / 601, first * 2 / 601], rel=1e-3)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 12}, "image_size must be an integer >= 16"),
        ({"image_size": 18}, "image_size must be a multiple of 4"),
        ({"scales": 5}, "image_size must be at least 32, for a patch of the smallest discrim"),
        ({"channels": 2}, "channels must be one of"),
        ({"architecture": "sum"}, "architecture must be one of"),
        ({"initializer": "zeros"}, "initializer must be one of"),
        ({"content_layers": 4}, "content_layers must be fewer, for contents of 4 pixels"),
        ({"content_steps": 0}, "content_steps must be an integer >= 1"),
        ({"mode_seeking_weight": -1.0}, "mode_seeking_weight must be a finite number and >= 0"),
        ({"divergence_weight": -1.0}, "divergence_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        DRIT(**{**TINY, **argument})
