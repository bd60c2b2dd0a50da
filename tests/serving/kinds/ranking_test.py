"""What signatures of rankings answer."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.input_pipelines.question_answers import QuestionAnswers
from tfgan_apps.models import IRGAN
from tfgan_apps.serving.export import ExportError, export_saved_model
from tfgan_apps.serving.kinds.ranking import parse_documents

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


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ("1:1\n4:0.5", "indices must count from 1, to the number of features. Received:.*4"),
        ("0:0.5", "indices must count from 1, to the number of features. Received:.*0"),
        ("1:nan", "values must be finite. Received:.*nan"),
        ("1:1\n2:inf", "values must be finite. Received:.*inf"),
        ("1:1\nhello world", "must have index:value pairs in each line. Received:.*hello world"),
    ],
)
def test_documents_that_are_none_are_refused(documents, expected, tmp_path):
    expected = f"(?s){expected}"
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        parse_documents(tf.constant(documents), 3)
    _, signatures = exported(DOCUMENTS, "web_search_pairwise", tmp_path)
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        signatures["serving_default"](documents=tf.constant(["1:1", documents]))


def test_features_too_large_for_the_network_are_refused(tmp_path):
    _, signatures = exported(DOCUMENTS, "web_search_pairwise", tmp_path)
    text = " ".join(f"{i}:3e38" for i in (1, 1, 2, 2, 3, 3))
    with pytest.raises(tf.errors.InvalidArgumentError, match="scores must be finite"):
        signatures["serving_default"](documents=tf.constant([text]))


def test_no_examples_have_no_answers(tmp_path):
    _, signatures = exported(ITEMS, "item_recommendation", tmp_path / "items")
    none = tf.zeros((0, 3), tf.int32)
    answer = signatures["rank"](user=none[:, 0], candidates=none)
    assert answer["ranked"].shape == answer["scores"].shape == (0, 3)
    assert signatures["serving_default"](user=none[:, 0])["ranking"].shape == (0,)
    _, signatures = exported(DOCUMENTS, "web_search_pairwise", tmp_path / "documents")
    answer = signatures["rank"](features=tf.zeros((0, 2, 3)), count=none[:, 0])
    assert answer["ranked"].shape == answer["scores"].shape == (0, 2)


def test_answers_of_a_question(tmp_path):
    model, signatures = exported(TOKENS, "question_answering", tmp_path)
    tokens = np.random.default_rng(0).integers(0, 20, (2, 5, 7), np.int32)
    request = {"question": tf.constant(tokens[:, 0]), "answers": tf.constant(tokens[:, 1:])}
    answer = signatures["serving_default"](**request)
    scores = model.generator(request)["scores"].numpy()
    np.testing.assert_array_equal(answer["ranked"], np.argsort(-scores, 1))
    np.testing.assert_allclose(answer["scores"], -np.sort(-scores, 1), rtol=1e-5)


def test_answers_as_text(tmp_path):
    """Texts are tokenized and filled as in training; an empty answer is none."""
    data = QuestionAnswers(
        [("what is a", "it is a b"), ("what is b", "it is b b")],
        [("what is a", [("it is a b", True), ("no b", False), ("it is b", False)])],
        length=6,
        pool=2,
    )
    scorer = TOKENS | {"vocabulary": len(data.vocabulary)}
    text = {"vocabulary": data.vocabulary, "length": data.length}
    model, signatures = exported(scorer, "question_answering", tmp_path, **text)
    answers = ["it  is a b", "", "no b", "it is b"]
    (batch,) = data.test(1)
    scores = model(batch).numpy()[0]
    answer = signatures["serving_default"](
        question=tf.constant(["what is a", "b"]), answers=tf.constant([answers, [""] * 4])
    )
    places, order = np.array([0, 2, 3]), np.argsort(-scores)
    assert answer["ranked"].numpy().tolist() == [[*places[order], -1], [-1] * 4]
    np.testing.assert_allclose(answer["scores"], [[*scores[order], 0], [0] * 4], rtol=1e-5)
    none = signatures["serving_default"](
        question=tf.zeros([0], tf.string), answers=tf.zeros([0, 2], tf.string)
    )
    assert none["ranked"].shape == (0, 2)
    again = IRGAN.from_config(model.get_config())
    assert again.vocabulary.words == data.vocabulary.words and again.length == 6


def test_scores_that_are_not_finite_are_refused(tmp_path):
    model = IRGAN(ITEMS)
    model.generator.weights[2].assign(np.full(12, np.nan, "float32"))
    with pytest.raises(ExportError, match="'rank' must give finite outputs"):
        export_saved_model(model.serving(), tmp_path / "ranker")
