"""Evaluation of embeddings of images and captions: who finds whom."""

import numpy as np

from tfgan_apps.arguments import check_integers
from tfgan_apps.metrics.retrieval import retrieval

_BATCH = 64


def evaluation(model, data, evaluation_images: int = 1000):
    """Returns a function without arguments that measures retrieval among the held-out examples.

    Args:
        model: `CaptionEncoder`.
        data: `CaptionedImages`, whose test batches have each image's first caption. An answer of
            the query's class is a right one.
        evaluation_images: held-out examples that evaluations use, at most: each is compared with
            each.

    Values:
        test_text_to_image_r@1, test_text_to_image_r@5, test_text_to_image_r@10: share of captions
            whose image is among the first 1, 5, 10 of all held-out images; larger is better.
        test_image_to_text_r@1, test_image_to_text_r@5, test_image_to_text_r@10: the same, of
            captions that are found for an image; larger is better.
        test_text_to_image_median_rank, test_image_to_text_median_rank: place of the right answer
            for half of the queries; 1 is the best.
    """

    check_integers(1, evaluation_images=evaluation_images)

    def measure():
        images, texts, labels = [], [], []
        for batch in data.test(_BATCH, evaluation_images):
            images.append(model.image_encoder(batch["image"], training=False))
            texts.append(model.text_encoder(batch["caption"], training=False))
            labels.append(batch["label"])
        found = retrieval(*(np.concatenate(parts) for parts in (images, texts, labels)))
        return {f"test_{name}": value for name, value in found.items()}

    return measure
