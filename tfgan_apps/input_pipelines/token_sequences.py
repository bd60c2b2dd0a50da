"""Sequences of tokens: a text, or a file of token ids, one sequence a line, becomes batches."""

import dataclasses
import hashlib
from typing import Literal

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_choice, check_fraction, check_integers
from tfgan_apps.datasets import grammar
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.indexed_data import IndexedData
from tfgan_apps.input_pipelines.sources.lines import Lines, is_utf8
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.vocabulary import END, UNKNOWN, Vocabulary

LEVELS = ("words", "characters", "ids")
_INT32_MAX = np.iinfo(np.int32).max


def token_sequences(
    dataset: str,
    length: int,
    batch_size: int = 1,
    seed: int = 0,
    level: Literal[LEVELS] = "words",
    test: str | None = None,
    test_fraction: float = 0.0,
    truncate: bool = False,
    lower: bool = False,
    separate_punctuation: bool = False,
    min_count: int = 1,
    max_words: int | None = None,
    vocabulary_size=None,
):
    """Opens a set of sequences.

    Args:
        dataset: a file, UTF-8, one sequence a line, or "grammar", the package's procedural
            language: 10,000 sentences, and 1,000 of another seed for test. Characters may have
            blanks between them, in every line; these are no characters then.
        length: tokens of a sequence, at least 1; a shorter text is filled with ends.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        level: what a line is made of: words, characters, or ids, as many token ids as a sequence
            has, with white space between them.
        test: a second file, held out.
        test_fraction: share of the lines that is held out instead of a second file, in [0, 1); the
            same lines whatever the seed.
        truncate: whether lines that are too long are cut, not refused.
        lower: whether text is turned to lower case.
        separate_punctuation: whether marks and symbols are words of their own.
        min_count: rarer words become the unknown word; at least 1.
        max_words: so many words are kept, the most frequent, at least 1; all if not given.
        vocabulary_size: for ids, which must lie below it; the largest id + 1 if not given.

    Returns:
        `TokenSequences`.

    Raises:
        DataError: that lists every line that cannot be used, with the reason and the cure.
        ValueError: when an argument is out of its range, or at odds with another.
    """
    check_integers(1, length=length, batch_size=batch_size, min_count=min_count)
    check_integers(0, seed=seed)
    given = {"max_words": max_words, "vocabulary_size": vocabulary_size}
    check_integers(1, **{name: value for name, value in given.items() if value is not None})
    check_choice(LEVELS, level=level)
    check_fraction(test_fraction=test_fraction)
    splits = _open(dataset, test, test_fraction)
    remarks = []
    if level == "characters" and _are_spaced(splits["train"].texts):
        remarks = ["blanks between the characters are left out"]
        splits = {split: _without_blanks(lines) for split, lines in splits.items()}
    if level == "ids":
        if lower or separate_punctuation or min_count > 1 or max_words is not None:
            raise ValueError(
                "ids have no words to choose or to change. "
                f"Received: lower={lower}, separate_punctuation={separate_punctuation}, "
                f"min_count={min_count}, max_words={max_words}"
            )
        tokens, cut = _read_ids(dataset, splits, length, truncate, vocabulary_size)
        vocabulary = None
    else:
        normal = {"level": level, "lower": lower, "separate_punctuation": separate_punctuation}
        cut = _check_text(dataset, splits, length, truncate, normal)
        texts = [text.decode() for text in splits["train"].texts]
        vocabulary = Vocabulary.from_texts(texts, min_count, max_words, **normal)
        tokens = {
            split: vocabulary.to_tokens(lines.texts, length).numpy()
            for split, lines in splits.items()
        }
    data = TokenSequences(tokens, vocabulary_size, vocabulary, batch_size, seed, dataset)
    data.remarks = remarks + cut
    return data


