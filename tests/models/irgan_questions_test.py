"""IRGAN on questions and answers: its game and its scorer, as the authors have them."""

import dataclasses

import keras
import numpy as np
import pytest

from tests.models.irgan_test import STEPS
from tfgan_apps.input_pipelines.question_answers import question_answers
from tfgan_apps.layers import TextConvolution
from tfgan_apps.models import IRGAN
from tfgan_apps.models.irgan.games import GAMES
from tfgan_apps.models.irgan.scorers import QuestionAnswerScorer, build_scorer


def echo(game, *steps, **kwargs):
    """Returns procedural questions, and a model of their game."""
    data = question_answers("echo", length=8, pool=10, batch_size=4)
    scorer = {"kind": "tokens", "vocabulary": len(data.vocabulary), "filters": 8, "windows": [1, 3]}
    return data, IRGAN({**scorer, "embedding": 8}, game, *steps, **kwargs)


def test_questions_and_answers():
    data, model = echo("question_answering", **STEPS)
    model.compile(**{f"{p}_optimizer": keras.optimizers.Adam(0.01) for p in model.players()})
    before = [w.numpy() for w in model.trainable_weights]
    model.fit(data.train(), steps_per_epoch=6, verbose=0, shuffle=False)
    for old, new in zip(before, model.trainable_weights, strict=True):
        assert np.isfinite(new.numpy()).all() and np.any(old != new.numpy())


@pytest.mark.parametrize("pretraining_steps", [0, 1])
def test_gradients_of_question_answering_are_clipped_in_pretraining_too(pretraining_steps):
    clipped = {"discriminator_clip": 1e-3, "generator_first": False}
    game = dataclasses.replace(GAMES["question_answering"], **clipped)
    data, model = echo(game, pretraining_steps)
    model.compile(**{f"{p}_optimizer": keras.optimizers.SGD(1.0) for p in model.players()})
    before = model.discriminator.get_weights()
    model.train_on_batch(next(iter(data.train())))
    moved = [a - b for a, b in zip(model.discriminator.get_weights(), before, strict=True)]
    assert max(np.abs(m).max() for m in moved) == pytest.approx(1e-3, rel=0.01)


def test_encodings_are_those_of_the_layer():
    """The largest of each filter's answers to all windows, plus its bias, if it is not negative."""
    scorer = QuestionAnswerScorer(vocabulary=9, embedding=3, windows=(1, 2), filters=4)
    scorer.convolution.bias.assign(np.linspace(-0.5, 0.5, 8, dtype="float32"))
    tokens = np.array([[1, 2, 3, 8]])
    x = np.array(scorer.embedding)[tokens[0]]
    found = [
        [np.tensordot(x[i : i + len(kernel)], kernel, 2) for i in range(5 - len(kernel))]
        for kernel in map(np.array, scorer.convolution.kernels)
    ]
    expected = np.concatenate([np.max(answers, 0) for answers in found])
    expected = np.maximum(expected + np.linspace(-0.5, 0.5, 8), 0)
    np.testing.assert_allclose(scorer.encode(tokens)[0], expected, atol=1e-5)
    assert isinstance(scorer.convolution, TextConvolution)


def test_cosine_of_the_encodings():
    network = build_scorer("tokens", "scorer", vocabulary=9, filters=4, embedding=3)
    question, answers = np.array([[1, 2, 3, 4, 5]]), np.array([[[1, 2, 3, 4, 5], [8, 7, 6, 0, 0]]])
    scores = network({"question": question, "answers": answers})["scores"].numpy()
    assert scores[0, 0] == pytest.approx(1, abs=1e-5) and scores[0, 1] < 0.999
