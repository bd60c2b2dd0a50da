"""Scorers: how well the candidates of a query fit it; the networks of both players of IRGAN.

A scorer is a functional model of named inputs, whose outputs are

- `scores`, (batch, candidates);
- `query_penalty`, (batch,), and `candidate_penalty`, (batch, candidates): half the sum of squares
  of the weights that belong to the query, and to the candidate.
"""

import keras

from tfgan_apps.arguments import check_integers
from tfgan_apps.layers.scorers import Factorization, QuestionAnswerScorer, TanhScorer

KINDS = ("factorization", "features", "tokens")
PER_CANDIDATE = ("features", "answers")
"""Inputs with an axis of candidates, the second one: some of a query's can be scored alone."""


def build_scorer(kind, name, **sizes):
    """Returns a scorer.

    Args:
        kind: `"factorization"` (`query` int32 (batch,); all items are its candidates),
            `"features"` (`features` (batch, candidates, number)) or `"tokens"` (`question` int32
            (batch, length), `answers` int32 (batch, candidates, length)).
        name: str, of the model.
        **sizes: of `Factorization`, `TanhScorer` or `QuestionAnswerScorer`.

    Raises:
        ValueError: an unknown kind.
    """
    if kind == "factorization":
        inputs = {"query": keras.Input((), dtype="int32", name="query")}
        scorer = Factorization(**sizes)
    elif kind == "features":
        shape = (None, sizes["features"])
        inputs = {"features": keras.Input(shape, dtype="float32", name="features")}
        scorer = TanhScorer(**sizes)
    elif kind == "tokens":
        inputs = {
            "question": keras.Input((None,), dtype="int32", name="question"),
            "answers": keras.Input((None, None), dtype="int32", name="answers"),
        }
        scorer = QuestionAnswerScorer(**sizes)
    else:
        raise ValueError(f"kind must be one of {KINDS}. Received: kind={kind!r}")
    return keras.Model(inputs, scorer(*inputs.values()), name=name)


def scorer_of(
    data,
    pairwise,
    dimensions: int = 5,
    hidden: int = 46,
    output_bias: bool | None = None,
    embedding_size: int = 100,
    filters: int = 500,
):
    """Returns the kind and the sizes of the scorers for data, as IRGAN takes them.

    Args:
        data: `Rankings` or `QuestionAnswers`.
        pairwise: bool, whether the game compares in pairs.
        dimensions: of users' and items' embeddings.
        hidden: units of the scorer of features.
        output_bias: whether that scorer's output has a bias; if not given: in pointwise games.
        embedding_size: of a token.
        filters: of each window of tokens.
    """
    sizes = {"dimensions": dimensions, "hidden": hidden, "filters": filters}
    check_integers(1, embedding_size=embedding_size, **sizes)
    if getattr(data, "vocabulary", None) is not None:
        sizes = {"vocabulary": len(data.vocabulary), "embedding": embedding_size}
        return {"kind": "tokens", **sizes, "filters": filters}
    if "features" in data.inputs:
        bias = not pairwise if output_bias is None else output_bias
        sizes = {"features": data.inputs["features"].shape[-1], "hidden": hidden}
        return {"kind": "features", **sizes, "output_bias": bias}
    queries, candidates = data.valid.shape
    sizes = {"queries": queries, "candidates": candidates, "dimensions": dimensions}
    return {"kind": "factorization", **sizes}
