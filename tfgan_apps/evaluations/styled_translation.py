"""Evaluation of translations in drawn styles, in both directions, on held-out images."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.metrics.sliced_wasserstein import PatchDescriptors, descriptor_distance

BATCH = 8


def evaluation(model, data, evaluation_images: int = 200):
    """Returns a function without arguments that measures a model on the held-out images.

    Args:
        model: has `translate` (images, styles, to one of "x" and "y"), `latent_size` and `seed`.
        data: `UnpairedImages`.
        evaluation_images: held-out images that evaluations use, at most.

    Values:
        x_to_y/swd, y_to_x/swd: distance of the translated pictures' patches to those of the other
            domain (sliced Wasserstein, times 1000); smaller is better.
        x_to_y/diversity, y_to_x/diversity: mean difference of two translations of a picture, in
            styles that are drawn apart, of values in [-1, 1]; 0: styles change nothing.
        swd: the mean of both directions.
    """
    check_integers(1, evaluation_images=evaluation_images)
    test = data.test(batch_size=BATCH, limit=evaluation_images)

    @tf.function(autograph=False, reduce_retracing=True)
    def translated(images, to):
        shape = (2, BATCH, model.latent_size)
        styles = tf.random.stateless_normal(shape, (model.seed, 0))[:, : tf.shape(images)[0]]
        return [model.translate(images, style, to) for style in tf.unstack(styles)]

    def measure():
        values = {}
        for source, to in enumerate("yx"):
            made, true, apart = PatchDescriptors(), PatchDescriptors(), []
            for batch in test:
                first, second = (np.array(each) for each in translated(batch[source], to))
                made.add(first)
                true.add(batch[1 - source].numpy())
                apart.extend(np.abs(first - second).mean((1, 2, 3)))
            way = f"{'xy'[source]}_to_{to}"
            values[f"{way}/swd"] = descriptor_distance(made, true)["mean"]
            values[f"{way}/diversity"] = float(np.mean(apart))
        return values | {"swd": (values["x_to_y/swd"] + values["y_to_x/swd"]) / 2}

    return measure
