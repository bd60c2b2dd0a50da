"""Numbers that are no numbers any more: which weight of a model is one, and the error."""

import keras
import numpy as np


class NonFiniteError(ArithmeticError):
    """A metric or a weight became infinite or not a number."""


def is_finite(value):
    """Tells whether all numbers of a tensor, variable or array are finite."""
    return bool(np.isfinite(keras.ops.convert_to_numpy(value)).all())


def non_finite_weight(model):
    """Returns `<network>/<weight>` of the first weight that is not finite, or None.

    Args:
        model: `keras.Model`; weights of its own are named by the model.
    """
    for layer in [*model.layers, model]:
        for weight in layer.weights:
            if not is_finite(weight):
                return f"{layer.name}/{weight.path}"
    return None
