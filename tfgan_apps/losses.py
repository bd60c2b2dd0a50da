"""Adversarial losses as pairs of functions of the discriminator's outputs.

Every function takes outputs of any shape (a score, or a map of patches), averages over all of
their elements, batch included, and returns a float32 scalar.
"""

from keras import ops


def least_squares_generator_loss(on_fake):
    """Returns mean (D(fake) - 1)^2, the generator's loss in LSGAN.

    Args:
        on_fake: float tensor of any shape, D's outputs without activation for generated images.

    Reference: Mao et al. 2017, https://arxiv.org/abs/1611.04076
    """
    return ops.mean(ops.square(_float32(on_fake) - 1.0))


def least_squares_discriminator_loss(on_real, on_fake):
    """Returns (mean (D(real) - 1)^2 + mean D(fake)^2) / 2, the discriminator's loss in LSGAN.

    Args:
        on_real: float tensor of any shape, D's outputs without activation for real images.
        on_fake: the same for generated images.

    Reference: Mao et al. 2017, https://arxiv.org/abs/1611.04076
    """
    on_real, on_fake = _float32(on_real), _float32(on_fake)
    return 0.5 * (ops.mean(ops.square(on_real - 1.0)) + ops.mean(ops.square(on_fake)))


def sigmoid_cross_entropy(logits, label, weights=1.0):
    """Returns the weighted mean of -log D for label 1, and of -log(1 - D) for label 0.

    With label 1 for generated images it is the generator's non-saturating loss.

    Args:
        logits: float tensor of any shape, D's outputs before the sigmoid.
        label: 1.0, D is to say "real", or 0.0.
        weights: float tensor that broadcasts to the logits; their sum divides nothing, the mean is
            over all elements. Defaults to 1.

    Reference: Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661
    """
    logits = _float32(logits)
    labels = ops.full_like(logits, label)
    return ops.mean(weights * ops.binary_crossentropy(labels, logits, from_logits=True))


def mean_absolute_error(a, b):
    """Returns mean |a - b| over all elements, batch included, as a float32 scalar.

    Args:
        a, b: float tensors of one shape.
    """
    return ops.mean(ops.abs(_float32(a) - _float32(b)))


def _float32(x):
    return ops.cast(x, "float32")
