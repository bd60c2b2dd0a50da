"""AveragedGRU: the mean of a gated recurrent network's states."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="tfgan_apps")
class AveragedGRU(keras.layers.Layer):
    """Reads a sequence with a GRU and returns the mean of its states.

    The first state is the candidate of the first step, without a gate. The reset gate acts on the
    state before the recurrent product; products of the input and of the state have a bias each.

    Args:
        units: int >= 1.
        initializer: of all weights, biases too. Defaults to Glorot's uniform one.

    Call: `inputs` (batch, length, channels), the length known -> (batch, units).

    Reference: https://github.com/reedscot/icml2016 at db3f0c6, modules/FixedGRU.lua, with avg=1.
    """

    def __init__(self, units, initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.initializer = initializer

    def build(self, shape):
        def weight(name, *shape):
            return self.add_weight(
                shape, keras.initializers.get(self.initializer).clone(), name=name
            )

        # Columns: the update gate, the reset gate, the candidate.
        self.kernel = weight("kernel", shape[-1], 3 * self.units)
        self.bias = weight("bias", 3 * self.units)
        self.gates_kernel = weight("gates_kernel", self.units, 2 * self.units)
        self.gates_bias = weight("gates_bias", 2 * self.units)
        self.candidate_kernel = weight("candidate_kernel", self.units, self.units)
        self.candidate_bias = weight("candidate_bias", self.units)

    def call(self, inputs):
        steps = ops.unstack(ops.matmul(inputs, self.kernel) + self.bias, axis=1)
        states = [ops.tanh(steps[0][:, 2 * self.units :])]
        for step in steps[1:]:
            states.append(self._next(step, states[-1]))
        return sum(states) / len(states)

    def _next(self, step, state):
        from_gates, from_candidate = ops.split(step, [2 * self.units], axis=-1)
        gates = from_gates + ops.matmul(state, self.gates_kernel) + self.gates_bias
        update, reset = ops.split(ops.sigmoid(gates), 2, axis=-1)
        recurrent = ops.matmul(reset * state, self.candidate_kernel) + self.candidate_bias
        return state + update * (ops.tanh(from_candidate + recurrent) - state)

    def compute_output_shape(self, shape):
        return (shape[0], self.units)

    def get_config(self):
        initializer = keras.initializers.serialize(keras.initializers.get(self.initializer))
        return {**super().get_config(), "units": self.units, "initializer": initializer}
