"""Averages of networks' weights: what `AdversarialModel.follow` moves."""

import keras


def average_of(network):
    """Returns a copy of a network, which trains nothing, to follow it.

    Args:
        network: functional `keras.Model`.
    """
    average = keras.models.clone_model(network)
    average.name = f"average_{network.name}"
    average.set_weights(network.get_weights())
    average.trainable = False
    return average
