"""Characters: text to one-hot columns over a fixed alphabet, inside a graph."""

import keras
import numpy as np
import tensorflow as tf

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+-=<>()[]{} "
"""That of the char-CNN-RNN; '-' stands in it twice, and its second place is the one in use."""


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Characters(keras.layers.Layer):
    """Turns texts to one-hot columns, one per character.

    Capitals count as small letters. A character outside the alphabet is a column of zeros, and so
    is what a short text lacks; a long text is cut.

    Args:
        length: int >= 1, columns of a text. Defaults to 201.
        alphabet: str of ASCII characters; of one that is repeated, the last place is used.
            Defaults to `ALPHABET`.

    Call: `text` strings (batch,), UTF-8 -> (batch, length, len(alphabet)) of zeros and ones. XLA
    compiles no strings: the layer stays outside of what it compiles.

    Raises:
        ValueError: `length` is not positive, or the alphabet is not of ASCII characters.

    Reference: https://github.com/reedscot/cvpr2016 at 7988b42,
    util/MultimodalMinibatchLoaderCaption.lua, which knows small letters only.
    """

    def __init__(self, length=201, alphabet=ALPHABET, **kwargs):
        super().__init__(**kwargs)
        if length < 1:
            raise ValueError(f"length must be at least 1. Received: length={length}")
        if not alphabet or not alphabet.isascii():
            raise ValueError(
                f"alphabet must consist of ASCII characters. Received: alphabet={alphabet!r}"
            )
        self.length = length
        self.alphabet = alphabet
        # The column of each code, -1 for none; all that is not ASCII has the code after it.
        self._columns = np.full(129, -1, np.int32)
        for column, character in enumerate(alphabet):
            self._columns[[ord(character.upper()), ord(character.lower())]] = column

    def build(self, shape=None):
        self.built = True

    def call(self, text):
        codes = tf.strings.unicode_decode(text, "UTF-8")
        codes = codes.to_tensor(128, shape=(None, self.length))
        columns = tf.gather(self._columns, tf.minimum(codes, 128))
        return tf.one_hot(columns, len(self.alphabet), dtype=self.compute_dtype)

    def compute_output_spec(self, text):
        shape = (*text.shape, self.length, len(self.alphabet))
        return keras.KerasTensor(shape, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "length": self.length, "alphabet": self.alphabet}
