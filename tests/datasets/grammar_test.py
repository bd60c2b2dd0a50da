"""The procedural language: what is drawn, and what is recognised."""

import functools
import itertools

import numpy as np

from tfgan_apps.datasets import grammar


def test_every_drawn_sentence_is_valid_and_of_3_to_12_words():
    sentences = grammar.sample(0, 2000)
    assert all(grammar.is_valid(sentence) for sentence in sentences)
    lengths = [len(sentence.split()) for sentence in sentences]
    assert set(lengths) == set(range(3, grammar.MAX_WORDS + 1))
    assert len(set(sentences)) > 1500
    assert len({word for sentence in sentences for word in sentence.split()}) == 46


def test_sentences_are_a_function_of_the_seed():
    assert grammar.sample(3, 20) == grammar.sample(3, 30)[:20] != grammar.sample(4, 20)


def test_agreement_reaches_across_nested_clauses():
    for valid in (
        "the dogs that a cat chases sleep",
        "a king that these birds that see the child like waits",
        "every cat that hears many old farmers runs quietly",
    ):
        assert grammar.is_valid(valid)
    for invalid in (
        "the dogs that a cat chases sleeps",
        "the dogs that a cat chase sleep",
        "a dogs sleep",
        "these dog sleeps",
        "a king that these birds that sees the child like waits",
        "dogs sleep",
        "the dogs sleep often today",
        "the dogs sleep zebra",
        "the dogs",
        "",
    ):
        assert not grammar.is_valid(invalid), invalid


def test_longer_sentences_are_not_of_the_language():
    twelve = "the dog that the cat that sees a big bird likes runs"
    thirteen = "the dog that the cat that sees a big bird likes runs often"
    assert grammar.is_valid(twelve) and not grammar.is_valid(thirteen)


KINDS = "the a all big dog dogs that sees see runs run often".split()  # one word of each kind


@functools.cache
def sentences_of(symbol, most):
    """Returns every tuple of `KINDS` of at most so many words that a symbol can become."""
    if most < 1 or symbol not in grammar.RULES:
        return {(symbol,)} if most and symbol in KINDS else set()
    found = set()
    for alternative in grammar.RULES[symbol]:
        parts, begun = alternative.split(), {()}
        for place, part in enumerate(parts, 1):
            rest = len(parts) - place
            begun = {
                words + end
                for words in begun
                for end in sentences_of(part, most - len(words) - rest)
            }
        found |= begun
    return found


def test_exactly_the_language_is_recognised():
    language = sentences_of("sentence", 7)
    assert {len(words) for words in language} == {3, 4, 5, 6, 7}
    assert all(grammar.is_valid(" ".join(words)) for words in language)
    for length in (1, 2, 3, 4):
        for words in itertools.product(KINDS, repeat=length):
            assert grammar.is_valid(" ".join(words)) == (words in language)
    rng = np.random.default_rng(0)
    for words in rng.permutation(sorted(w for w in language if len(w) == 7))[:1000].tolist():
        words[rng.integers(7)] = KINDS[rng.integers(len(KINDS))]
        assert grammar.is_valid(" ".join(words)) == (tuple(words) in language)
