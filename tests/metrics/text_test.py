"""Measures of text against values that nltk gives, and against counting by hand."""

import numpy as np
import pytest

from tests.goldens.metrics import inputs
from tests.metrics.goldens import ARITHMETIC
from tfgan_apps.metrics.text import bleu, corpus_bleu, distinct, self_bleu, sentences

REFERENCES = [
    "a man rides a horse on the beach",
    "the the the cat",
    "two dogs",
    "a cat sits on a red chair next to a window",
    "the man on the red horse",
]
SAMPLES = [*REFERENCES, REFERENCES[0], "cat"]
# nltk 3.10.4, for n in 2, 3, 4, 5:
#   sentence_bleu(references, hypothesis, (1 / n,) * n, SmoothingFunction().method1)
NLTK_BLEU = {
    "a man on a red horse": [1.0, 0.6299605249474366, 0.3021375397356768, 0.210842303171375],
    "the the the the cat": [
        0.7745966692414834,
        0.7368062997280773,
        0.668740304976422,
        0.4573050519273264,
    ],
    "zebra": [0, 0, 0, 0],
    "": [0, 0, 0, 0],
    "two": [0.11633369384516798, 0.07925722298092992, 0.06541924356118012, 0.05830496219590177],
    "a cat sits on a red chair next to a window": [1, 1, 1, 1],
    "two dogs sit on the beach and a man rides a cat": [
        0.7282190812544191,
        0.5418533813309135,
        0.3646285861936467,
        0.18572166711485472,
    ],
}
# The same with each of SAMPLES as the hypothesis, all others as references.
NLTK_SELF_BLEU = [
    [1, 1, 1, 1],
    [0.15811388300841897, 0.10772173450159421, 0.10573712634405641, 0.10456395525912733],
    [0, 0, 0, 0],
    [0.06741998624632423, 0.03696394113101296, 0.02818780157629645, 0.024605339206450406],
    [0.447213595499958, 0.17099759466766973, 0.11362193664674995, 0.09641925040026271],
    [1, 1, 1, 1],
    [0.11633369384516798, 0.07925722298092992, 0.06541924356118012, 0.05830496219590177],
]


def words(lines):
    return [line.split() for line in lines]


@pytest.mark.parametrize("hypothesis", NLTK_BLEU)
def test_bleu_is_that_of_nltk(hypothesis):
    scores = bleu(words([hypothesis]), words(REFERENCES))
    assert list(scores) == ["bleu_2", "bleu_3", "bleu_4", "bleu_5"]
    np.testing.assert_allclose(list(scores.values()), NLTK_BLEU[hypothesis], rtol=0, atol=1e-12)


def test_bleu_is_the_mean_of_the_sentences():
    scores = bleu(words(NLTK_BLEU), words(REFERENCES))
    expected = np.mean(list(NLTK_BLEU.values()), axis=0)
    np.testing.assert_allclose(list(scores.values()), expected, rtol=0, atol=1e-12)


def test_self_bleu_leaves_each_sentence_out_of_its_references():
    scores = self_bleu(words(SAMPLES))
    assert list(scores) == ["self_bleu_2", "self_bleu_3", "self_bleu_4", "self_bleu_5"]
    expected = np.mean(NLTK_SELF_BLEU, axis=0)
    np.testing.assert_allclose(list(scores.values()), expected, rtol=0, atol=1e-12)


def test_self_bleu_is_bleu_against_all_the_others():
    rng = np.random.default_rng(0)
    samples = [rng.integers(0, 6, length).tolist() for length in rng.integers(0, 12, 40)]
    alone = [
        list(bleu([sample], samples[:index] + samples[index + 1 :]).values())
        for index, sample in enumerate(samples)
    ]
    scores = list(self_bleu(samples).values())
    np.testing.assert_allclose(scores, np.mean(alone, axis=0), rtol=0, atol=1e-12)
    assert 0 < scores[-1] < scores[0] < 1


