"""Losses by hand on 2 x 2 outputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps import losses

# Logits of 1/2, 3/4, 4/5 and 1/5: two examples of two patches.
REAL = np.log([[1.0, 3.0], [4.0, 0.25]]).astype(np.float32)
FAKE = np.log([[1.0, 1.0], [3.0, 1 / 3]]).astype(np.float32)
SCORES = np.float32([[2.0, 0.5], [-1.0, 0.0]])
OTHERS = np.float32([[-2.0, 0.5], [1.0, 0.0]])
log = np.log

EXPECTED = {
    "minimax_generator_loss": ([FAKE], log(1 / 2 * 1 / 2 * 1 / 4 * 3 / 4) / 4),
    "minimax_discriminator_loss": (
        [REAL, FAKE],
        -log(1 / 2 * 3 / 4 * 4 / 5 * 1 / 5) / 4 - log(1 / 2 * 1 / 2 * 1 / 4 * 3 / 4) / 4,
    ),
    "non_saturating_generator_loss": ([FAKE], -log(1 / 2 * 1 / 2 * 3 / 4 * 1 / 4) / 4),
    "least_squares_generator_loss": ([OTHERS], (9 + 0.25 + 0 + 1) / 4),
    "least_squares_discriminator_loss": (
        [SCORES, OTHERS],
        (1 + 0.25 + 4 + 1) / 8 + (4 + 0.25 + 1 + 0) / 8,
    ),
    "wasserstein_generator_loss": ([OTHERS], 0.5 / 4),
    "wasserstein_discriminator_loss": ([SCORES, OTHERS], -0.5 / 4 - 1.5 / 4),
    "hinge_generator_loss": ([OTHERS], 0.5 / 4),
    "hinge_discriminator_loss": (
        [SCORES, OTHERS],
        (0 + 0.5 + 2 + 1) / 4 + (0 + 1.5 + 2 + 1) / 4,
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_values_by_hand_over_patches(name):
    outputs, expected = EXPECTED[name]
    found = getattr(losses, name)(*outputs)
    assert found.shape == ()
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_every_pair_is_tested():
    pairs = [
        name for name in dir(losses) if name.endswith(("generator_loss", "discriminator_loss"))
    ]
    assert set(pairs) - set(EXPECTED) == {"non_saturating_discriminator_loss"}
    assert losses.non_saturating_discriminator_loss is losses.minimax_discriminator_loss


@pytest.mark.parametrize("name", EXPECTED)
def test_outputs_in_half_precision_are_averaged_in_float32(name):
    # In float16 the sum of 3 million scores would be infinite, and the square of 300 is.
    outputs, _ = EXPECTED[name]
    found = getattr(losses, name)(
        *[tf.fill((100, 100), tf.constant(300, "float16"))] * len(outputs)
    )
    assert found.dtype == "float32" and np.isfinite(found)


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_cross_entropies_of_large_logits_are_not_lost(name):
    generator, discriminator = (
        getattr(losses, f"{name}_{player}_loss") for player in ("generator", "discriminator")
    )
    logits = tf.constant([-200.0, 200.0])
    expected = {"minimax": -100, "non_saturating": 100}[name]
    np.testing.assert_allclose(generator(logits), expected, rtol=1e-6)
    np.testing.assert_allclose(discriminator(-logits, logits), 200, rtol=1e-6)


@pytest.mark.parametrize("name, slopes", [("minimax", (0, -1)), ("non_saturating", (-1, 0))])
def test_the_saturating_loss_has_no_slope_where_the_discriminator_is_sure(name, slopes):
    logits = tf.constant([-30.0, 30.0])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = getattr(losses, f"{name}_generator_loss")(logits)
    np.testing.assert_allclose(tape.gradient(loss, logits), np.divide(slopes, 2), atol=1e-6)


def test_smoothing_is_of_real_images_only():
    fake = -log(1 / 2 * 1 / 2 * 1 / 4 * 3 / 4) / 4
    right, wrong = log(1 / 2 * 3 / 4 * 4 / 5 * 1 / 5) / 4, log(1 / 2 * 1 / 4 * 1 / 5 * 4 / 5) / 4
    found = losses.minimax_discriminator_loss(REAL, FAKE, real_label=0.9)
    np.testing.assert_allclose(found, fake - 0.9 * right - 0.1 * wrong, rtol=1e-6)
    # The best answer to real images is the label, not certainty.
    best = np.log(0.9 / 0.1)
    slope = (
        losses.minimax_discriminator_loss(best + 0.01, FAKE, 0.9)
        - losses.minimax_discriminator_loss(best - 0.01, FAKE, 0.9)
    ) / 0.02
    assert abs(float(slope)) < 1e-4


@pytest.mark.parametrize("label", [-0.1, 1.5, float("nan")])
def test_real_label_is_a_probability(label):
    with pytest.raises(ValueError, match="real_label must be .*>= 0 and <= 1. Received: real_lab"):
        losses.minimax_discriminator_loss(REAL, FAKE, label)


def test_least_squares_with_the_papers_other_coding():
    # a, b, c = -1, 1, 0: the generator's loss is twice the paper's, as the docstring says.
    loss = losses.least_squares_discriminator_loss(SCORES, OTHERS, a=-1.0, b=1.0)
    np.testing.assert_allclose(loss, (1 + 0.25 + 4 + 1) / 8 + (1 + 2.25 + 4 + 1) / 8)
    loss = losses.least_squares_generator_loss(OTHERS, c=0.0)
    np.testing.assert_allclose(loss, (4 + 0.25 + 1 + 0) / 4)


def test_hinge_of_the_margin():
    discriminator = losses.hinge_discriminator_loss
    assert float(discriminator(np.float32([2.0]), np.float32([-2.0]))) == 0
    assert float(discriminator(np.float32([0.0]), np.float32([0.0]))) == 2


def test_sigmoid_cross_entropy_weighs_without_normalizing():
    weights = keras.ops.convert_to_tensor([[1.0, 0.0], [2.0, 0.0]])
    expected = -(log(1 / 2) + 2 * log(4 / 5)) / 4
    found = losses.sigmoid_cross_entropy(REAL, 1.0, weights)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    found = losses.sigmoid_cross_entropy(REAL, 0.0)
    np.testing.assert_allclose(found, -log(1 / 2 * 1 / 4 * 1 / 5 * 4 / 5) / 4, rtol=1e-6)


def test_mean_absolute_error():
    assert float(losses.mean_absolute_error(SCORES, OTHERS)) == (4 + 0 + 2 + 0) / 4


def test_feature_matching_leaves_out_logits_and_is_a_mean_over_discriminators():
    fake = [[SCORES, SCORES, 9 * SCORES], [SCORES, 9 * SCORES]]
    real = [[OTHERS, OTHERS + 1, OTHERS], [SCORES, OTHERS]]
    found = losses.feature_matching_loss(fake, real)
    assert float(found) == pytest.approx((6 + 3 + 1 + 3 + 1) / 4 / 2)
