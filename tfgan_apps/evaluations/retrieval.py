"""Evaluation of embeddings of images and captions: who finds whom."""

import numpy as np

from tfgan_apps.metrics.retrieval import retrieval

_BATCH = 64
LIMIT = 1000


def evaluation(model, data, limit=LIMIT):
    """Returns a function without arguments that measures retrieval among the held-out examples.

    Args:
        model: `CaptionEncoder`.
        data: `CaptionedImages`, whose test batches have each image's first caption. An answer of
            the query's class is a right one.
        limit: int, at most so many examples: each is compared with each. Defaults to 1,000.
    """

    def measure():
        images, texts, labels = [], [], []
        for batch in data.test(_BATCH, limit):
            images.append(model.image_encoder(batch["image"], training=False))
            texts.append(model.text_encoder(batch["caption"], training=False))
            labels.append(batch["label"])
        found = retrieval(*(np.concatenate(parts) for parts in (images, texts, labels)))
        return {f"test_{name}": value for name, value in found.items()}

    return measure
