"""Serving of models of sequences: a seed in, tokens or text out; a sequence in, its score out."""

import tensorflow as tf

from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, Signature


class Sequences(ServedModel):
    """The signatures of a model that samples and scores sequences of tokens.

    `serving_default` maps `seed` (int32[None]) to `tokens` (int32[None, length]), or with a way
    from tokens to text to `text` (string[None]). `score` maps `tokens` or `text` to
    `log_likelihood` (float32[None, length], nats per token).

    Args:
        sample: function, int32 seeds (B,) -> int32 tokens (B, length), each of its own seed alone.
        log_likelihood: function, int32 tokens (B, length) -> float32 (B, length).
        variables: list of `tf.Variable`s that both read.
        length: int, tokens in a sequence.
        to_text: function, int32 tokens (B, length) -> strings (B,). Defaults to `None`.
        to_tokens: function, strings (B,) -> int32 tokens (B, length). Defaults to `None`.
        tables: list of `tf.lookup` tables that these two read. Defaults to none.

    Raises:
        ValueError: only one of `to_text` and `to_tokens` is given.
    """

    def __init__(
        self, sample, log_likelihood, variables, length, to_text=None, to_tokens=None, tables=()
    ):
        if (to_text is None) != (to_tokens is None):
            raise ValueError(
                "to_text and to_tokens must be given together. "
                f"Received: to_text={to_text}, to_tokens={to_tokens}"
            )
        self._variables = list(variables)
        self._tables = list(tables)
        if to_text:
            sequence = tf.TensorSpec([None], tf.string, "text")
        else:
            sequence = tf.TensorSpec([None, length], tf.int32, "tokens")
            to_text = to_tokens = tf.identity

        def draw(seed):
            return {sequence.name: to_text(sample(seed))}

        def score(**request):
            return {"log_likelihood": log_likelihood(to_tokens(request[sequence.name]))}

        def drawn(size):  # what the model itself draws is what it can score
            return self.predict("serving_default", {"seed": served_model.seeds(size)})

        seed, seeds = tf.TensorSpec([None], tf.int32, "seed"), served_model.seeds
        self.offered = {
            "serving_default": Signature([seed], draw, lambda size: {"seed": seeds(size)}),
            "score": Signature([sequence], score, drawn),
        }

    @property
    def variables(self):
        return self._variables

    @property
    def tables(self):
        return self._tables
