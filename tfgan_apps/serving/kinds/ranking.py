"""Serving of rankings: a user, or a query with its candidates, in; the best candidates out."""

import numpy as np
import tensorflow as tf

from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature
from tfgan_apps.vocabulary import UNKNOWN

TOKENS = 8
"""Tokens of the questions and answers that an export is checked with."""
_IN_RANGE = "indices must count from 1, to the number of features. Received:"


class Ranking(ServedModel):
    """The signatures of a scorer of candidates.

    | kind | signature | inputs | outputs |
    |---|---|---|---|
    | `factorization` | `serving_default` | `user` | `ranking`, of all items |
    | | `rank` | `user`, `candidates` (batch, n), -1 is padding | `ranked`, `scores` |
    | `features` | `serving_default` | `documents`, lines `1:0.5 2:0.25 ...` | `ranking` |
    | | `rank` | `features` (batch, n, features), `count` (batch,) | `ranked`, `scores` |
    | `tokens` | `serving_default` | `question` (batch, m), `answers` (batch, n, k) | as `rank` |

    With a vocabulary `question` (batch,) and `answers` (batch, n) are texts, UTF-8, words with
    spaces between them; an empty answer is padding.

    `ranking` is JSON text of the best, `[{"item": 49, "score": 3.2100}, ...]`; items of documents
    are their lines, from 0, of which blank ones do not count. A line may be one of a LETOR or
    libsvm file: its grade, query and comment are passed over. `ranked` (int32) and `scores`
    (float32), both (batch, n), are the candidates, or their indices from 0, best first; what is
    padding comes last, as -1 and 0. What a user rated in training is ranked like all other items;
    `rank` takes those that are wanted.

    Args:
        score: function of the scorer's inputs by name -> scores (batch, candidates).
        variables: list of `tf.Variable`s that it reads.
        scorer: dict, `kind` and sizes; see `models.irgan.scorers.build_scorer`.
        top: int, candidates in `ranking`, at most.
        tolerance: float, of the scores. Defaults to that of float32.
        vocabulary: `Vocabulary` of the tokens. Defaults to None: tokens are sent.
        length: int, tokens that texts are filled or cut to; needed with a vocabulary.
    """

    def __init__(
        self,
        score,
        variables,
        scorer,
        top=10,
        tolerance=served_model.FLOAT32_TOLERANCE,
        vocabulary=None,
        length=None,
    ):
        self._score = score
        self._variables = list(variables)
        self.scorer = dict(scorer)
        self.top = top
        self._tolerance = tolerance
        self.vocabulary = vocabulary
        self.length = length
        self.offered = self._offered()

    @property
    def variables(self):
        return self._variables

    @property
    def tables(self):
        return self.vocabulary.tables if self.vocabulary else []

    def tolerance(self, signature):
        return self._tolerance

    def _offered(self):
        kind = self.scorer["kind"]
        if kind == "factorization":
            user = tf.TensorSpec([None], tf.int32, "user")
            candidates = tf.TensorSpec([None, None], tf.int32, "candidates")
            return {
                "serving_default": Signature([user], self._best_items, self._users),
                "rank": Signature([user, candidates], self._rank_items, self._users_candidates),
            }
        if kind == "features":
            shape = [None, None, self.scorer["features"]]
            documents = [tf.TensorSpec([None], tf.string, "documents")]
            inputs = [
                tf.TensorSpec(shape, tf.float32, "features"),
                tf.TensorSpec([None], tf.int32, "count"),
            ]
            return {
                "serving_default": Signature(documents, self._best_documents, self._documents),
                "rank": Signature(inputs, self._rank_features, self._features),
            }
        token = [] if self.vocabulary else [None]
        item = tf.string if self.vocabulary else tf.int32
        inputs = [
            tf.TensorSpec([None, *token], item, "question"),
            tf.TensorSpec([None, None, *token], item, "answers"),
        ]
        return {"serving_default": Signature(inputs, self._rank_answers, self._questions)}

    def _best_items(self, user):
        items = tf.range(self.scorer["candidates"])
        return {"ranking": self._texts(lambda user: self._item_scores(user, items), user)}

    def _rank_items(self, user, candidates):
        def rank(example):
            user, items = example
            return _ranked(self._item_scores(user, tf.maximum(items, 0)), items >= 0, items)

        return _each(rank, (user, candidates))

    def _item_scores(self, user, items):
        return tf.gather(self._score(query=user[None])[0], items)

    def _best_documents(self, documents):
        def scores(text):
            features = parse_documents(text, self.scorer["features"])
            scores = self._score(features=features[None])[0]
            # What is not finite would be no JSON; finite features can be too large for the network.
            return tf.debugging.check_numerics(scores, "scores must be finite")

        return {"ranking": self._texts(scores, documents)}

    def _rank_features(self, features, count):
        def rank(example):
            features, count = example
            places = tf.range(tf.shape(features)[0])
            return _ranked(self._score(features=features[None])[0], places < count, places)

        return _each(rank, (features, count))

    def _rank_answers(self, question, answers):
        def rank(example):
            question, answers = example
            places = tf.range(tf.shape(answers)[0])
            valid = tf.ones_like(places, tf.bool)
            if self.vocabulary:
                valid = answers != ""
                question = self.vocabulary.to_tokens(question[None], self.length)[0]
                answers = self.vocabulary.to_tokens(answers, self.length)
            scores = self._score(question=question[None], answers=answers[None])[0]
            return _ranked(scores, valid, places)

        return _each(rank, (question, answers))

    def _texts(self, scores, inputs):
        def text(example):
            found = scores(example)
            best = tf.math.top_k(found, tf.minimum(self.top, tf.size(found)))
            parts = ['{"item": ', tf.strings.as_string(best.indices)]
            parts += [', "score": ', tf.strings.as_string(best.values, precision=4), "}"]
            entries = tf.strings.reduce_join(tf.strings.join(parts), separator=", ")
            return tf.strings.join(["[", entries, "]"])

        return tf.map_fn(text, inputs, fn_output_signature=tf.TensorSpec((), tf.string))

    def _users(self, size):
        return {"user": np.arange(size, dtype=np.int32) % self.scorer["queries"]}

    def _users_candidates(self, size):
        items = np.arange(min(20, self.scorer["candidates"]), dtype=np.int32)
        candidates = np.tile(items, (size, 1))
        candidates[:, -1] = -1
        return {**self._users(size), "candidates": candidates}

    def _features(self, size):
        rng = np.random.default_rng(0)
        features = rng.random((size, 4, self.scorer["features"]), np.float32)
        return {"features": features, "count": np.full(size, 3, np.int32)}

    def _documents(self, size):
        return {"documents": np.array([_text(rows) for rows in self._features(size)["features"]])}

    def _questions(self, size):
        rng = np.random.default_rng(0)
        tokens = rng.integers(UNKNOWN, self.scorer["vocabulary"], (size, 4, TOKENS), np.int32)
        if self.vocabulary:
            tokens = self.vocabulary.to_text(tf.constant(tokens)).numpy()
        return {"question": tokens[:, 0], "answers": tokens[:, 1:]}


