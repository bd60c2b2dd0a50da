"""Initial weights: a new run that starts from what another one has learned."""

import os

import keras

from tfgan_apps.run_directory import RunDirectory


def start_from(model, path):
    """Gives the networks of a model the weights of another's; optimizers and the step stay.

    Args:
        model: `AdversarialModel`.
        path: str, a run directory, whose last checkpoint is taken, or a `.keras` file.

    Raises:
        ValueError: there is no model, or one with other networks.
        RunDirectoryError, CheckpointError: see `RunDirectory.load`.
    """
    theirs, ours = _networks(_load(path)), _networks(model)
    if _shapes(theirs) != _shapes(ours):
        raise ValueError(
            f"init_from must hold a model with the networks of this run, {_summary(ours)}. "
            f"Received: {path} with {_summary(theirs)}"
        )
    for own, other in zip(ours, theirs, strict=True):
        own.set_weights(other.get_weights())


def _load(path):
    if os.path.isdir(path):
        return RunDirectory(path).load()[0]
    if not (os.path.isfile(path) and path.endswith(".keras")):
        raise ValueError(f"init_from must be a run directory or a .keras file. Received: {path!r}")
    return keras.saving.load_model(path)


def _networks(model):
    return [layer for layer in model.layers if isinstance(layer, keras.Model)] or [model]


def _shapes(networks):
    return [[tuple(weight.shape) for weight in network.weights] for network in networks]


def _summary(networks):
    return ", ".join(f"{each.name} ({each.count_params():,} parameters)" for each in networks)