def _open(dataset, test, test_fraction):
    if sum(map(bool, (test_fraction, test, dataset == "grammar"))) > 1:
        raise ValueError(
            "test and test_fraction exclude each other, and the grammar has its own test. "
            f"Received: dataset={dataset!r}, test={test!r}, test_fraction={test_fraction}"
        )

    def of_file(path):
        lines = Lines.read(path)
        if test_fraction:
            return lines.hold_out(test_fraction)
        return {"train": lines} | ({"test": Lines.read(test)} if test else {})

    return opened(dataset, {"grammar": _grammar}, file=of_file)


def _grammar():
    texts = {"train": grammar.sample(0, 10_000), "test": grammar.sample(1, 1_000)}
    return {
        split: Lines.of_texts(f"grammar, {split}", [text.encode() for text in lines])
        for split, lines in texts.items()
    }


def _are_spaced(texts):
    """Tells whether every character of every line (bytes) stands alone, with blanks around it."""
    words = [text.decode(errors="replace").split() for text in texts]
    alone = all(len(word) == 1 for line in words for word in line)
    return alone and any(len(line) > 1 for line in words)


def _without_blanks(lines):
    texts = [
        "".join(text.decode(errors="surrogateescape").split()).encode(errors="surrogateescape")
        for text in lines.texts
    ]
    return dataclasses.replace(lines, texts=np.array(texts, object))


def _cut(split, lines, counts, length):
    """Returns a list with what is to be said of the lines of a split that are cut, if any are."""
    long = counts > length
    if not long.any():
        return []
    most = counts.argmax()
    return [
        f"{split}: {long.sum()} of {len(counts)} lines are cut after {length} tokens, "
        f"{(counts - length)[long].sum() / counts.sum():.1%} of all; the longest, line "
        f"{lines.numbers[most]}, has {counts[most]}"
    ]


def _check_text(dataset, splits, length, truncate, normal):
    """Refuses lines that cannot be used; returns what is to be said of those that are cut."""
    splitter = Vocabulary([], **normal)
    problems, cut = [], []
    for split, lines in splits.items():
        counts = splitter.split(tf.constant(lines.texts)).row_lengths().numpy()
        cure = f"Raise length, up to {counts.max()} tokens, or ask for truncation."
        causes = {
            "not UTF-8. Save the file as UTF-8.": [not is_utf8(text) for text in lines.texts],
            "empty. Remove what is empty.": counts == 0,
            f"more than {length} {normal['level']}. {cure}": (counts > length) & (not truncate),
        }
        problems += lines.problems(causes)
        cut += _cut(split, lines, counts, length)
    if problems:
        raise DataError(dataset, problems)
    return cut


def _read_ids(dataset, splits, length, truncate, vocabulary_size):
    bound = _INT32_MAX if vocabulary_size is None else vocabulary_size
    tokens, problems, cut = {}, [], []
    for split, lines in splits.items():
        rows = [_integers(text) for text in lines.texts]
        counts = np.array([len(row) for row in rows])
        outside = [any(not 0 <= token < bound for token in row) for row in rows]
        causes = {
            "no ids. Write whole numbers with white space between them.": counts == 0,
            f"not {length} ids. Correct the line or the length.": counts < length,
            f"more than {length} ids. Correct the line or the length, or ask for truncation.": (
                (counts > length) & (not truncate)
            ),
            f"ids outside of [0, {bound}). Correct them or the size of the vocabulary.": outside,
        }
        found = lines.problems(causes)
        problems += found
        cut += _cut(split, lines, counts, length)
        if not found:
            tokens[split] = np.array([row[:length] for row in rows], np.int32)
    if problems:
        raise DataError(dataset, problems)
    return tokens, cut


def _integers(text):
    try:
        return [int(word) for word in text.split()]
    except ValueError:
        return []


