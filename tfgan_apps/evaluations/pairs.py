"""Evaluation of a translation whose true results are known, on held-out pairs."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.metrics.mean import Mean
from tfgan_apps.metrics.sliced_wasserstein import PatchDescriptors, descriptor_distance
from tfgan_apps.metrics.structural_similarity import ssim
from tfgan_apps.metrics.translation_error import TranslationError


def evaluation(model, data, evaluation_images: int = 200):
    """Returns a function without arguments that measures a model on the held-out pairs.

    Args:
        model: called with x, images or masks, gives images y.
        data: `PairedImages` or `MaskedImages`.
        evaluation_images: held-out pairs that evaluations use, at most.

    Values:
        error: mean difference from the true picture, of values in [-1, 1]; smaller is better.
        ssim: structural similarity to the true picture, at most 1; larger is better.
        swd: distance of patches to those of the true pictures (sliced Wasserstein, times 1000);
            smaller is better, and blurred pictures have a large one.
    """
    check_integers(1, evaluation_images=evaluation_images)
    translate = tf.function(
        lambda x: tf.cast(model(x, training=False), tf.float32), autograph=False
    )

    def measure():
        error, similarity = TranslationError(), Mean()
        made, true = PatchDescriptors(0), PatchDescriptors(0)
        for x, y in data.test(batch_size=1, limit=evaluation_images):
            fake = translate(x)
            error.add(fake, y)
            similarity.add(ssim(np.asarray(fake), np.asarray(y)))
            made.add(fake)
            true.add(y)
        distance = descriptor_distance(made, true)["mean"]
        return {"error": error.result(), "ssim": similarity.result(), "swd": distance}

    return measure


def monitor(data):
    """Returns the name of the value that marks the best model."""
    return "swd"
