import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import Characters
from tfgan_apps.layers.characters import ALPHABET


def columns(text, **kwargs):
    """Returns the column of each character of a text, -1 for a column of zeros."""
    one_hot = Characters(**kwargs)(tf.constant([text])).numpy()[0]
    assert set(np.unique(one_hot)) <= {0.0, 1.0} and one_hot.sum(-1).max(initial=0) <= 1
    return [int(row.argmax()) if row.any() else -1 for row in one_hot]


def test_the_alphabet_is_the_authors():
    assert len(ALPHABET) == 70 and len(set(ALPHABET)) == 69
    assert [ALPHABET.index(c) for c in "az09-"] == [0, 25, 26, 35, 36]
    assert columns(ALPHABET, length=70) == [*range(36), 59, *range(37, 70)]


def test_text_is_cut_and_filled_with_zeros():
    assert columns("ab c", length=6) == [0, 1, 69, 2, -1, -1]
    assert columns("abc", length=2) == [0, 1]
    assert columns("", length=3) == [-1, -1, -1]
    assert Characters()(tf.constant(["a", "b" * 999])).shape == (2, 201, 70)


def test_capitals_are_small_letters():
    assert columns("Red; A-Z", length=8) == columns("red; a-z", length=8)


@pytest.mark.parametrize(
    "character", ["ö", "€", "\N{WHITE SMILING FACE}", "\t", "\n", "\0", "\x7f"]
)
def test_a_character_outside_the_alphabet_is_one_column_of_zeros(character):
    assert columns(f"a{character}b", length=4) == [0, -1, 1, -1]


def test_bytes_that_are_no_utf_8_are_zeros():
    assert columns(b"a\xffb", length=4) == [0, -1, 1, -1]


def test_another_alphabet():
    assert columns("abcx", length=4, alphabet="cab") == [1, 2, 0, -1]


def test_an_empty_batch():
    assert Characters(5)(tf.constant([], tf.string)).shape == (0, 5, 70)


def test_it_is_saved_and_loaded(tmp_path):
    text = keras.Input((), dtype="string", name="text")
    model = keras.Model(text, Characters(4, "ab")(text))
    assert model.output_shape == (None, 4, 2)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    asked = tf.constant(["ab", "bbbbb"])
    np.testing.assert_array_equal(loaded(asked), model(asked))


def test_wrong_arguments():
    with pytest.raises(ValueError, match="length must be at least 1. Received: length=0"):
        Characters(0)
    with pytest.raises(ValueError, match="alphabet must consist of ASCII .* Received: .*'aö'"):
        Characters(alphabet="aö")
