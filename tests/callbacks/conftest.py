"""A model that trains in milliseconds and has samples."""

import keras
import numpy as np
import pytest


class Tiny(keras.Model):
    """One weight in front of an image; its samples are the image and what it makes of it."""

    def __init__(self):
        super().__init__()
        self.scale = self.add_weight(shape=(1,), initializer="ones", name="scale")

    def call(self, image):
        return image * self.scale

    def samples(self, batch):
        return {"x": batch, "translated": self(batch)}


@pytest.fixture
def tiny():
    """Makes a compiled model."""

    def make(learning_rate=0.1):
        model = Tiny()
        model.compile(keras.optimizers.SGD(learning_rate), "mse")
        return model

    return make


@pytest.fixture
def fit():
    """Fits a model on four images, two steps an epoch."""

    def run(model, callbacks, epochs=1, initial_epoch=0, target=0.0):
        images = np.full((4, 2, 2, 1), 0.5, np.float32)
        targets = np.full_like(images, target)
        options = {"batch_size": 2, "verbose": 0, "shuffle": False, "initial_epoch": initial_epoch}
        return model.fit(images, targets, epochs=epochs, callbacks=callbacks, **options)

    return run
