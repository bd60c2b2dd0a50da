"""Checks of networks that a user gives in place of the built ones."""

import keras
import tensorflow as tf


def check_network(takes, gives=None, **given):
    """Raises `ValueError` unless a given network maps examples of one shape to those of another.

    Args:
        takes: tuple of int, the shape of an example; a dict of such where it has named parts.
        gives: the shape of what becomes of it, None where it may be any. Defaults to None, any.
        **given: the network by its name; None, for that which is built, fits.

    Raises:
        ValueError: it is no model that is built, or does not fit.
    """
    ((name, network),) = given.items()
    if network is None:
        return
    if not isinstance(network, keras.Model) or not network.built:
        raise ValueError(f"{name} must be {_BUILT}. Received: {_described(network)}")
    parts = takes if isinstance(takes, dict) else {None: takes}
    taken = {part: (None, *shape) for part, shape in parts.items()}
    taken, given = taken.get(None, taken), (None, *gives) if gives else None
    found = getattr(network, "input_shape", taken)  # a subclassed model has none
    if isinstance(taken, dict) and getattr(network, "inputs", None):
        found = {tensor.name: tuple(tensor.shape) for tensor in network.inputs}  # Keras: a list
    _check_shape(f"{name} must take {taken}", found, taken)
    if given:
        found = network.compute_output_shape(taken)
        _check_shape(f"{name} must give {given} for {taken}", found, given)


def _check_shape(expected, found, shape):
    if not _fits(found, shape):
        raise ValueError(f"{expected}. Received: {found}")


def _fits(found, shape):
    if isinstance(shape, dict):
        same = isinstance(found, dict) and set(found) == set(shape)
        return same and all(_fits(found[name], shape[name]) for name in shape)
    return isinstance(found, tuple) and tf.TensorShape(found).is_compatible_with(shape)


def check_players(players):
    """Raises `ValueError` unless the networks of each player are built, and all are different.

    Args:
        players: dict, name -> list of networks.
    """
    for player, networks in players.items():
        for network in networks:
            if not network.built:
                raise ValueError(
                    f"networks of {player!r} must be {_BUILT}. Received: {_described(network)}"
                )
        if len(set(map(id, networks))) < len(networks):
            raise ValueError(
                f"networks of {player!r} must be different ones: keras.models.clone_model makes "
                f"another of the kind. Received: {[network.name for network in networks]}"
            )


_BUILT = "a keras.Model that is built, as one that begins with keras.Input"


def _described(network):
    return f"{type(network).__name__} {getattr(network, 'name', network)!r}"
