"""Vocabulary: text to tokens and back in TensorFlow ops alone, in training and when served."""

import collections
import hashlib

import keras
import tensorflow as tf

LEVELS = ("words", "characters")
END, UNKNOWN = 0, 1
_UNKNOWN_SIGN = "\ufffd"  # Unicode's own sign for what cannot be represented
_SPACES = r"[\s\v\pZ]+"
_PUNCTUATION = r"([^\pL\pN\pM\s'’-])"
_APOSTROPHE = r"(['’])"


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Vocabulary:
    """The words, or characters, that tokens stand for.

    Token 0 ends a text and fills the rest of its sequence; as no text begins with it, it is also
    the token that a model starts from. Token 1 stands for what is not in the vocabulary and is
    written U+FFFD. The words follow from 2 on.

    Text is normalized first: white space of any kind becomes one space between words and none at
    the ends. Bytes that are not UTF-8 become U+FFFD. Characters are Unicode's code points; accents
    are not composed. Texygen's vocabularies differ: words from 0 on, `len(words)` ends a text.

    Args:
        words: sequence of distinct str, as `split` gives them: the most frequent first.
        level: "words", split at white space, or "characters". Defaults to "words".
        lower: bool, text is turned to lower case. Defaults to False.
        separate_punctuation: bool, marks and symbols become words of their own, except that an
            apostrophe begins a word (man 's) and a hyphen stays inside (well-known). Only for
            words. Defaults to False.

    Raises:
        ValueError: the level is unknown, characters shall have their punctuation separated, or
            words repeat or could never be found in a text.
    """

    def __init__(self, words, level="words", lower=False, separate_punctuation=False):
        if level not in LEVELS:
            raise ValueError(f"level must be one of {LEVELS}. Received: level={level!r}")
        if level == "characters" and separate_punctuation:
            raise ValueError(
                "separate_punctuation must be False for characters. "
                f"Received: separate_punctuation={separate_punctuation}"
            )
        self.words = list(words)
        self.level = level
        self.lower = lower
        self.separate_punctuation = separate_punctuation
        self._check_words()
        self._entries = tf.constant(["", _UNKNOWN_SIGN, *self.words])
        ids = tf.range(len(self), dtype=tf.int32)
        initializer = tf.lookup.KeyValueTensorInitializer(self._entries, ids)
        self._ids = tf.lookup.StaticHashTable(initializer, UNKNOWN)

    @classmethod
    def from_texts(cls, texts, min_count=1, max_words=None, **kwargs):
        """Makes the vocabulary of some texts, sorted by frequency, then by code points.

        Args:
            texts: sequence of str.
            min_count: int >= 1, how often a word must occur. Defaults to 1.
            max_words: int, keep so many, the most frequent. Defaults to None, all.
            **kwargs: `level`, `lower` and `separate_punctuation` of the vocabulary.

        Raises:
            ValueError: when a number is out of its range.
        """
        if min_count < 1 or (max_words is not None and max_words < 1):
            raise ValueError(
                "min_count and max_words must be >= 1. "
                f"Received: min_count={min_count}, max_words={max_words}"
            )
        split = cls([], **kwargs).split(tf.constant(list(texts), tf.string))
        counts = collections.Counter(word.decode() for word in split.values.numpy())
        del counts[_UNKNOWN_SIGN]
        frequent = [word for word, count in counts.items() if count >= min_count]
        return cls(sorted(frequent, key=lambda word: (-counts[word], word))[:max_words], **kwargs)

    def __len__(self):
        """Returns the number of tokens, those for the end and the unknown included."""
        return len(self.words) + 2

    @property
    def fingerprint(self):
        """str that changes when a token's meaning does."""
        return hashlib.sha256(repr(self.get_config()).encode()).hexdigest()

    @property
    def tables(self):
        """The lookup tables in `to_tokens`, which an exported model has to name."""
        return [self._ids]

    def split(self, text):
        """Normalizes texts and splits them.

        Args:
            text: strings (B,), UTF-8.

        Returns:
            Ragged tensor of strings (B, None), words or characters.
        """
        text = tf.strings.unicode_transcode(text, "UTF-8", "UTF-8")
        if self.lower:
            text = tf.strings.lower(text, encoding="utf-8")
        if self.separate_punctuation:
            text = tf.strings.regex_replace(text, _PUNCTUATION, r" \1 ")
            text = tf.strings.regex_replace(text, _APOSTROPHE, r" \1")
        text = tf.strings.strip(tf.strings.regex_replace(text, _SPACES, " "))
        if self.level == "words":
            return tf.strings.split(text)
        return tf.strings.unicode_split(text, "UTF-8")

    def to_tokens(self, text, length):
        """Returns the tokens of texts; what is beyond `length` is cut off.

        Args:
            text: strings (B,), UTF-8.
            length: int >= 1.

        Returns:
            int32 tensor (B, length).
        """
        words = self.split(text)
        tokens = words.with_flat_values(self._ids.lookup(words.flat_values))
        return tokens.to_tensor(END, shape=(None, length))

    def unknown_words(self, text):
        """Returns the words of texts that are not in the vocabulary, with a space between them.

        Args:
            text: strings (B,), UTF-8.

        Returns:
            Strings (B,), normalized as `split` does; empty where all words are known.
        """
        words = self.split(text)
        unknown = words.with_flat_values(self._ids.lookup(words.flat_values) == UNKNOWN)
        return tf.strings.reduce_join(tf.ragged.boolean_mask(words, unknown), -1, separator=" ")

    def to_text(self, tokens):
        """Returns what tokens stand for up to the first end, words with a space between them.

        Args:
            tokens: int32 tensor (B, length), in [0, len(vocabulary)).

        Returns:
            Strings (B,), UTF-8.
        """
        before_end = tf.math.cumprod(tf.cast(tokens != END, tf.int32), axis=-1)
        words = tf.gather(self._entries, tokens * before_end)
        separator = " " if self.level == "words" else ""
        return tf.strings.strip(tf.strings.reduce_join(words, axis=-1, separator=separator))

    def get_config(self):
        """Returns the arguments."""
        return {
            "words": self.words,
            "level": self.level,
            "lower": self.lower,
            "separate_punctuation": self.separate_punctuation,
        }

    @classmethod
    def from_config(cls, config):
        """Makes the vocabulary of a config."""
        return cls(**config)

    def _check_words(self):
        found = self.split(tf.constant(self.words, tf.string)).to_list()
        split = dict(zip(self.words, found, strict=True))
        wrong = [word for word in self.words if split[word] != [word.encode()]]
        if self.level == "characters":
            wrong = [word for word in wrong if word != " "]  # one between words, none alone
        repeated = [word for word, count in collections.Counter(self.words).items() if count > 1]
        if wrong or repeated or _UNKNOWN_SIGN in self.words:
            raise ValueError(
                f"words must be distinct, without {_UNKNOWN_SIGN!r}, and each what `split` gives "
                f"for it. Received: split otherwise {wrong[:5]}, repeated {repeated[:5]}"
            )
