"""Blurring of images, by as much as a tensor says."""

import tensorflow as tf


def blurred(images, sigma, most):
    """Returns images blurred by weights 2 ** -(x / sigma) ** 2 up to 3 sigma, with zeros around.

    Args:
        images: float tensor (batch, height, width, channels).
        sigma: float or scalar tensor in [0, most], pixels at which a weight is a half.
        most: float, the largest sigma.

    Reference: Karras et al. 2021 (StyleGAN3), https://arxiv.org/abs/2106.12423, appendix F.3;
    https://github.com/NVlabs/stylegan3 at c233a91, training/loss.py, run_D
    """
    far = int(3 * most)
    sigma = tf.cast(sigma, tf.float32)
    x = tf.range(-far, far + 1, dtype=tf.float32)
    weights = 2.0 ** -tf.square(x / tf.maximum(sigma, 1e-3))
    weights = tf.where(tf.abs(x) <= tf.floor(3 * sigma), weights, 0.0)
    weights = tf.cast(weights / tf.reduce_sum(weights), images.dtype)
    for shape in ((-1, 1, 1, 1), (1, -1, 1, 1)):
        kernel = tf.tile(tf.reshape(weights, shape), (1, 1, images.shape[-1], 1))
        images = tf.nn.depthwise_conv2d(images, kernel, (1, 1, 1, 1), "SAME")
    return images
