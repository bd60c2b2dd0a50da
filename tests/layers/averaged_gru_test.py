import numpy as np

from tfgan_apps.layers import AveragedGRU


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_three_steps_by_hand():
    layer = AveragedGRU(2)
    inputs = np.random.default_rng(0).normal(size=(4, 3, 5)).astype("float32")
    layer.build(inputs.shape)
    rng = np.random.default_rng(1)
    values = [rng.normal(size=weight.shape) for weight in layer.weights]
    layer.set_weights(values)
    found = layer(inputs)
    kernel, bias, gates_kernel, gates_bias, candidate_kernel, candidate_bias = values
    state = np.tanh(inputs[:, 0] @ kernel[:, 4:] + bias[4:])
    states = [state]
    for step in (1, 2):
        x = inputs[:, step] @ kernel + bias
        h = state @ gates_kernel + gates_bias
        update, reset = sigmoid(x[:, :2] + h[:, :2]), sigmoid(x[:, 2:4] + h[:, 2:])
        recurrent = (reset * state) @ candidate_kernel + candidate_bias
        state = update * np.tanh(x[:, 4:] + recurrent) + (1 - update) * state
        states.append(state)
    np.testing.assert_allclose(found, np.mean(states, 0), rtol=1e-5, atol=1e-6)


def test_parameter_count_of_the_authors():
    layer = AveragedGRU(512)
    layer.build((None, 18, 512))
    assert layer.count_params() == 6 * (512 * 512 + 512)
