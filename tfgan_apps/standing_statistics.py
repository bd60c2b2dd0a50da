"""Standing statistics: what batch normalization finds over many batches, measured at one go.

Moving averages of training lag behind the weights; of averaged weights and of truncated latents
they are wrong.

Reference: Brock et al. 2019 (BigGAN), https://arxiv.org/abs/1809.11096, appendix C;
https://github.com/ajbrock/BigGAN-PyTorch at 9845943, utils.py
"""

import contextlib

import keras
import tensorflow as tf

from tfgan_apps.serving.kinds import served_model


def measure(network, batches):
    """Returns the mean over batches of each normalization's mean and variance.

    The network is as before: neither moving averages nor vectors of spectral norms have moved.

    Args:
        network: functional `keras.Model`.
        batches: iterable of its inputs.

    Returns:
        list of pairs (mean, variance) of tensors (channels,), one for each that
        `normalizations` returns.
    """
    norms = normalizations(network)
    kept = [(weight, weight.numpy()) for weight in network.non_trainable_weights]
    options = [(norm.momentum, norm.trainable) for norm in norms]
    for count, inputs in enumerate(batches):
        for norm in norms:
            norm.trainable = True  # Keras lets frozen ones use their moving averages
            norm.momentum = count / (count + 1)  # so that these are means
        network(inputs, training=True)
    found = [(norm.moving_mean.numpy(), norm.moving_variance.numpy()) for norm in norms]
    for norm, (momentum, trainable) in zip(norms, options, strict=True):
        norm.momentum, norm.trainable = momentum, trainable
    for weight, value in kept:
        weight.assign(value)
    return found


def renew(network, batches):
    """Gives the normalizations of a network the statistics of its own, for moving averages.

    Args:
        network, batches: as for `measure`.
    """
    for norm, pair in zip(normalizations(network), measure(network, batches), strict=True):
        for weight, value in zip((norm.moving_mean, norm.moving_variance), pair, strict=True):
            weight.assign(value)


@contextlib.contextmanager
def kept(network):
    """Within it, a network that normalizes by its batch leaves moving averages as they are.

    Args:
        network: functional `keras.Model`.
    """
    norms = normalizations(network)
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum


def batches(model, count, size, first=0, bound=0.0):
    """Yields what a generator of classes is given, `latents` and `label`, by fixed seeds.

    Args:
        model: of `latent_size`, `class_names` and `seed`.
        count: int, of batches.
        size: int, of each.
        first: int, the number of the first one. Defaults to 0.
        bound: float, of the latents; 0: none. Defaults to 0.
    """
    for number in range(count):
        seeds = tf.range(size) + size * (first + number)
        bounds = tf.fill([size], bound) if bound else None
        latents = served_model.normal(seeds, (model.latent_size,), bounds)
        place, classes = (model.seed, number), len(model.class_names)
        label = tf.random.stateless_uniform([size], place, 0, classes, tf.int32)
        yield {"latents": latents, "label": label}


def normalizations(network):
    """Returns the `keras.layers.BatchNormalization`s of a functional model, in order."""
    parts = [getattr(layer, "batch", layer) for layer in network.layers]
    return [part for part in parts if isinstance(part, keras.layers.BatchNormalization)]
