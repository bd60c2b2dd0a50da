"""Text to tokens and back, in this process and in a served graph."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.serving import c_program
from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.sequences import Sequences
from tfgan_apps.vocabulary import END, UNKNOWN, Vocabulary

VERSES = ["春眠不觉晓", "处处闻啼鸟", "夜来风雨声", "花落知多少"]


def split(text, **kwargs):
    words = Vocabulary([], **kwargs).split(tf.constant([text])).to_list()[0]
    return [word.decode() for word in words]


def texts(vocabulary, tokens):
    return [text.decode() for text in vocabulary.to_text(np.int32(tokens)).numpy()]


def test_words_are_sorted_by_frequency_then_by_code_points():
    vocabulary = Vocabulary.from_texts(["b a c", "a C c", "é a"])
    assert vocabulary.words == ["a", "c", "C", "b", "é"] and len(vocabulary) == 7
    assert Vocabulary.from_texts(["b a c", "a C c"], min_count=2).words == ["a", "c"]
    assert Vocabulary.from_texts(["b a c", "a C c"], max_words=1).words == ["a"]
    assert Vocabulary.from_texts(["b a c", "a C c"], lower=True).words == ["c", "a", "b"]


def test_tokens_of_texts():
    vocabulary = Vocabulary(["the", "cat", "sat"])
    tokens = vocabulary.to_tokens(tf.constant(["the cat", "", "cat dog sat the", "\ufffd"]), 3)
    assert (END, UNKNOWN) == (0, 1) and tokens.dtype == tf.int32
    np.testing.assert_array_equal(tokens, [[2, 3, 0], [0, 0, 0], [3, 1, 4], [1, 0, 0]])


def test_no_texts_and_none_but_empty_ones():
    vocabulary = Vocabulary(["the", "cat"])
    assert vocabulary.to_tokens(tf.constant([], tf.string), 3).shape == (0, 3)
    np.testing.assert_array_equal(vocabulary.to_tokens(["", " "], 2), np.zeros((2, 2)))
    assert vocabulary.to_text(np.zeros((0, 3), np.int32)).shape == (0,)


def test_texts_of_tokens_stop_at_the_first_end():
    vocabulary = Vocabulary(["the", "cat", "sat"])
    tokens = [[2, 3, 0], [0, 0, 0], [3, 0, 4], [4, 1, 2]]
    assert texts(vocabulary, tokens) == ["the cat", "", "cat", "sat \ufffd the"]


def test_tokens_out_of_the_vocabulary_are_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="not in"):
        Vocabulary(["the"]).to_text(tf.constant([[3]]))


def test_white_space_of_any_kind():
    text = "\u3000a\tb\u00a0 c\r\n\vd\u2003"
    assert split(text) == ["a", "b", "c", "d"]
    assert split(text, level="characters") == list("a b c d")


def test_lower_case_beyond_ascii():
    assert split("ÄRGER Ωmega ЖУК", lower=True) == ["ärger", "ωmega", "жук"]


def test_punctuation():
    text = 'A man\'s well-known cat, "Tom": 5,000$ (really?!)。他说：“好”'
    expected = 'A man \'s well-known cat , " Tom " : 5 , 000 $ ( really ? ! ) 。 他说 ： “ 好 ”'
    assert split(text, separate_punctuation=True) == expected.split()
    assert split("a cat, too") == ["a", "cat,", "too"]


def test_bytes_that_are_not_utf8_are_unknown():
    vocabulary = Vocabulary(["a", "b"], level="characters")
    np.testing.assert_array_equal(vocabulary.to_tokens([b"a\xffb", b"\xe7\xa7"], 3)[0], [2, 1, 3])
    assert vocabulary.to_tokens([b"\xe7\xa7"], 3)[0, 0] == UNKNOWN


@pytest.mark.parametrize("level", ["words", "characters"])
def test_chinese(level):
    lines = VERSES if level == "characters" else [" ".join(verse) for verse in VERSES]
    vocabulary = Vocabulary.from_texts(lines, level=level)
    assert vocabulary.words[0] == "处" and len(vocabulary) == 2 + 19
    tokens = vocabulary.to_tokens(lines, 5)
    assert texts(vocabulary, tokens) == lines and (tokens.numpy() > UNKNOWN).all()


@pytest.mark.parametrize(
    "kwargs", [{}, {"level": "characters"}, {"lower": True, "separate_punctuation": True}]
)
def test_what_is_written_is_read_as_it_was(kwargs):
    lines = ["It's 5 o'clock, -- isn't it?", "'Tis ``odd'' ...", "x\ufffdy — İstanbul ’s"]
    vocabulary = Vocabulary.from_texts(lines, **kwargs)
    rng = np.random.default_rng(0)
    tokens = rng.integers(UNKNOWN, len(vocabulary), (500, 6), np.int32)
    if " " in vocabulary.words:  # two spaces become one
        tokens = tokens[~(tokens == 2 + vocabulary.words.index(" ")).any(axis=1)]
    np.testing.assert_array_equal(vocabulary.to_tokens(vocabulary.to_text(tokens), 6), tokens)


def test_config():
    vocabulary = Vocabulary.from_texts(["A b, c"], lower=True, separate_punctuation=True)
    config = keras.saving.serialize_keras_object(vocabulary)
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == vocabulary.get_config()
    np.testing.assert_array_equal(again.to_tokens(["B, x"], 3), vocabulary.to_tokens(["B, x"], 3))


@pytest.mark.parametrize(
    "words, kwargs, message",
    [
        (["a"], {"level": "bytes"}, r"level must be one of .* Received: level='bytes'"),
        (["a"], {"level": "characters", "separate_punctuation": True}, "False for characters"),
        (["a", "b", "a"], {}, r"repeated \['a'\]"),
        (["a", "A"], {"lower": True}, r"split otherwise \['A'\]"),
        (["a b", "", "c"], {}, r"split otherwise \['a b', ''\]"),
        (["a,"], {"separate_punctuation": True}, r"split otherwise \['a,'\]"),
        (["ab"], {"level": "characters"}, r"split otherwise \['ab'\]"),
        (["\ufffd"], {}, "words must be distinct, without '\ufffd'"),
    ],
)
def test_what_cannot_be_a_vocabulary(words, kwargs, message):
    with pytest.raises(ValueError, match=message):
        Vocabulary(words, **kwargs)


def test_another_program_than_python_reads_the_table(program, tmp_path):
    vocabulary = Vocabulary.from_texts(["The cat", *VERSES], level="words", lower=True)
    module = tf.Module()
    module.tables = vocabulary.tables

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def known(text):
        return {"text": vocabulary.to_text(vocabulary.to_tokens(text, 3))}

    tf.saved_model.save(module, tmp_path / "known", signatures=known)
    inputs = {"text": ["a CAT", VERSES[0], "", "the the the the"]}
    answer = c_program.run(program, tmp_path / "known", "serving_default", inputs)
    assert [text.decode() for text in answer] == ["\ufffd cat", VERSES[0], "", "the the the"]


def test_numbers_out_of_their_range():
    with pytest.raises(ValueError, match="must be >= 1. Received: min_count=1, max_words=0"):
        Vocabulary.from_texts(["a"], max_words=0)


class Unigrams:
    """Every token of a vocabulary but the end is as likely as its logit says."""

    def __init__(self, size):
        self.logits = tf.Variable(tf.range(size, dtype=tf.float32) / size)

    def sample(self, seed):
        uniforms = served_model.uniform(seed, (6,))
        return UNKNOWN + tf.cast(uniforms * float(self.logits.shape[0] - 1), tf.int32)

    def log_likelihood(self, tokens):
        return tf.gather(tf.nn.log_softmax(self.logits), tokens)


@pytest.mark.parametrize("level", ["words", "characters"])
def test_a_served_model_reads_and_writes_text(tmp_path, level):
    lines = VERSES if level == "characters" else [" ".join(verse) for verse in VERSES]
    vocabulary = Vocabulary.from_texts(["Cat", *lines], level=level, lower=True)
    model = Unigrams(len(vocabulary))
    served = Sequences(
        model.sample,
        model.log_likelihood,
        [model.logits],
        6,
        vocabulary.to_text,
        lambda text: vocabulary.to_tokens(text, 6),
        vocabulary.tables,
    )
    loaded = tf.saved_model.load(export_saved_model(served, tmp_path / "text"))
    seeds = tf.range(20)
    written = loaded.signatures["serving_default"](seed=seeds)["text"]
    np.testing.assert_array_equal(vocabulary.to_tokens(written, 6), model.sample(seeds))
    sent = [lines[0], "a CAT", "zebra 犬", "", b"\xff", lines[1] * 9]
    scores = loaded.signatures["score"](text=tf.constant(sent))["log_likelihood"]
    tokens = vocabulary.to_tokens(sent, 6)
    assert (tokens[0, :5].numpy() > UNKNOWN).all() and tokens[2, 0] == UNKNOWN
    np.testing.assert_array_equal(scores, model.log_likelihood(tokens))
