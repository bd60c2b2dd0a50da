"""Evaluation of a model of sequences: held-out likelihood, and what is drawn from it."""

import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.datasets import grammar
from tfgan_apps.metrics import text as text_metrics
from tfgan_apps.metrics.negative_log_likelihood import nll_test

_BATCH = 256


def evaluation(model, data, evaluation_samples: int = 9984):
    """Returns a function without arguments that judges a model and what it draws.

    Samples are drawn from the model as it is, whatever the temperature of its sheets.

    Args:
        model: `SeqGAN`.
        data: `TokenSequences`, with an `oracle` where there is one.
        evaluation_samples: sequences drawn to be judged, at least 2, and held-out ones that are
            scored, at most.

    Values:
        test_nll: negative log-likelihood of held-out sequences, nats a token; smaller is better.
        oracle_nll: that of drawn sequences under the oracle, nats a token; smaller is better.
        distinct_1, distinct_2: share of words, and of pairs, that are different; larger is more
            varied.
        bleu_2, bleu_3, bleu_4, bleu_5: how many runs of 2 to 5 words also stand in real text;
            larger is more like it.
        self_bleu_2, self_bleu_3, self_bleu_4, self_bleu_5: the same of drawn text among itself;
            larger is less varied.
        valid: share of sentences that the grammar allows; larger is better.
    """
    check_integers(2, evaluation_samples=evaluation_samples)

    def measure():
        shape = (evaluation_samples, model.length)
        tokens = model.sample(tf.random.stateless_uniform(shape, (model.seed, 7)), 1.0, 0)
        test = nll_test(model.predict_on_batch, data.test(_BATCH, evaluation_samples))
        return {"test_nll": test, **_judged(tokens, model, data)}

    return measure


def _judged(tokens, model, data):
    found = {}
    oracle = getattr(data, "oracle", None)
    if oracle:
        found["oracle_nll"] = oracle.nll(tokens)
    drawn = text_metrics.sentences(tokens, 0 if data.vocabulary else None)
    found |= text_metrics.distinct(drawn)
    if data.vocabulary:
        split = "test" if data.held_out else "train"
        found |= text_metrics.bleu(drawn, text_metrics.sentences(data.tokens[split]))
        found |= text_metrics.self_bleu(drawn)
    if data.name == "grammar":
        text = [each.decode() for each in model.text(tokens).numpy()]
        found["valid"] = sum(map(grammar.is_valid, text)) / len(text)
    return found
