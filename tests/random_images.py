"""Data of random images, for tests of systems."""

import numpy as np

from tfgan_apps.input_pipelines import ImageSet, LabelledImages


def unlabelled(size, channels=1, count=12):
    """Returns data of as many random images, in batches of 4."""
    images = np.random.default_rng(0).integers(0, 256, (count, size, size, channels), np.uint8)
    return ImageSet.from_arrays({"train": images, "test": images}, batch_size=4)


def labelled(size, channels=1, count=12, classes=3):
    """Returns data of as many random images of each class, in batches of 4."""
    images = np.random.default_rng(0).integers(0, 256, (count, size, size, channels), np.uint8)
    pair = images, np.arange(count) % classes
    return LabelledImages.from_arrays({"train": pair, "test": pair}, batch_size=4)


def batch(size, channels=1, count=4, classes=3):
    """Returns a grey batch."""
    image = np.zeros((count, size, size, channels), np.float32)
    return {"image": image, "label": np.arange(count, dtype=np.int32) % classes}
