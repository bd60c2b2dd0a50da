"""How far a model has been trained."""

import keras


def train_steps(model):
    """Returns the train steps done, by `model.step` or else the optimizer; None without either."""
    counter = getattr(model, "step", None)
    if counter is None:
        counter = getattr(model.optimizer, "iterations", None)
    return None if counter is None else int(keras.ops.convert_to_numpy(counter))
