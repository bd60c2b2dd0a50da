"""The strength of adaptive augmentation: it rises while a discriminator overfits.

Reference: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data",
https://arxiv.org/abs/2006.06676, section 3; https://github.com/NVlabs/stylegan2-ada-pytorch at
d72cc7d, training/training_loop.py
"""

import tensorflow as tf


def next_probability(probability, overfitting, images, target=0.6, kimg=500.0):
    """Returns the probability of augmentation from now on, which has no upper bound.

    Args:
        probability: scalar float32 tensor >= 0, until now.
        overfitting: scalar tensor in [-1, 1], the mean sign of the discriminator's scores of
            augmented real images since the last time, on all replicas; the paper's r_t.
        images: number or scalar tensor, real images that were seen since then, as the global batch
            times the steps of an interval, 4 in the paper.
        target: float, of `overfitting`. Defaults to 0.6.
        kimg: float > 0, thousands of images in which the probability goes from 0 to 1. Defaults
            to 500; the authors take 100 for networks that were trained before.
    """
    step = tf.cast(images, probability.dtype) / (kimg * 1000.0)
    way = tf.sign(tf.cast(overfitting, probability.dtype) - target)
    return tf.maximum(probability + way * step, 0.0)
