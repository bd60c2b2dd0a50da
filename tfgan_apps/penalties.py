"""Penalties: of a discriminator's gradient with respect to images, of its scores, of kernels.

Those of a gradient take a critic: a function of a batch of images, differentiable twice, that
returns scores of any shape; what else it needs (a label, an augmentation) is in the function. A
score must depend on its own image alone: no batch normalization in training. A penalty is a float32
scalar; its weight is the caller's.
"""

import tensorflow as tf

from tfgan_apps.gradients import GradientTape

# Where a critic computes in float16, its gradient would be rounded to multiples of 6e-8, and the
# square of its weak parts to 0. As a loss is scaled before its gradient, so are the scores, by
# a power of 2, which is exact; slopes up to 255 stay finite.
_SCALE = 256.0
_SMALLEST_NORM = 1e-6  # the slope of a square root at 0 is infinite


def gradient_penalty(critic, real, fake, epsilon, target=1.0, pixelwise=False):
    """Returns the mean of (||gradient|| - target)^2 at a point between each two images.

    Args:
        critic: function of images, float32 like `real`, that returns scores.
        real: float tensor (B, ...), real images.
        fake: float tensor of the same shape, generated images.
        epsilon: float tensor (B,) in [0, 1], the weight of each real image; draw it uniformly.
        target: float, the norm over all axes but the first that is not penalized. Defaults to 1.
        pixelwise: bool, the norm is that of each pixel, over the last axis alone, as SinGAN has it.
            Defaults to False.

    Returns:
        float32 scalar. WGAN-GP's weight of it is 10; that of PGGAN is 10 / target^2.

    Raises:
        ValueError: the shapes differ, or the critic does not depend on its images.

    Reference: Gulrajani et al. 2017 (WGAN-GP), https://arxiv.org/abs/1704.00028, algorithm 1
    """
    real, fake, epsilon = _float32(real), _float32(fake), _float32(epsilon)
    if not (fake.shape.is_compatible_with(real.shape) and _fits(epsilon, real)):
        raise ValueError(
            "real and fake must have one shape, and epsilon a value for each image. Received: "
            f"shapes {real.shape}, {fake.shape}, {epsilon.shape}"
        )
    weight = tf.reshape(epsilon, [-1] + [1] * (real.shape.rank - 1))
    axes = [-1] if pixelwise else None
    squared_norms, _ = _squared_norms(critic, weight * real + (1.0 - weight) * fake, axes)
    return tf.reduce_mean(tf.square(tf.sqrt(squared_norms + _SMALLEST_NORM**2) - target))


def r1(critic, real):
    """Returns the mean over images of ||gradient||^2, and the scores that have the gradient.

    The paper's gamma / 2 is the caller's. Of generated images it is R2.

    Args:
        critic: function of images, float32 like `real`, that returns scores. Their sum is what has
            the gradient, so that a map of patches counts as its sum; that of a mean of n scores has
            a penalty that is n^2 times smaller.
        real: float tensor (B, ...), real images; before any augmentation, which is the critic's.

    Returns:
        Of (penalty, scores) a float32 scalar, and what the critic returned, for its verdict.
        StyleGAN's weight of the penalty is 5 (gamma 10), that of StarGAN v2 is 0.5.

    Raises:
        ValueError: the critic does not depend on its images.

    Reference: Mescheder et al. 2018, https://arxiv.org/abs/1801.04406, equation 9
    """
    squared_norms, scores = _squared_norms(critic, _float32(real))
    return tf.reduce_mean(squared_norms), scores


def path_lengths(generator, styles, direction):
    """Returns how far images move along a direction, for a move of their styles, and the images.

    Args:
        generator: function of styles that returns images, differentiable twice.
        styles: float32 tensor (B, layers, size).
        direction: float tensor as the images, standard normal over the root of their pixels.

    Returns:
        Of (lengths, images) float32 (B,), and what the generator returned.

    Reference: Karras et al. 2020 (StyleGAN2), https://arxiv.org/abs/1912.04958, equation 4
    """
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(styles)
        images = generator(styles)
        moved = tf.reduce_sum(_float32(images) * _float32(direction))
    slopes = tape.gradient(moved, styles)
    return tf.sqrt(tf.reduce_mean(tf.reduce_sum(tf.square(slopes), 2), 1)), images


def drift(on_real):
    """Returns the mean of D(real)^2, which keeps a critic's scores near 0; PGGAN's weight is 0.001.

    Args:
        on_real: float tensor of any shape, D's scores of real images.

    Reference: Karras et al. 2018 (PGGAN), https://arxiv.org/abs/1710.10196, appendix A.1
    """
    return tf.reduce_mean(tf.square(_float32(on_real)))


def orthogonality(kernels):
    """Returns half the sum of the squared products of different outputs' kernels.

    BigGAN's authors add beta times half the gradient of the squares to that of the generator, which
    is beta times the gradient of this.

    Args:
        kernels: sequence of tensors (..., outputs), each of 2 axes or more.

    Reference: Brock et al. 2019 (BigGAN), https://arxiv.org/abs/1809.11096, equation 3;
    https://github.com/ajbrock/BigGAN-PyTorch at 9845943, utils.py, `ortho`
    """
    total = tf.constant(0.0)
    for kernel in kernels:
        matrix = tf.reshape(_float32(kernel), (-1, kernel.shape[-1]))
        products = tf.matmul(matrix, matrix, transpose_a=True)
        between = tf.linalg.set_diag(products, tf.zeros_like(products[0]))
        total += 0.5 * tf.reduce_sum(tf.square(between))
    return total


def _squared_norms(critic, images, axes=None):
    """Returns the squared norm of the gradient of the scores' sum, (B,) float32, and the scores.

    Args:
        critic, images: see `r1`.
        axes: list of int, that the norm is over. Defaults to None, all but the first.
    """
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        scores = critic(images)
        total = _SCALE * tf.reduce_sum(_float32(scores))
    gradient = tape.gradient(total, images)
    if gradient is None:
        raise ValueError(f"critic must depend on the images it is given. Received: {critic}")
    axes = axes or list(range(1, images.shape.rank))
    return tf.reduce_sum(tf.square(gradient / _SCALE), axis=axes), scores


def _fits(epsilon, real):
    return epsilon.shape.rank == 1 and epsilon.shape.is_compatible_with(real.shape[:1])


def _float32(x):
    return tf.cast(x, tf.float32)
