"""DRIT: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters, values
from tests.recorded import recorded
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import DRIT
from tfgan_apps.models.drit import passes
from tfgan_apps.networks import drit

TINY = {"image_size": 20, "generator_filters": 1, "residual_blocks": 1, "latent_size": 2}
TINY |= {"discriminator_filters": 1, "discriminator_layers": 1, "scales": 2}
TINY |= {"content_kernel": 3, "content_layers": 1, "content_steps": 2, "initializer": "kaiming"}
IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 4, 20, 20, 3)).astype(np.float32)


class TestDRIT(ModelTestCase):
    round = 2

    def build(self, **kwargs):
        model = DRIT(**TINY)
        model.compile(**kwargs)
        return model

    def data(self, batch_size=2):
        images = np.random.default_rng(0).integers(0, 256, (2, 16, 20, 20, 3), np.uint8)
        return from_arrays(tuple(images), batch_size=batch_size)

    def _train_with(self, strategy, data, **kwargs):
        data = self.data(batch_size=4)  # each replica's is even
        return super()._train_with(strategy, data, **kwargs)


@pytest.fixture(scope="module")
def model():
    return DRIT(**TINY)


def test_parameters_of_the_authors():
    coders = 9_018_112 + 9_564_710
    assert parameters(DRIT()) == [4 * 8_271_171, 10_683_649, coders, 2_688_160]


def test_parameters_of_feature_wise_coders_and_of_one_scale():
    assert 2 * drit.build_feature_wise_decoder().count_params() == 17_146_374
    assert 2 * drit.build_style_encoder().count_params() == 5_529_872
    assert drit.build_discriminator(scales=1).count_params() == 25_149_057


def test_feature_wise_decoders_share_nothing_and_one_scale_is_deeper():
    model = DRIT(**{**TINY, "architecture": "feature_wise", "scales": 1})
    x, y = ({id(v) for v in model.decoders[side].variables} for side in "xy")
    assert not x & y
    assert len(model.discriminators["x"].variables) == 2 * (1 + 2 + 1)


def test_content_encoders_and_decoders_share_a_block_and_four_discriminators_none(model):
    for networks in (model.content_encoders, model.decoders):
        x, y = ({id(v) for v in networks[side].variables} for side in "xy")
        assert len(x & y) == 4 < len(x) == len(y)
    judges = [*model.discriminators.values(), *model.random_discriminators.values()]
    assert len({id(v) for judge in judges for v in judge.variables}) == 4 * len(judges[0].variables)


def test_who_moves_when_and_whose_gradient_is_clipped():
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


def test_the_second_update_is_of_the_same_pass_and_leaves_style_encoders():
    """Both gradients are of the first weights; that of the second has no part for styles."""
    model = DRIT(**{**TINY, "content_steps": 1})
    rates = {"discriminator": 0.0, "content_discriminator": 0.0, "generator": 1e-3}
    rates |= {"style_encoder": 1e-3}
    sgd = keras.optimizers.SGD
    model.compile(run_eagerly=True, **{f"{p}_optimizer": sgd(rate) for p, rate in rates.items()})
    calls = recorded(model.content_encoders["x"])
    players = {player: model.variables_of(player) for player in ("generator", "style_encoder")}
    encoded, _ = model.halves(IMAGES)
    with tf.GradientTape(persistent=True) as tape:
        made = model.made_of(encoded)
        first, second = model.encoded_loss(encoded, made), model.random_loss(made)
    sources = {player: [v.value for v in each] for player, each in players.items()}
    wanted = {"style_encoder": tape.gradient(first, sources["style_encoder"])}
    pairs = [tape.gradient(loss, sources["generator"]) for loss in (first, second)]
    wanted["generator"] = [sum(pair) for pair in zip(*pairs, strict=True)]
    before = {player: values(each) for player, each in players.items()}
    calls.clear()
    model.train_on_batch(*IMAGES)
    assert len(calls) == 2  # of images and of fakes, for all moves
    for player, each in players.items():
        for old, new, gradient in zip(before[player], values(each), wanted[player], strict=True):
            np.testing.assert_allclose(new - old, -1e-3 * gradient, rtol=1e-3, atol=1e-6)


def test_a_half_is_encoded_and_the_other_judged_beside_drawn_styles(model):
    encoded, others = model.halves(IMAGES)
    np.testing.assert_array_equal(encoded["y"], IMAGES[1][[0, 2]])
    np.testing.assert_array_equal(others["x"], IMAGES[0][[1, 3]])
    with pytest.raises(ValueError, match="batch_size must be even on each replica.* batch_size=3"):
        model.halves(IMAGES[:, :3])


def test_contents_have_noise_in_training_alone(model):
    noisy = passes.contents(model, {"x": IMAGES[0]}, "a name")
    noise = np.array(noisy["x"] - model.content_encoders["x"](IMAGES[0]))
    assert noise.std() == pytest.approx(1, rel=0.2) and abs(noise.mean()) < 0.2
    style = np.float32([[1, -2]] * 4)
    found = model({"image": IMAGES[0], "style": style}, training=True)
    np.testing.assert_array_equal(found, model.translate(IMAGES[0], style, "y"))
    assert np.abs(found - model(IMAGES[0])).max() > 1e-3
    assert list(model.samples(IMAGES))[:3] == ["x", "as y, drawn style 1", "as y, drawn style 2"]


def test_the_conferences_version_feature_wise_and_spectral():
    sizes = {**TINY, "architecture": "feature_wise", "spectral": True, "content_steps": 1}
    model = DRIT(**sizes, mlp_size=3, mode_seeking_weight=0.0)
    model.compile(run_eagerly=True)
    found = model.train_on_batch(*IMAGES, return_dict=True)
    assert np.isfinite(list(found.values())).all() and "mode_seeking_x" not in found
    found = model.test_on_batch(*IMAGES[:, :3], return_dict=True)
    assert np.isfinite(found["generator_loss"])


def test_adams_of_the_authors_whose_rates_fall_in_the_second_half():
    model = DRIT(**{**TINY, "content_steps": 3})
    for player, adam in model.optimizers(epochs=1200, steps_per_epoch=6).items():
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
        ({"content_layers": 4}, "content_layers must be fewer, for contents of 5 pixels"),
        ({"content_steps": 0}, "content_steps must be an integer >= 1"),
        ({"mode_seeking_weight": -1.0}, "mode_seeking_weight must be a finite number and >= 0"),
        ({"divergence_weight": -1.0}, "divergence_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        DRIT(**{**TINY, **argument})
