"""Adam in one operation: Keras' numbers, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.optimizers import Adam


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