def test_orders_are_of_the_callers_choice():
    hypotheses, references = words(["a b c d"]), words(["a b d c e"])
    scores = bleu(hypotheses, references, orders=(1, 2))
    penalty = np.exp(1 - 5 / 4)
    assert scores["bleu_1"] == pytest.approx(penalty, abs=1e-12)
    assert scores["bleu_2"] == pytest.approx(penalty * (1 / 3) ** 0.5, abs=1e-12)


def test_too_few_sentences_are_refused():
    with pytest.raises(ValueError, match="Received: 0 hypotheses, 1 references"):
        bleu([], [["a"]])
    with pytest.raises(ValueError, match="Received: 1 hypotheses, 0 references"):
        bleu([["a"]], [])
    with pytest.raises(ValueError, match="two or more. Received: 1 samples"):
        self_bleu([["a"]])


def test_published_vectors_agree_with_nltk_and_sacrebleu():
    """nltk 3.10.4 and sacrebleu 2.6.0 made the file; the spec's own numbers stand beside it."""
    references, hypotheses = words(inputs.REFERENCES), words(inputs.HYPOTHESES)
    golden = ARITHMETIC["text"]
    found = [list(bleu([each], references).values()) for each in hypotheses]
    np.testing.assert_allclose(found, golden["bleu"], rtol=1e-12)
    published = [[0.69006556, 0.57536958, 0.46713798, 0.27550653]]
    published += [[0.70904163, 0.51576805, 0.27375913, 0.21504191], [0] * 4]
    np.testing.assert_allclose(found, published, atol=5.1e-9)
    own = list(self_bleu(references).values())
    np.testing.assert_allclose(own, golden["self_bleu"], rtol=1e-12)
    np.testing.assert_allclose(own[:3], [0.39784080, 0.29233124, 0.15751238], atol=5.1e-9)
    assert list(self_bleu(references[:1] * 3).values()) == [1] * 4
    unsmoothed = list(bleu(hypotheses[:1], references, smoothing=0).values())
    np.testing.assert_allclose(unsmoothed, [*published[0][:3], 0], atol=5.1e-9)
    corpus = corpus_bleu(hypotheses[:2], references)
    assert corpus == pytest.approx(0.40202957, abs=5.1e-9)
    assert corpus == pytest.approx(golden["corpus_bleu"], rel=1e-12)
    assert corpus == pytest.approx(golden["sacrebleu"], rel=1e-12)


def test_corpus_bleu_without_a_match():
    assert corpus_bleu(words(["a b c d"]), words(["a b d c"])) == 0
    with pytest.raises(ValueError, match="must not be empty. Received: 0 hypotheses"):
        corpus_bleu([], words(["a"]))


def test_distinct():
    samples = words(["a b a", "a b", "c", ""])
    assert distinct(samples) == {"distinct_1": 3 / 6, "distinct_2": 2 / 3}
    assert distinct(samples, orders=(4,)) == {"distinct_4": 0}


def test_sentences_end_at_their_first_end():
    tokens = np.int32([[3, 0, 4], [0, 0, 0], [5, 6, 7]])
    assert sentences(tokens) == [[3], [], [5, 6, 7]]
    assert sentences(tokens, end_token=6) == [[3, 0, 4], [0, 0, 0], [5]]
    assert sentences(tokens, end_token=None) == tokens.tolist()


def test_captions(test_data):
    """The numbers that say what Texygen's published table was measured against, see `bleu`."""
    files = ("texygen/image_coco.txt", "texygen/testdata/test_coco.txt")
    train, test = (words(test_data(name).read_text().splitlines()) for name in files)
    few = bleu(train[:1000], test[:500])
    whole = bleu(train[:1000], test)
    assert whole["bleu_2"] > few["bleu_2"] + 0.15
    assert self_bleu(train)["self_bleu_2"] > self_bleu(train[:500])["self_bleu_2"] + 0.15
