"""The terms of DRIT's losses: sums over scales and styles, means over patches and images."""

import tensorflow as tf

from tfgan_apps import losses


def weights(divergence, **given):
    """Returns the weights of all terms that have one, a dict.

    Args:
        divergence: float, of contents' and of styles' alike.
        **given: float, of other terms by their names.
    """
    named = {"adversarial": 1.0, "random_adversarial": 1.0, **given}
    named |= {"content_divergence": divergence, "style_divergence": divergence}
    return {name: weight for name, weight in named.items() if weight}


def verdicts(judge, real, fakes):
    """Returns the sum of a discriminator's cross-entropies, of real images once for each fakes.

    Args:
        judge: discriminator, images -> logits, or a list of them for each scale.
        real: (batch, height, width, channels).
        fakes: list of such.
    """
    both = tf.concat([real, *map(tf.stop_gradient, fakes)], 0)
    loss = 0.0
    for logits in tf.nest.flatten(judge(both, training=True)):  # of one scale Keras makes no list
        on_real, *on_fakes = tf.split(logits, 1 + len(fakes))
        loss += sum(losses.minimax_discriminator_loss(on_real, on_fake) for on_fake in on_fakes)
    return loss


def fooling(judge, *fakes):
    """Returns the sum of the generator's cross-entropies; see `verdicts`."""
    logits = tf.nest.flatten(judge(tf.concat(fakes, 0)))
    return len(fakes) * sum(map(losses.non_saturating_generator_loss, logits))


def mean_square(code):
    """Returns the mean of squares, twice the divergence of N(code, 1) from N(0, 1), per number."""
    return tf.reduce_mean(tf.square(tf.cast(code, tf.float32)))


def divergence(mean, log_variance=None):
    """Returns the divergence of styles from N(0, 1): a sum over their numbers, a mean over images.

    Args:
        mean: (batch, latent_size).
        log_variance: of the same shape. Defaults to None: there is none, `mean_square` it is.
    """
    if log_variance is None:
        return mean_square(mean)
    excess = tf.square(mean) + tf.exp(log_variance) - 1.0 - log_variance
    return 0.5 * tf.reduce_mean(tf.reduce_sum(excess, 1))


def mode_seeking(images, styles):
    """Returns the mean over pairs of 1 / (distance of images / distance of styles + 1e-5).

    Args:
        images: pair of (batch, height, width, channels).
        styles: pair of (batch, latent_size), those that they are made in.

    Reference: Mao et al. 2019, https://arxiv.org/abs/1903.05628
    """
    images_apart = tf.reduce_mean(tf.abs(images[1] - images[0]), (1, 2, 3))
    styles_apart = tf.reduce_mean(tf.abs(styles[1] - styles[0]), 1)
    return tf.reduce_mean(1.0 / (images_apart / styles_apart + 1e-5))