class TokenSequences(IndexedData):
    """Batches of sequences, int32 (batch, length).

    An epoch visits every sequence once, in a new order each time; what does not fill a batch waits
    for another epoch's order. Without a test split the training sequences stand in for it;
    `held_out` and `describe()` say so.

    `remarks`: list of str, what else `describe` says.

    Args:
        tokens: dict split -> integer array (N, length); train, and test if held out.
        vocabulary_size: int, ids lie in [0, vocabulary_size). Defaults to the vocabulary's, or the
            largest id + 1.
        vocabulary: `Vocabulary` that the tokens are of, or None. Defaults to None.
        batch_size: int >= 1, over all replicas. Defaults to 1.
        seed: int. Defaults to 0.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        ValueError: when the arrays are not of integers and of one length, or are empty, or when
            both a vocabulary and its size are given.
    """

    def __init__(
        self, tokens, vocabulary_size=None, vocabulary=None, batch_size=1, seed=0, name="memory"
    ):
        _check_arrays(tokens)
        if vocabulary is not None and vocabulary_size is not None:
            raise ValueError(
                "vocabulary_size must be None where the vocabulary has one. "
                f"Received: vocabulary_size={vocabulary_size}"
            )
        super().__init__(len(tokens["train"]), batch_size, seed)
        if vocabulary_size is None:
            largest = max(array.max() for array in tokens.values())
            vocabulary_size = len(vocabulary) if vocabulary else int(largest) + 1
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.vocabulary_size = vocabulary_size
        self.length = tokens["train"].shape[1]
        self.name = name
        self.remarks = []
        self.held_out = "test" in tokens
        self._train = tf.constant(tokens["train"].astype(np.int32))
        self._test = tf.constant(tokens["test"].astype(np.int32)) if self.held_out else self._train

    @property
    def meaning(self):
        return {"vocabulary": self.vocabulary.fingerprint} if self.vocabulary else {}

    def train_example(self, position):
        return tf.gather(self._train, self.shuffled_index(position) % len(self._train))

    def test_example(self, index):
        return tf.gather(self._test, index)

    @property
    def test_length(self):
        return len(self._test)

    @property
    def fingerprint(self):
        """str that changes when any token or word does."""
        digest = hashlib.sha256(repr((self.vocabulary_size, self.length)).encode())
        for split, array in self.tokens.items():
            digest.update(f"{split} {len(array)}".encode())
            digest.update(array.astype(np.int64).tobytes())
        if self.vocabulary:
            digest.update(repr(self.vocabulary.get_config()).encode())
        return digest.hexdigest()

    def check(self):
        """Looks at every token once.

        Raises:
            DataError: that names every sequence with a token outside of the vocabulary.
        """
        problems = []
        for split, array in self.tokens.items():
            outside = ((array < 0) | (array >= self.vocabulary_size)).any(axis=1)
            lines = Lines.of_texts(split, array[:, 0])
            cause = f"ids outside of [0, {self.vocabulary_size}). Correct them or vocabulary_size."
            problems += lines.problems({cause: outside})
        if problems:
            raise DataError(self.name, problems)

    def describe(self):
        """Returns lines that say what was found."""
        lines = [f"data: {self.name}"]
        lines += [f"  {split}: {self._describe(array)}" for split, array in self.tokens.items()]
        lines += self._stand_in("test sequences")
        of = f" of {self.vocabulary.level}" if self.vocabulary else ""
        return [
            *lines,
            *(f"  {remark}" for remark in self.remarks),
            f"  vocabulary: {self.vocabulary_size} tokens{of}",
            f"  training: {self._batches}",
        ]

    def _describe(self, array):
        text = f"{len(array)} sequences of {self.length} tokens"
        if not self.vocabulary:
            return text
        lengths = (array != END).sum(axis=1)
        return (
            f"{text}: {lengths.min()} to {lengths.max()} {self.vocabulary.level}, mean "
            f"{lengths.mean():.1f}; {(array == UNKNOWN).sum() / lengths.sum():.2%} unknown"
        )


def _check_arrays(tokens):
    shapes = {split: array.shape for split, array in tokens.items()}
    integers = all(array.dtype.kind in "iu" for array in tokens.values())
    matrices = all(len(shape) == 2 and 0 not in shape for shape in shapes.values())
    if not integers or not matrices or len({shape[1] for shape in shapes.values()}) != 1:
        raise ValueError(
            "tokens must be integer arrays (N >= 1, length) of one length. "
            f"Received: shapes {shapes}"
        )
