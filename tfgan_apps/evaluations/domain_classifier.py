"""A small classifier that learns the domains of real images, to judge translations by."""

import functools

import keras
from keras import layers

_SIDE = 64  # larger images are seen at this size
_FILTERS = (16, 32, 64, 64)  # of layers that halve the sides


@functools.lru_cache(maxsize=1)  # the models of a run are judged by one
def trained(data, steps):
    """Returns a classifier, images (B, height, width, channels) in [-1, 1] -> logits (B, classes).

    It starts from the same weights each time, and draws nothing that others draw; the last one is
    kept.

    Args:
        data: has `train()`, batches of a dict of `image` and `label`, and `classes`.
        steps: int, batches that it learns from.
    """
    batches = data.train().map(lambda batch: (batch["image"], batch["label"]))
    shape = batches.element_spec[0].shape[1:]
    network = keras.Sequential([layers.Input(tuple(shape))])
    if shape[0] > _SIDE:
        network.add(layers.Resizing(_SIDE, _SIDE))
    for number, filters in enumerate(_FILTERS):
        start = keras.initializers.HeNormal(seed=number)
        options = {"padding": "same", "activation": "relu", "kernel_initializer": start}
        network.add(layers.Conv2D(filters, 3, 2, **options))
    network.add(layers.GlobalAveragePooling2D())
    start = keras.initializers.GlorotUniform(seed=0)
    network.add(layers.Dense(len(data.classes), kernel_initializer=start))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(1e-3), loss, jit_compile=False)
    network.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)
    return network
