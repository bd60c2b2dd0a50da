"""Optimizers: Adam in one operation, momentum that grows; and their rates."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.optimizers import Adam, DecayedAdam, DecayedRMSprop, GrowingMomentumSGD
from tfgan_apps.schedules import DivisionDecay


@pytest.mark.parametrize("jit_compile", [False, True])
def test_it_moves_weights_as_keras_does(jit_compile):
    weights = []
    for kind in (keras.optimizers.Adam, Adam):
        variable = keras.Variable(np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4))
        optimizer = kind(0.1, beta_1=0.5, beta_2=0.9, epsilon=1e-3)
        optimizer.build([variable])
        step = tf.function(lambda g, o=optimizer: o.apply([g]), jit_compile=jit_compile)
        for seed in range(5):
            step(tf.random.stateless_normal((3, 4), (seed, 0)))
        weights.append([v.numpy() for v in (variable, *optimizer.variables)])
    assert len(weights[0]) == len(weights[1])
    for expected, found in zip(*weights, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_its_config_makes_it_again():
    optimizer = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(Adam(0.1, beta_1=0.5))
    )
    assert type(optimizer) is Adam
    assert optimizer.beta_1 == 0.5


def test_amsgrad_is_refused():
    with pytest.raises(ValueError, match="amsgrad must be False. Received: True"):
        Adam(amsgrad=True)


def test_momentum_grows_to_its_last_value():
    variable = keras.Variable([0.0])
    optimizer = GrowingMomentumSGD(0.1, 0.5, 0.9, growth_steps=2)
    optimizer.build([variable])
    velocity = weight = 0.0
    for momentum in (0.5, 0.7, 0.9, 0.9):
        optimizer.apply([tf.constant([1.0])])
        velocity = momentum * velocity - 0.1
        weight += velocity
        assert float(variable.numpy()[0]) == pytest.approx(weight, rel=1e-5)
    config = keras.saving.serialize_keras_object(optimizer)
    assert keras.saving.deserialize_keras_object(config).get_config() == optimizer.get_config()


def test_momentum_out_of_its_range():
    with pytest.raises(ValueError, match="final_momentum in .* Received: momentum=0.5, final"):
        GrowingMomentumSGD(final_momentum=1.5)


def test_rate_is_divided_after_every_step():
    rate = DivisionDecay(0.1, 2.0, least=0.02)
    assert [round(float(rate(step)), 6) for step in range(4)] == [0.1, 0.05, 0.025, 0.02]
    assert DivisionDecay.from_config(rate.get_config()).get_config() == rate.get_config()
    with pytest.raises(ValueError, match="factor must be >= 1"):
        DivisionDecay(0.1, 0.5)


def test_decay_goes_through_the_moments_as_in_pytorch():
    """Of the first step only the sign of gradient + decay * weight counts; AdamW's would not."""
    variable = keras.Variable(np.array([1.0, -1.0, 1.0]))
    optimizer = DecayedAdam(0.1, epsilon=1e-12, decay=0.5)
    optimizer.build([variable])
    optimizer.apply([tf.constant([-0.2, 0.2, -0.8])])
    np.testing.assert_allclose(variable, [0.9, -0.9, 1.1], atol=1e-5)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert (type(again), again.decay) == (DecayedAdam, 0.5)


def test_rmsprop_with_weight_decay_is_pytorchs():
    """g = gradient + decay * weight; v = 0.01 g^2; the weight less rate * g / (sqrt(v) + 1e-8)."""
    variable = keras.Variable(np.array([1.0, -2.0, 0.0]))
    optimizer = DecayedRMSprop(0.1, rho=0.99, epsilon=1e-16, decay=0.5)
    optimizer.build([variable])
    optimizer.apply([tf.constant([-0.2, 0.2, 0.0])])
    np.testing.assert_allclose(variable, [0.0, -1.0, 0.0], atol=1e-5)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert (type(again), again.decay) == (DecayedRMSprop, 0.5)


def test_a_negative_decay():
    with pytest.raises(ValueError, match="decay must be >= 0. Received: decay=-1"):
        DecayedAdam(decay=-1)
