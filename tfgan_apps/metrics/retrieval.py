"""Retrieval between images and texts whose embeddings share a space."""

import numpy as np


def retrieval(image_embeddings, text_embeddings, image_labels, text_labels=None, ks=(1, 5, 10)):
    """Returns how well texts find images, and images texts, by the inner product.

    The rank of a query is the place of its first answer of its own label, when all are sorted by
    their scores; of equal scores the wrong answer comes first, so that embeddings that are all the
    same find nothing. A query without an answer of its label does not count.

    Args:
        image_embeddings: float (images, D).
        text_embeddings: float (texts, D).
        image_labels: int (images,), what tells which texts belong to an image: its number, or its
            class.
        text_labels: int (texts,). Defaults to `image_labels`, one text for each image.
        ks: sequence of int. Defaults to (1, 5, 10).

    Returns:
        dict of floats: `text_to_image_r@<k>` and `image_to_text_r@<k>`, the share of queries with a
        rank of at most k, and `text_to_image_median_rank`, `image_to_text_median_rank`.

    Raises:
        ValueError: the shapes do not fit, an embedding is not finite, or no label is shared.
    """
    images, texts = np.asarray(image_embeddings), np.asarray(text_embeddings)
    text_labels = image_labels if text_labels is None else text_labels
    image_labels, text_labels = np.asarray(image_labels), np.asarray(text_labels)
    if (len(images), len(texts)) != (len(image_labels), len(text_labels)):
        raise ValueError(
            "image_embeddings and text_embeddings must have a label for each row. Received: shapes "
            f"{images.shape} and {texts.shape}, {len(image_labels)} and {len(text_labels)} labels"
        )
    scores = texts @ images.T
    if not np.isfinite(scores).all():
        raise ValueError(
            "image_embeddings and text_embeddings must be finite. Received: nan or inf"
        )
    right = text_labels[:, None] == image_labels
    if not right.any():
        raise ValueError(
            "image_labels and text_labels must share a label. Received: none is shared"
        )
    return _recalls("text_to_image", scores, right, ks) | _recalls(
        "image_to_text", scores.T, right.T, ks
    )


def _recalls(name, scores, right, ks):
    queries = right.any(1)
    scores, right = scores[queries], right[queries]
    best = np.where(right, scores, -np.inf).max(1, keepdims=True)
    ranks = 1 + ((scores >= best) & ~right).sum(1)
    recalls = {f"{name}_r@{k}": float((ranks <= k).mean()) for k in ks}
    return {**recalls, f"{name}_median_rank": float(np.median(ranks))}
