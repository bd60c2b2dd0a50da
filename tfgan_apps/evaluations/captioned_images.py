"""Evaluation of images that are generated from held-out captions."""

import functools

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.datasets import shape_renderer
from tfgan_apps.metrics.retrieval import retrieval

_BATCH = 64


def evaluation(model, data, evaluation_images: int = 1000, judge=None):
    """Returns a function without arguments that judges what a model makes of held-out captions.

    Args:
        model: `TextToImageGAN`; None for the real images.
        data: `CaptionedImages`, embedded.
        evaluation_images: held-out examples that evaluations use, at most.
        judge: function of (images, test) -> dict of floats. Defaults to `attributes`, for shapes.

    Values:
        kind, color, size, position: share of drawn shapes whose attribute is the caption's; larger
            is better.
        error: share of attributes that are wrong; smaller is better.
        text_to_image_r@1, text_to_image_r@5, text_to_image_r@10: share of captions whose drawn
            image the caption encoder has among its first 1, 5, 10 of all; larger is better.
        image_to_text_r@1, image_to_text_r@5, image_to_text_r@10: share of drawn images whose
            caption it has among them; larger is better.
        text_to_image_median_rank, image_to_text_median_rank: place of the right answer for half of
            the queries; 1 is the best.
    """
    check_integers(1, evaluation_images=evaluation_images)
    test = held_out(data, evaluation_images)
    judged = functools.partial(judge or attributes, test=test)
    if model is None:
        return lambda: judged(test["image"])
    shape = (len(test["embedding"]), model.latent_size)
    latents = tf.random.stateless_normal(shape, (model.seed, 7)).numpy()
    inputs = {"latents": latents, "embedding": test["embedding"]}
    return lambda: judged(model.generator.predict(inputs, _BATCH, verbose=0))


def held_out(data, limit):
    """Returns what evaluations use: dict, name -> array.

    Args:
        data: `CaptionedImages`, embedded.
        limit: int, at most so many examples.
    """
    batches = data.test(_BATCH, limit)
    columns = [{name: value.numpy() for name, value in batch.items()} for batch in batches]
    return {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}


def attributes(images, test):
    """Returns the shares of shapes with the right attributes, and of attributes that are wrong.

    Args:
        images: float array (B, H, W, 3) in [-1, 1].
        test: dict of arrays, see `held_out`.
    """
    truth = shape_renderer.true_attributes(test["label"])
    found = shape_renderer.read_attributes(images)
    right = {name: float(np.mean(found[name] == values)) for name, values in truth.items()}
    return {**right, "error": 1 - sum(right.values()) / len(right)}


def found_by(encoder):
    """Returns a judge: how well an encoder of images and captions finds whom an image is of.

    Args:
        encoder: `CaptionEncoder`, trained.
    """

    def judge(images, test):
        texts = encoder.text_encoder(tf.constant(test["caption"]), training=False).numpy()
        embeddings = encoder.image_encoder.predict(images, _BATCH, verbose=0)
        return retrieval(embeddings, texts, np.arange(len(images)))

    return judge
