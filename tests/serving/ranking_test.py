"""What signatures of rankings answer."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.models import IRGAN
from tfgan_apps.serving.export import ExportError, export_saved_model
from tfgan_apps.serving.ranking import parse_documents

ITEMS = {"kind": "factorization", "queries": 6, "candidates": 12, "spread": 1.0}
DOCUMENTS = {"kind": "features", "features": 3, "hidden": 4}
TOKENS = {"kind": "tokens", "vocabulary": 20, "filters": 4, "embedding": 5}


def exported(scorer, game, path, **kwargs):
    """Returns the model and the signatures of its export."""
    keras.utils.set_random_seed(1)
    model = IRGAN(scorer, game, **kwargs)
    loaded = tf.saved_model.load(export_saved_model(model.serving(), path / "ranker"))
    return model, loaded.signatures


def test_a_users_best_items(tmp_path):
    model, signatures = exported(ITEMS, "item_recommendation", tmp_path, top=4)
    answers = signatures["serving_default"](user=tf.constant([5, 0, 5]))["ranking"].numpy()
    assert answers[0] == answers[2]
    scores = model.generator({"query": np.array([5, 0])})["scores"].numpy()
    for answer, score in zip(answers, scores, strict=False):
        best = np.argsort(-score)[:4]
        assert [entry["item"] for entry in json.loads(answer)] == best.tolist()
        found = [entry["score"] for entry in json.loads(answer)]
        np.testing.assert_allclose(found, score[best], atol=1e-4)


def test_a_users_ranking_of_candidates(tmp_path):
    model, signatures = exported(ITEMS, "item_recommendation", tmp_path)
    candidates = np.array([[7, 3, 11, -1], [2, -1, -1, -1]], np.int32)
    answer = signatures["rank"](user=tf.constant([1, 4]), candidates=tf.constant(candidates))
    score = model.generator({"query": np.array([1])})["scores"].numpy()[0]
    expected = sorted([7, 3, 11], key=lambda item: -score[item])
    assert answer["ranked"].numpy().tolist() == [[*expected, -1], [2, -1, -1, -1]]
    np.testing.assert_allclose(answer["scores"][0], [*score[expected], 0], rtol=1e-5)


def test_documents_as_text_and_as_features(tmp_path):
    """The discriminator ranks in the pairwise game; a file's lines may be sent as they are."""
    model, signatures = exported(DOCUMENTS, "web_search_pairwise", tmp_path)
    texts = ["2 qid:1 1:0.5 3:1 #docid = 4:4\n0 qid:1 2:-2e-1\n1 qid:1 1:9\n", "1:0.1\n\n3:0.3"]
    features = [[[0.5, 0, 1], [0, -0.2, 0], [9, 0, 0]], [[0.1, 0, 0], [0, 0, 0.3], [0, 0, 0]]]
    features = np.array(features, np.float32)
    answers = signatures["serving_default"](documents=tf.constant(texts))["ranking"].numpy()
    count = tf.constant([3, 2])
    numbers = signatures["rank"](features=tf.constant(features), count=count)
    scores = model.discriminator({"features": features})["scores"].numpy()
    for i, (answer, known) in enumerate(zip(answers, (3, 2), strict=True)):
        expected = np.argsort(-scores[i, :known]).tolist()
        assert [entry["item"] for entry in json.loads(answer)] == expected
        assert numbers["ranked"][i].numpy().tolist() == [*expected, -1][:3]


def test_a_feature_too_many_fails():
    with pytest.raises(tf.errors.InvalidArgumentError, match="does not index into shape"):
        parse_documents(tf.constant("4:0.5"), 3)


def test_answers_of_a_question(tmp_path):
    model, signatures = exported(TOKENS, "question_answering", tmp_path)
    tokens = np.random.default_rng(0).integers(0, 20, (2, 5, 7), np.int32)
    request = {"question": tf.constant(tokens[:, 0]), "answers": tf.constant(tokens[:, 1:])}
    answer = signatures["serving_default"](**request)
    scores = model.generator(request)["scores"].numpy()
    np.testing.assert_array_equal(answer["ranked"], np.argsort(-scores, 1))
    np.testing.assert_allclose(answer["scores"], -np.sort(-scores, 1), rtol=1e-5)


def test_scores_that_are_not_finite_are_refused(tmp_path):
    model = IRGAN(ITEMS)
    model.generator.weights[2].assign(np.full(12, np.nan, "float32"))
    with pytest.raises(ExportError, match="'rank' must give finite outputs"):
        export_saved_model(model.serving(), tmp_path / "ranker")