def parse_documents(text, number):
    """Returns the features of documents, float32 (documents, number).

    Args:
        text: string scalar, a line per document of pairs `index:value`, where indices count from 1
            and absent values are 0; other words, and what follows a #, are passed over.
        number: int, features.

    Raises:
        tf.errors.InvalidArgumentError: a line that is not blank has no pair, an index is not in
            [1, number], or a value is not a finite number.
    """
    lines = tf.strings.split(tf.strings.regex_replace(text, "#[^\n]*", ""), "\n")
    lines = tf.boolean_mask(lines, tf.strings.regex_full_match(lines, r".*\S.*"))
    words = tf.strings.split(lines)
    pairs = tf.strings.regex_full_match(words.values, r"\d+:\S+")
    row = tf.boolean_mask(words.value_rowids(), pairs)
    described = tf.size(tf.unique(row).y) == tf.size(lines)
    parts = tf.strings.split(tf.boolean_mask(words.values, pairs), ":").to_tensor(shape=(None, 2))
    column = tf.strings.to_number(parts[:, 0], tf.int64) - 1
    value = tf.strings.to_number(parts[:, 1])
    shape = tf.stack([tf.size(lines, tf.int64), number])
    expected = [
        (described, "documents must have index:value pairs in each line. Received:", text),
        (tf.reduce_all((0 <= column) & (column < number)), _IN_RANGE, column + 1),
        (tf.reduce_all(tf.math.is_finite(value)), "values must be finite. Received:", value),
    ]
    checks = [tf.debugging.Assert(fits, [wanted, found]) for fits, wanted, found in expected]
    with tf.control_dependencies(checks):
        return tf.scatter_nd(tf.stack([row, column], 1), value, shape)


def _ranked(scores, valid, candidates):
    order = tf.argsort(tf.where(valid, scores, -float("inf")), direction="DESCENDING", stable=True)
    ranked = tf.gather(tf.where(valid, candidates, -1), order)
    return ranked, tf.gather(tf.where(valid, scores, 0.0), order)


def _each(rank, inputs):
    # One example after the other: no answer depends on the others, to the last bit. Of none the
    # number of candidates would be unknown, so that an empty batch has one, which is cut off.
    size = tf.shape(inputs[0])[0]
    inputs = tuple(tf.cond(size > 0, lambda x=x: x, lambda x=x: _one(x)) for x in inputs)
    specs = (tf.TensorSpec([None], tf.int32), tf.TensorSpec([None], tf.float32))
    ranked, scores = tf.map_fn(rank, inputs, fn_output_signature=specs)
    return {"ranked": ranked[:size], "scores": scores[:size]}


def _one(values):
    """Returns an example of zeros, or empty strings, of the shape that a batch's have."""
    shape = tf.concat([[1], tf.shape(values)[1:]], 0)
    return tf.zeros(shape, values.dtype)


def _text(rows):
    lines = [" ".join(f"{i}:{value:.6g}" for i, value in enumerate(row, 1)) for row in rows]
    return "\n".join(lines)
