"""What SeqGAN learns from: a text, a file of ids, or an oracle's own sequences."""

import os
from typing import Literal

import keras
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.input_pipelines import TokenSequences, token_sequences
from tfgan_apps.input_pipelines.token_sequences import LEVELS
from tfgan_apps.models.seqgan.oracle import Oracle


def sequences(
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
    oracle: str | None = None,
    oracle_sequences: int = 10_000,
):
    """Opens sequences, with the oracle that judges samples where there is one.

    Args:
        dataset: a file, UTF-8, one sequence a line; grammar, the package's procedural language; or
            oracle, the oracle's own sequences.
        length: tokens of a sequence, at least 2; a shorter text is filled with ends.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        level: what a line is made of: words, characters, or ids, as many token ids as a sequence
            has, with white space between them.
        test: a second file, held out.
        test_fraction: share of the lines that is held out instead of a second file, in [0, 1).
        truncate: whether lines that are too long are cut, not refused.
        lower: whether text is turned to lower case.
        separate_punctuation: whether marks and symbols are words of their own.
        min_count: rarer words become the unknown word; at least 1.
        max_words: so many words are kept, the most frequent, at least 1; all if not given.
        oracle: judges the samples of a run on ids: a file of the published arrays, or random for
            one drawn by the seed. It draws what is held out, where nothing else is.
        oracle_sequences: sequences that an oracle draws for training, and for test; at least 1.

    Returns:
        `TokenSequences`, whose `oracle` is an `Oracle` or None.

    Raises:
        DataError: that lists every line that cannot be used, with the reason and the cure.
        ValueError: when an argument is out of its range, or at odds with another.
    """
    check_integers(2, length=length)
    check_integers(1, batch_size=batch_size, oracle_sequences=oracle_sequences)
    check_integers(0, seed=seed)
    judge = _oracle(oracle, seed)
    shared = {"batch_size": batch_size, "seed": seed}
    drawn = {"length": length, "count": oracle_sequences, "seed": seed}
    if dataset == "oracle":
        _check_own(judge, test, test_fraction, truncate)
        train = _drawn(judge, 0, **drawn)
    else:
        text = {"lower": lower, "separate_punctuation": separate_punctuation}
        words = {"min_count": min_count, "max_words": max_words}
        held_out = {"test": test, "test_fraction": test_fraction, "truncate": truncate}
        size = judge and judge.vocabulary_size
        given = {"level": level, **held_out, **text, **words, "vocabulary_size": size}
        data = token_sequences(dataset, length, **given, **shared)
        if judge is None or data.held_out:
            data.oracle = judge
            return data
        train = data.tokens["train"]
    tokens = {"train": train, "test": _drawn(judge, 1, **drawn)}
    data = TokenSequences(tokens, judge.vocabulary_size, name=dataset, **shared)
    data.oracle = judge
    return data


def _oracle(oracle, seed):
    """Returns the `Oracle` of a file's name or of "random", or None."""
    if oracle is None:
        return None
    if oracle == "random":
        keras.utils.set_random_seed(seed)
        return Oracle()
    try:
        return Oracle.from_file(os.path.expanduser(oracle))
    except OSError as error:
        raise ValueError(
            f"oracle must be an npz file, or 'random'. Received: {oracle} ({error})"
        ) from error


def _check_own(oracle, test, test_fraction, truncate):
    if oracle is None:
        raise ValueError("oracle must be given with --dataset=oracle. Received: oracle=None")
    if test or test_fraction or truncate:
        raise ValueError(
            "test, test_fraction and truncate must be left out with --dataset=oracle. "
            f"Received: {test}, {test_fraction} and {truncate}"
        )


def _drawn(oracle, split, length, count, seed):
    return oracle.sample(tf.random.stateless_uniform((count, length), (seed, split))).numpy()
