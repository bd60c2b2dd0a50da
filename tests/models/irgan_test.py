"""IRGAN: the promises of every system, and the facts of its paper and its authors' code."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, ResumeTestCase
from tfgan_apps.input_pipelines.rankings import Rankings
from tfgan_apps.models import IRGAN
from tfgan_apps.models.irgan import draws
from tfgan_apps.models.irgan.games import GAMES, Game
from tfgan_apps.models.irgan.irgan import earned
from tfgan_apps.models.irgan.scorers import build_scorer
from tfgan_apps.vocabulary import Vocabulary

STEPS = {"pretraining_steps": 2, "discriminator_steps": 2, "generator_steps": 1}


def queries(number, candidates, seed=0):
    """Returns what is relevant in training and in the test, each query with at least one."""
    rng = np.random.default_rng(seed)
    order = rng.permuted(np.tile(np.arange(candidates), (number, 1)), axis=1)
    most = rng.integers(1, 4, number)[:, None]
    return {
        "train": order < most,
        "test": (order >= most) & (order < most + 2),
    }


class TinyItems:
    """Item recommendation, pointwise."""

    round, steps = 5, STEPS
    scorer = {"kind": "factorization", "queries": 12, "candidates": 20}
    game = "item_recommendation"

    def build(self, **kwargs):
        model = IRGAN(self.scorer, self.game, **self.steps)
        players = model.players()
        optimizers = {f"{player}_optimizer": keras.optimizers.SGD(0.1) for player in players}
        model.compile(**{**optimizers, **kwargs})
        return model

    def data(self):
        relevant = queries(12, 20)
        inputs = {"query": np.arange(12, dtype=np.int32)}
        return Rankings(inputs, np.ones((12, 20), bool), **relevant, batch_size=4)


class TestItemRecommendation(TinyItems, ModelTestCase):
    pass


class TestResumeInsidePretraining(TinyItems, ResumeTestCase):
    steps = {**STEPS, "pretraining_steps": 9}


class TestResumeInsideDiscriminator(TinyItems, ResumeTestCase):
    steps = {**STEPS, "pretraining_steps": 1, "discriminator_steps": 9}


class TestResumeInsideGenerator(TinyItems, ResumeTestCase):
    steps = {"pretraining_steps": 1, "discriminator_steps": 1, "generator_steps": 9}


class TestWebSearch(TinyItems, ModelTestCase):
    """Pairwise."""

    scorer = {"kind": "features", "features": 5, "hidden": 4, "output_bias": False}
    game = "web_search_pairwise"

    def data(self):
        relevant = queries(12, 9)
        features = np.random.default_rng(1).random((12, 9, 5), np.float32)
        valid = np.ones((12, 9), bool)
        return Rankings({"features": features}, valid, **relevant, batch_size=4)


@pytest.mark.parametrize(
    ("scorer", "expected"),
    [
        ({"kind": "factorization", "queries": 943, "candidates": 1683}, 14_813),
        ({"kind": "features", "features": 46}, 2_209),
        ({"kind": "features", "features": 46, "output_bias": False}, 2_208),
        ({"kind": "tokens", "vocabulary": 300}, 100 * 300 + 552_000),
    ],
)
def test_parameter_counts_of_the_authors(scorer, expected):
    assert build_scorer(name="scorer", **scorer).count_params() == expected


@pytest.mark.parametrize("name", ["pointwise_gan_best_nn", "pairwise_gan_best_nn"])
def test_published_web_search_weights_fit(name, test_data):
    path = test_data("irgan") / "MQ2008-semi_published_results" / f"{name}.npz"
    with np.load(path) as file:
        kernel, output, bias, *last = (file[array] for array in file.files)
    network = build_scorer("features", "scorer", features=46, output_bias=bool(last))
    network.set_weights([kernel, output, bias, *last])
    features = np.random.default_rng(0).random((2, 3, 46), np.float32)
    expected = (np.tanh(features @ kernel + bias) @ output)[..., 0] + sum(last, np.float32(0))
    scores = network({"features": features})["scores"]
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-6)


def items(game="item_recommendation", seed=0, spread=1.0, **steps):
    """Returns a compiled game on 12 users and 20 items, with weights that are not small."""
    keras.utils.set_random_seed(seed)
    model = IRGAN({**TinyItems.scorer, "spread": spread}, game, **(STEPS | steps))
    model.compile(
        **{f"{player}_optimizer": keras.optimizers.SGD(1.0) for player in model.players()}
    )
    return model


def batch_of_all():
    (batch,) = (
        Rankings(
            {"query": np.arange(12, dtype=np.int32)},
            np.ones((12, 20), bool),
            **queries(12, 20),
            batch_size=12,
        )
        .train()
        .take(1)
    )
    return batch


def moved(model, phase, batch):
    """Returns by how much a step of a phase moves the weights of its player: minus the gradient."""
    weights = model.variables_of(phase)
    before = [w.numpy() for w in weights]
    model.phase = phase
    model.train_step(batch)
    return [w.numpy() - b for w, b in zip(weights, before, strict=True)]


def arrays(network, batch):
    """Returns users' embeddings in the order of the batch, items' embeddings, bias and scores."""
    users, kinds, bias = (np.array(w, np.float64) for w in network.get_weights())
    users = users[batch["query"].numpy()]
    return users, kinds, bias, users @ kinds.T + bias


def softmax(scores):
    likelihood = np.exp(scores - scores.max(1, keepdims=True))
    return likelihood / likelihood.sum(1, keepdims=True)


def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def test_the_discriminator_moves_by_the_sum_of_the_authors_gradients():
    model, batch = (
        items(dataclasses.replace(GAMES["item_recommendation"], expected=True)),
        batch_of_all(),
    )
    relevant = batch["relevant"].numpy().astype(float)
    negatives = relevant.sum(1, keepdims=True) * softmax(arrays(model.generator, batch)[3] / 0.2)
    users, kinds, bias, scores = arrays(model.discriminator, batch)
    slope = relevant * (sigmoid(scores) - 1) + negatives * sigmoid(scores)
    often = 0.2 * (relevant + negatives)
    found = moved(model, "discriminator", batch)
    np.testing.assert_allclose(-found[2], (slope + often * bias).sum(0), rtol=1e-4, atol=1e-5)
    expected = slope.T @ users + often.sum(0)[:, None] * kinds
    np.testing.assert_allclose(-found[1], expected, rtol=1e-4, atol=1e-5)
    expected = slope @ kinds + often.sum(1)[:, None] * users
    np.testing.assert_allclose(-found[0][batch["query"]], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9])
def test_importance_weights_undo_the_proposal(share):
    """The mean gradient is that of the expected reward, whatever the samples are drawn from."""
    game = dataclasses.replace(GAMES["item_recommendation"], expected=True, proposal_relevant=share)
    model, batch = items(game), batch_of_all()
    likelihood = softmax(arrays(model.generator, batch)[3])
    reward = 2 * sigmoid(arrays(model.discriminator, batch)[3]) - 1
    found = moved(model, "generator", batch)
    slope = likelihood * (reward - (likelihood * reward).sum(1, keepdims=True))
    np.testing.assert_allclose(found[2], slope.sum(0), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("phase", ["discriminator", "generator"])
def test_drawn_gradients_are_unbiased(phase):
    game, batch = GAMES["item_recommendation"], batch_of_all()
    (expected,) = moved(items(dataclasses.replace(game, expected=True)), phase, batch)[2:]
    model = items()
    start = [network.get_weights() for network in (model.generator, model.discriminator)]
    step = tf.function(model.train_step)
    total, model.phase = 0.0, phase
    for _ in range(300):
        model.generator.set_weights(start[0])
        model.discriminator.set_weights(start[1])
        step(batch)
        total += model.players()[phase][0].get_weights()[2] - start[phase == "discriminator"][2]
    cosine = total @ expected / np.linalg.norm(total) / np.linalg.norm(expected)
    assert cosine > 0.99
    assert np.linalg.norm(total / 300) == pytest.approx(np.linalg.norm(expected), rel=0.1)


def test_draws_follow_their_distribution():
    probabilities = tf.constant([[0.5, 0.0, 0.3, 0.2], [0.0, 4.0, 0.0, 12.0]])
    uniform = tf.random.stateless_uniform((2, 20_000), (0, 0))
    drawn = draws.with_replacement(probabilities, uniform)
    found = draws.counts(drawn, tf.ones_like(drawn, tf.bool), 4).numpy() / 20_000
    np.testing.assert_allclose(found, [[0.5, 0, 0.3, 0.2], [0, 0.25, 0, 0.75]], atol=0.01)
    edges = draws.with_replacement(probabilities, tf.constant([[0.0, 1 - 2**-23]] * 2))
    np.testing.assert_array_equal(edges, [[0, 3], [1, 3]])


def test_draws_without_replacement_are_different_candidates():
    probabilities = tf.tile([[0.6, 0.3, 0.1, 0.0]], (20_000, 1))
    uniform = tf.random.stateless_uniform((20_000, 4), (0, 0))
    drawn = draws.without_replacement(probabilities, uniform, 3).numpy()
    assert {tuple(sorted(row)) for row in drawn} == {(0, 1, 2)}
    np.testing.assert_allclose(np.bincount(drawn[:, 0]) / 20_000, [0.6, 0.3, 0.1], atol=0.015)
    second = np.bincount(drawn[drawn[:, 0] == 0, 1], minlength=3)
    np.testing.assert_allclose(second / second.sum(), [0, 0.75, 0.25], atol=0.02)


def test_negatives_are_what_the_game_allows():
    batch = batch_of_all()
    relevant = batch["relevant"].numpy()
    pairwise = {"samples_per_relevant": 50, "negatives": 50}
    model = items(dataclasses.replace(GAMES["web_search_pairwise"], **pairwise), spread=0.05)
    drawn, taken = model._negatives(batch)
    row = np.broadcast_to(np.arange(12)[:, None, None], drawn.shape)
    assert not relevant[row, drawn][taken.numpy() > 0].any()
    np.testing.assert_array_equal(taken[:, :, 0] > 0, batch["positives"] >= 0)
    assert np.any(relevant * items(spread=0.05)._negative_counts(batch).numpy())


def test_the_loss_of_pairs():
    """Two relevant candidates with two partners each, of which one is not taken."""
    model, batch = items("web_search_pairwise"), batch_of_all()
    row = int(np.argmax(batch["relevant"].numpy().sum(1) == 2))
    batch = {name: values[row : row + 1] for name, values in batch.items()}
    drawn = tf.constant([[[0, 1], [2, 3], [4, 5]]])
    taken = tf.constant([[[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]])
    users, kinds, bias, scores = arrays(model.discriminator, batch)
    expected = {"log_sigmoid": 0.0, "hinge": 0.0}
    first, second = batch["positives"].numpy()[0, :2]
    for positive, other in ((first, 0), (first, 1), (second, 2)):
        difference = scores[0, positive] - scores[0, other]
        weights = [users[0], *(w[i] for w in (kinds, bias) for i in (positive, other))]
        penalty = 0.3 * sum(np.sum(np.square(weight)) / 2 for weight in weights)
        expected["log_sigmoid"] += np.log1p(np.exp(-difference)) + penalty
        expected["hinge"] += max(0, 0.05 - difference) + penalty
    for kind, value in expected.items():
        loss = model._pairs_loss(model.discriminator, batch, drawn, taken, kind, 0.3)
        assert loss.numpy() == pytest.approx([value], rel=1e-4)


def test_dynamic_negatives_score_best():
    model, batch = items(), batch_of_all()
    scores = arrays(model.generator, batch)[3]
    rest = np.where(batch["relevant"], -np.inf, scores)
    means = []
    for number in (1, 5, None):
        model.game = dataclasses.replace(model.game, dynamic_negatives=number)
        drawn, taken = model._dynamic_negatives(batch)
        found = np.take_along_axis(rest, drawn[..., 0].numpy(), 1)[taken[..., 0].numpy() > 0]
        assert np.isfinite(found).all()
        means.append(found.mean())
    assert means[0] < means[1] < means[2]
    np.testing.assert_array_equal(drawn[:, 0, 0], rest.argmax(1))


def test_a_common_start_stays_common_through_pretraining():
    model, batch = items("web_search_pairwise"), batch_of_all()
    changes = moved(model, "pretraining", batch)
    assert np.abs(changes[1]).max() > 1e-3
    for one, other in zip(model.generator.weights, model.discriminator.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_rounds():
    model = items(pretraining_steps=3, discriminator_steps=2, generator_steps=1)
    assert "".join(model.phase_at(step)[0] for step in range(10)) == "pppddgddgd"
    model = items("web_search_pairwise", pretraining_steps=0)
    assert "".join(model.phase_at(step)[0] for step in range(6)) == "gddgdd"


@pytest.mark.parametrize(
    ("game", "expected"),
    [
        (Game(), 2 / (1 + np.exp(-0.7)) - 1),
        (Game(reward="softplus"), np.log1p(np.exp(0.7))),
        (GAMES["web_search_pairwise"], -np.log1p(np.exp(2.0 - 0.7))),
        (GAMES["question_answering"], 2 / (1 + np.exp(-(0.05 - 2.0 + 0.7))) - 1),
    ],
)
def test_rewards(game, expected):
    assert float(earned(game, 0.7, 2.0)) == pytest.approx(expected, rel=1e-5)


def test_sheets_show_the_best_candidates():
    model, data = items(), TinyItems().data()
    batch = next(iter(data.test(3)))
    batch["valid"] = batch["valid"] & (np.arange(20) < [[20], [20], [5]])
    (column,) = model.samples(batch).values()
    scores = np.where(batch["valid"], arrays(model.generator, batch)[3], -np.inf)
    for text, score, relevant in zip(column.numpy(), scores, batch["relevant"], strict=True):
        order = [i for i in np.argsort(-score)[:10] if np.isfinite(score[i])]
        words = [f"{i}*" if relevant[i] else f"{i}" for i in order]
        assert text.decode() == " ".join(words)


def test_more_draws_than_candidates():
    uniform = tf.zeros((1, 4))
    with pytest.raises(ValueError, match="draws must be at most .* Received: draws=5, 4 cand"):
        draws.without_replacement(uniform, uniform, 5)


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("temperature", 0, "more than 0"),
        ("proposal_temperature", -1.0, "more than 0"),
        ("negatives_temperature", 0.0, "more than 0"),
        ("samples_per_relevant", 0, "more than 0"),
        ("negatives", -1, "more than 0"),
        ("dynamic_negatives", 0, "more than 0"),
        ("discriminator_clip", 0.0, "more than 0"),
        ("discriminator_penalty", -0.1, "at least 0"),
        ("proposal_relevant", 1.0, "in .0, 1."),
        ("temperature", float("nan"), "more than 0"),
    ],
)
def test_numbers_out_of_range(option, value, expected):
    with pytest.raises(ValueError, match=f"{option} must be {expected}. Received: {option}="):
        Game(**{option: value})


def test_wrong_arguments():
    with pytest.raises(ValueError, match="game must be one of .* Received: game='chess'"):
        IRGAN(TinyItems.scorer, "chess")
    with pytest.raises(ValueError, match="kind must be one of .* Received: kind='trees'"):
        IRGAN({"kind": "trees"})
    vocabulary, tokens = Vocabulary(["a"]), {"kind": "tokens", "vocabulary": 3}
    for scorer, length in ((tokens, None), (tokens | {"vocabulary": 4}, 8), (TinyItems.scorer, 8)):
        with pytest.raises(ValueError, match="scorer must have vocabulary=3, .* and length be"):
            IRGAN(scorer, vocabulary=vocabulary, length=length)
    with pytest.raises(ValueError, match="must not both be 0"):
        IRGAN(TinyItems.scorer, discriminator_steps=0, generator_steps=0)
    with pytest.raises(ValueError, match="reward must be one of .*'log_sigmoid'.*"):
        Game(loss="hinge")
    with pytest.raises(ValueError, match="must be off in a pairwise game"):
        Game(loss="hinge", reward="log_sigmoid")
    with pytest.raises(ValueError, match="replacement must be True"):
        Game(replacement=False)
    with pytest.raises(ValueError, match="reported must be"):
        Game(reported="both")


def test_the_authors_optimizers_are_the_defaults():
    model = IRGAN(TinyItems.scorer, pretraining_steps=1)
    model.compile(generator_learning_rate=0.5)
    rates = [float(model.optimizer_of(p).learning_rate) for p in model.players()]
    assert rates == pytest.approx([0.05, 0.001, 0.5])
