"""Adversarial losses as pairs of functions of the discriminator's outputs.

Every function takes outputs of any shape (a score, or a map of patches), averages over all of
their elements, batch included, and returns a float32 scalar.
"""

from keras import ops

from tfgan_apps.arguments import check_numbers


def minimax_generator_loss(on_fake):
    """Returns mean log(1 - sigmoid D(fake)), the saturating loss of GAN's minimax game.

    Args:
        on_fake: float tensor of any shape, D's logits for generated images.

    Reference: Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661, equation 1
    """
    return -ops.mean(ops.softplus(_float32(on_fake)))


def minimax_discriminator_loss(on_real, on_fake, real_label=1.0):
    """Returns the sum of both binary cross-entropies: real images are 1, generated ones are 0.

    Args:
        on_real: float tensor of any shape, D's logits for real images.
        on_fake: the same for generated images.
        real_label: float in [0, 1], the probability of "real" that D is to give real images; 0.9 is
            one-sided label smoothing. Defaults to 1.

    Raises:
        ValueError: when `real_label` is out of its range.

    Reference:
        Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661, equation 1
        Salimans et al. 2016 (smoothing), https://arxiv.org/abs/1606.03498, section 3.4
    """
    check_numbers(0, 1, real_label=real_label)
    on_real, on_fake = _float32(on_real), _float32(on_fake)
    real = ops.softplus(-on_real) + (1.0 - real_label) * on_real
    return ops.mean(real) + ops.mean(ops.softplus(on_fake))


def non_saturating_generator_loss(on_fake):
    """Returns mean -log sigmoid D(fake), which has a gradient where D is sure of itself.

    Args:
        on_fake: float tensor of any shape, D's logits for generated images.

    Reference: Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661, section 3
    """
    return ops.mean(ops.softplus(-_float32(on_fake)))


# The games differ in the generator's loss only.
non_saturating_discriminator_loss = minimax_discriminator_loss


def least_squares_generator_loss(on_fake, c=1.0):
    """Returns mean (D(fake) - c)^2: twice the generator's loss in LSGAN, as CycleGAN has it.

    Args:
        on_fake: float tensor of any shape, D's outputs without activation for generated images.
        c: float, the value that the generator wants D to give them. Defaults to 1.

    Reference: Mao et al. 2017, https://arxiv.org/abs/1611.04076
    """
    return ops.mean(ops.square(_float32(on_fake) - c))


def least_squares_discriminator_loss(on_real, on_fake, a=0.0, b=1.0):
    """Returns (mean (D(real) - b)^2 + mean (D(fake) - a)^2) / 2, the discriminator's in LSGAN.

    Args:
        on_real: float tensor of any shape, D's outputs without activation for real images.
        on_fake: the same for generated images.
        a: float, the label of generated images; the paper's other coding has a, b, c = -1, 1, 0.
            Defaults to 0.
        b: float, the label of real images. Defaults to 1.

    Reference: Mao et al. 2017, https://arxiv.org/abs/1611.04076
    """
    on_real, on_fake = _float32(on_real), _float32(on_fake)
    return 0.5 * (ops.mean(ops.square(on_real - b)) + ops.mean(ops.square(on_fake - a)))


def wasserstein_generator_loss(on_fake):
    """Returns -mean D(fake), the generator's loss against a critic, a hinge discriminator's too.

    Args:
        on_fake: float tensor of any shape, D's outputs without activation for generated images.

    Reference: Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875, algorithm 1
    """
    return -ops.mean(_float32(on_fake))


def wasserstein_discriminator_loss(on_real, on_fake):
    """Returns mean D(fake) - mean D(real), the critic's loss; its negative estimates a distance.

    Args:
        on_real: float tensor of any shape, D's outputs without activation for real images.
        on_fake: the same for generated images.

    Reference: Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875, algorithm 1
    """
    return ops.mean(_float32(on_fake)) - ops.mean(_float32(on_real))


hinge_generator_loss = wasserstein_generator_loss


def hinge_discriminator_loss(on_real, on_fake):
    """Returns mean max(0, 1 - D(real)) + mean max(0, 1 + D(fake)).

    Args:
        on_real: float tensor of any shape, D's outputs without activation for real images.
        on_fake: the same for generated images.

    Reference: Lim and Ye 2017, https://arxiv.org/abs/1705.02894
    """
    on_real, on_fake = _float32(on_real), _float32(on_fake)
    return ops.mean(ops.relu(1.0 - on_real)) + ops.mean(ops.relu(1.0 + on_fake))


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


def class_cross_entropy(label, logits):
    """Returns the mean of -log softmax of the logits at each label.

    Args:
        label: int tensor (B,), classes.
        logits: float tensor (B, classes).
    """
    logits = _float32(logits)
    return ops.mean(ops.sparse_categorical_crossentropy(label, logits, from_logits=True))


def mean_absolute_error(a, b):
    """Returns mean |a - b| over all elements, batch included, as a float32 scalar.

    Args:
        a, b: float tensors of one shape.
    """
    return ops.mean(ops.abs(_float32(a) - _float32(b)))


def feature_matching_loss(on_fake, on_real):
    """Returns the mean over discriminators of the sum over hidden layers of mean |fake - real|.

    Args:
        on_fake, on_real: lists for each discriminator of what its layers see, the logits last;
            gradients flow to the generated images' alone.

    Reference: Wang et al. 2018, https://arxiv.org/abs/1711.11585, section 3.3
    """
    pairs = [zip(a[:-1], b[:-1], strict=True) for a, b in zip(on_fake, on_real, strict=True)]
    layers = [layer for pair in pairs for layer in pair]
    return sum(mean_absolute_error(a, ops.stop_gradient(b)) for a, b in layers) / len(pairs)


def _float32(x):
    return ops.cast(x, "float32")
