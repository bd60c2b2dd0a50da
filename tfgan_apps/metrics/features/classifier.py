"""A small classifier that is trained on the data at hand: features without a download, no FID.

classifier = train_classifier(images, labels, name="mnist-classifier")
classifier.save("mnist-classifier.keras")
network = classifier_features("mnist-classifier.keras")
"""

import keras
import numpy as np
from keras import layers

from tfgan_apps.arguments import check, check_integers
from tfgan_apps.metrics.features.network import FeatureNetwork, as_bytes, weights_hash


def train_classifier(images, labels, name, epochs=3, batch_size=128, seed=0, verbose=0):
    """Returns a classifier, trained: image float32 in [-1, 1] -> `features` (128) and `logits`.

    Adam with a rate that falls from 1e-3 to 0 along a cosine. On MNIST three epochs give 99 % and
    more of the test images.

    Args:
        images: (N, H, W, C), uint8, or float in [-1, 1], sides of at least 16 pixels.
        labels: int (N,), from 0 on.
        name: str, of letters, digits, `-`, `_` and `.`, that stands with each number.
        epochs: int >= 1. Defaults to 3.
        batch_size: int >= 1. Defaults to 128.
        seed: int, of weights, order and dropout. Defaults to 0.
        verbose: 0 or 1, as in `fit`. Defaults to 0.

    Raises:
        ValueError: the shapes do not fit.
    """
    check_integers(1, epochs=epochs, batch_size=batch_size)
    images, labels = as_bytes(images), np.asarray(labels)
    fits = labels.shape == (len(images),) and np.issubdtype(labels.dtype, np.integer)
    check(fits and labels.min() >= 0, f"int >= 0 of shape ({len(images)},)", labels=labels)
    model = build_classifier(images.shape[1:], int(labels.max()) + 1, name, seed)
    steps = epochs * -(-len(images) // batch_size)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps)),
        {"logits": keras.losses.SparseCategoricalCrossentropy(from_logits=True)},
    )
    random = np.random.default_rng(seed)
    for _ in range(epochs):
        order = random.permutation(len(images))
        scaled = np.float32(images[order] / 127.5 - 1)
        targets = {"logits": labels[order]}
        model.fit(scaled, targets, batch_size, shuffle=False, verbose=verbose)
    return model


def build_classifier(image_shape, classes, name, seed=0):
    """Returns the network, not trained.

    Args:
        image_shape: (H, W, C), sides of at least 16 pixels.
        classes: int >= 2.
        name: str.
        seed: int, of weights and dropout. Defaults to 0.
    """
    check_integers(2, classes=classes)
    check(min(image_shape[:2]) >= 16, "of at least 16 pixels a side", image_shape=image_shape)
    drawn = [keras.initializers.HeUniform(seed + place) for place in range(5)]
    image = x = keras.Input(image_shape, name="image")
    for filters, initializer in zip((32, 64, 128), drawn, strict=False):
        x = layers.Conv2D(filters, 3, padding="same", kernel_initializer=initializer)(x)
        x = layers.MaxPooling2D()(layers.ReLU()(x))
    x = layers.Dropout(0.3, seed=seed)(layers.Flatten()(x))
    x = layers.Dense(128, "relu", kernel_initializer=drawn[3], name="features")(x)
    logits = layers.Dense(classes, kernel_initializer=drawn[4], name="logits")(x)
    return keras.Model(image, {"features": x, "logits": logits}, name=name)


def classifier_features(model):
    """Returns the `FeatureNetwork` of a classifier, under its own name.

    Args:
        model: classifier of this file, or path of its .keras.

    Raises:
        ValueError: it has not the outputs `features` and `logits`.
    """
    model = keras.models.load_model(model, compile=False) if isinstance(model, str) else model
    names = getattr(model, "output_names", [])
    check({"features", "logits"} <= set(names), "one with outputs features and logits", model=names)

    def function(images):
        shape = model.input_shape[1:]
        check(images.shape[1:] == shape, f"of shape {shape}, as in training", images=images.shape)
        found = model.predict_on_batch(np.float32(images / 127.5 - 1))
        return {name: found[name] for name in ("features", "logits")}

    sha256, channels = weights_hash(model), model.input_shape[-1]
    return FeatureNetwork(model.name, function, "none", sha256, 256, channels)
