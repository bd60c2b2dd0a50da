"""Evaluation of a model of one image: does it know the image, and does it make others of it?"""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.metrics.features.feature_maps import named_maps
from tfgan_apps.metrics.single_image_distance import single_image_distance


def evaluation(model, data, evaluation_images: int = 50, evaluation_features: str | None = None):
    """Returns a function without arguments that measures what a model draws by seeds from 0 on.

    Args:
        model: `SinGAN`.
        data: `OneImage`.
        evaluation_images: generated images that evaluations use.
        evaluation_features: network in whose features images are compared: vgg19, or the path of a
            classifier, <name>.keras; its second feature map is taken, of half the sides.

    Values:
        reconstruction_error: root of the mean squared difference of the image that the fixed noise
            becomes from the picture, in [-1, 1]; smaller is better.
        diversity: standard deviation of a pixel over generated images, in the mean, by that of the
            picture's pixels; the paper's, who has 0.5 in the mean of 50 pictures.
        single_image_distance[network]: Frechet distance of the patches of each generated image from
            the picture's, in the network's features, in the mean; smaller is better. Not the
            paper's SIFID, which is in those of Inception.
    """
    check_integers(2, evaluation_images=evaluation_images)
    real = data.picture.numpy()
    maps = evaluation_features and named_maps(evaluation_features, own_size=True)
    seeds = np.arange(evaluation_images, dtype=np.int32)
    size = tf.constant(model.pyramid.image_size)
    draw = tf.function(lambda seed: model.drawn(seed, size, tf.constant(0)), autograph=False)

    def measure():
        fake = np.clip([draw(tf.constant(seed)) for seed in seeds], -1, 1)
        error = model.reconstructed().numpy()[0] - real
        values = {
            "reconstruction_error": float(np.sqrt(np.mean(error**2))),
            "diversity": float(fake.mean(-1).std(0).mean() / real.mean(-1).std()),
        }
        if maps:
            second = lambda image: maps(tf.constant(image))[1]  # noqa: E731
            name = f"single_image_distance[{evaluation_features}]"
            values[name] = float(single_image_distance([real] * len(fake), fake, second).mean())
        return values

    return measure
