"""What signatures of sequence models answer."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.serving.export import ExportError, export_saved_model
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.sequences import Sequences

WORDS = tf.constant(["the", "cat", "sat", "down"])
LENGTH = 6


class Unigrams:
    """Tokens drawn independently from a learned distribution."""

    def __init__(self):
        self.logits = tf.Variable([0.0, 1.0, -1.0, 2.0])

    def sample(self, seed):
        uniforms = served_model.uniform(seed, (LENGTH,))
        bounds = tf.cumsum(tf.nn.softmax(self.logits))
        return tf.reduce_sum(tf.cast(uniforms[..., None] > bounds[:-1], tf.int32), -1)

    def log_likelihood(self, tokens):
        return tf.gather(tf.nn.log_softmax(self.logits), tokens)

    def served(self, **kwargs):
        return Sequences(self.sample, self.log_likelihood, [self.logits], LENGTH, **kwargs)


def to_text(tokens):
    return tf.strings.reduce_join(tf.gather(WORDS, tokens), axis=-1, separator=" ")


def to_tokens(text):
    words = tf.strings.split(text).to_tensor(shape=(None, LENGTH))
    return tf.argmax(words[..., None] == WORDS, -1, tf.int32)


def test_tokens_are_sampled_and_scored(tmp_path):
    model = Unigrams()
    loaded = tf.saved_model.load(export_saved_model(model.served(), tmp_path / "words"))
    tokens = loaded.signatures["serving_default"](seed=tf.range(2000))["tokens"].numpy()
    assert tokens.shape == (2000, LENGTH) and tokens.dtype == np.int32
    probabilities = np.exp([0.0, 1.0, -1.0, 2.0])
    probabilities /= probabilities.sum()
    np.testing.assert_allclose(np.bincount(tokens.flat) / tokens.size, probabilities, atol=0.012)
    scores = loaded.signatures["score"](tokens=tokens[:3])["log_likelihood"].numpy()
    np.testing.assert_allclose(scores, np.log(probabilities)[tokens[:3]], rtol=1e-6)


def test_text_is_sampled_and_scored(tmp_path):
    model = Unigrams()
    served = model.served(to_text=to_text, to_tokens=to_tokens)
    loaded = tf.saved_model.load(export_saved_model(served, tmp_path / "words"))
    seeds = tf.constant([5, 6])
    texts = loaded.signatures["serving_default"](seed=seeds)["text"].numpy()
    tokens = model.sample(seeds).numpy()
    assert list(texts) == [" ".join(WORDS.numpy()[t].astype(str)).encode() for t in tokens]
    scores = loaded.signatures["score"](text=texts)["log_likelihood"]
    np.testing.assert_array_equal(scores, model.log_likelihood(tokens))


def test_samples_that_depend_on_the_batch_are_refused(tmp_path):
    model = Unigrams()
    model.sample = lambda seed: tf.zeros([tf.size(seed), LENGTH], tf.int32) + tf.size(seed)
    model.log_likelihood = lambda tokens: tf.cast(tokens, tf.float32)
    expected = "'tokens' to 0. Received: example 0 alone differs by 2"
    with pytest.raises(ExportError, match=expected):
        export_saved_model(model.served(), tmp_path / "words")


def test_likelihoods_that_are_not_finite_are_refused(tmp_path):
    model = Unigrams()
    model.logits.assign([0.0, np.nan, 0.0, 0.0])
    with pytest.raises(ExportError, match="'score' must give finite outputs"):
        export_saved_model(model.served(), tmp_path / "words")


def test_one_way_between_text_and_tokens_is_not_enough():
    with pytest.raises(ValueError, match="must be given together"):
        Unigrams().served(to_text=to_text)
