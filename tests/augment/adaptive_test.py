"""AdaptiveAugmentation: its state in a model's training steps."""

import numpy as np
import pytest
import tensorflow as tf

from tests.tiny_gan import TinyGAN
from tfgan_apps.augment.adaptive import AdaptiveAugmentation


def test_signs_are_counted_over_four_steps():
    model, own = TinyGAN(), AdaptiveAugmentation("bgc", target=0.5, kimg=0.064)
    logits = tf.constant([[1.0], [2.0], [-3.0], [4.0]])  # their signs' mean is a half
    found = []
    for step, more in enumerate((1.0, -1.0, 1.0, 1.0, 1.0, -1.0)):
        model.step.assign(step)
        told = own.follow(model, logits * more)
        found.append((float(told["overfitting"]), float(told["probability"])))
    # After the fourth step the mean of 0.5, -0.5, 0.5 and 0.5 is below the target.
    means = 0.5, 0, pytest.approx(1 / 6), 0.25, 0.5, 0
    assert found == [(mean, 0) for mean in means]
    own.target = -1.0
    model.step.assign(7)
    told = own.follow(model, logits)
    assert float(told["probability"]) == 4 * 4 / 64


def test_two_names_are_augmented_apart_and_nothing_is_at_first():
    model, own = TinyGAN(), AdaptiveAugmentation("bg")
    images = tf.random.stateless_uniform((4, 8, 8, 3), (0, 0), -1.0, 1.0)
    np.testing.assert_allclose(own.augmented(model, images, "real"), images, atol=1e-4)
    own.probability.assign(1.0)
    one, same, other = (own.augmented(model, images, n) for n in ("real", "real", "fake"))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.1


def test_numbers_out_of_their_range():
    with pytest.raises(ValueError, match="augment_target must be a finite number"):
        AdaptiveAugmentation("bgc", target=2)
    with pytest.raises(ValueError, match="sets must be one of"):
        AdaptiveAugmentation("all")
