"""AdaptiveAugmentation: the surer a discriminator is of real images, the more it is augmented.

Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
https://arxiv.org/abs/2006.06676, section 3
"""

import functools

import keras
import tensorflow as tf

from tfgan_apps import accumulation
from tfgan_apps.arguments import check_numbers
from tfgan_apps.augment.controller import next_probability
from tfgan_apps.augment.pipeline import Pipeline

_EVERY = 4  # training steps, after which the probability is set anew


@keras.saving.register_keras_serializable(package="tfgan_apps")
class AdaptiveAugmentation(keras.layers.Layer):
    """Augments images with a probability that follows how sure a discriminator is of real ones.

    The weight `probability` begins at 0.

    Args:
        sets: name from `pipeline.SETS`.
        target: float in [-1, 1], how sure it may be: the mean of the signs of its logits. Defaults
            to 0.6.
        kimg: float > 0, thousands of images in which the probability may go from 0 to 1. Defaults
            to 500.

    Raises:
        ValueError: a number is out of its range, or no set has the name.
    """

    def __init__(self, sets, target=0.6, kimg=500.0, **kwargs):
        super().__init__(**kwargs)
        check_numbers(-1, 1, augment_target=target)
        check_numbers(1e-6, augment_kimg=kimg)
        self.pipeline, self.target, self.kimg = Pipeline(sets), target, kimg
        options = {"trainable": False, "autocast": False, "aggregation": "only_first_replica"}
        numbers = {"shape": (), "initializer": "zeros", "dtype": "float32", **options}
        self.probability = self.add_weight(**numbers, name="probability")
        self.signs = self.add_weight(**numbers, name="signs")
        self.count = self.add_weight(**numbers, name="count")
        self.built = True

    def augmented(self, model, images, name):
        """Returns images of a training step as a discriminator is to see them.

        Args:
            model: `AdversarialModel`, which draws.
            images: float tensor (batch, height, width, channels) in [-1, 1].
            name: str, tells apart the images of a step.
        """
        draw = functools.partial(model.draw, count=tf.shape(images)[0])
        return self.pipeline(images, self.probability.value, draw, name)

    def follow(self, model, on_real):
        """Counts a training step's logits of real images; sets the probability now and then.

        Args:
            model: `AdversarialModel`, whose step it is.
            on_real: float tensor (batch, ...), this replica's.

        Returns:
            dict, name -> scalar: the mean sign since the probability was set (the paper's r_t), as
            `overfitting`, and the `probability`.
        """
        own = tf.reduce_mean(tf.sign(tf.cast(on_real, tf.float32)))
        signs = self.signs.value + tf.distribute.get_replica_context().all_reduce("MEAN", own)
        count = self.count.value + 1.0
        images = accumulation.examples(model, on_real) * _EVERY
        now = (model.step.value + 1) % _EVERY == 0
        numbers = signs / count, images, self.target, self.kimg
        probability = next_probability(self.probability.value, *numbers)
        self.probability.assign(tf.where(now, probability, self.probability.value))
        self.signs.assign(tf.where(now, 0.0, signs))
        self.count.assign(tf.where(now, 0.0, count))
        return {"overfitting": signs / count, "probability": self.probability.value}
