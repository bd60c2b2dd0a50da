"""S-DCGAN: on scikit-learn's digits of 8 x 8 pixels, what is generated is near to what is real.

A support vector machine trained on the digits is the judge. Thresholds, after 1,500 steps of 64:
the mean distance to the nearest training image at most 3.1 (an untrained generator: about 6), at
least 9 digits with 2 percent of the samples each, and pixels that vary 0.75 to 1.2 times as much
as the real ones'.

    python -m tests.experiments.dcgan_digits
"""

import sys

import keras
import numpy as np
from keras import layers
from sklearn import datasets, model_selection, svm

from tests.experiments import results
from tfgan_apps.initializers import normal_002
from tfgan_apps.input_pipelines import ImageSet
from tfgan_apps.models import DCGAN
from tfgan_apps.networks.dcgan import normalized

COST = "minutes"
DATA = None
STEPS, SAMPLES, LATENTS = 1500, 1000, 32


def digits():
    """Returns (images (N, 8, 8, 1) in 0 to 255, labels) of the 70 percent for training."""
    found = datasets.load_digits()
    images, _, labels, _ = model_selection.train_test_split(
        found.images, found.target, train_size=0.7, random_state=0, stratify=found.target
    )
    return np.round(images[..., None] * 255 / 16).astype(np.uint8), labels


def networks():
    """Returns the generator and the discriminator of 8 x 8 pixels."""
    plain = {"use_bias": False}
    latents = x = keras.Input((LATENTS,), name="latents")
    x = layers.Reshape((1, 1, LATENTS))(x)
    for width, kernel, strides, padding in ((64, 2, 1, "valid"), (32, 4, 2, "same")):
        options = {**plain, "kernel_initializer": normal_002()}
        x = layers.Conv2DTranspose(width, kernel, strides, padding, **options)(x)
        x = layers.ReLU()(normalized(x))
    options = {**plain, "kernel_initializer": normal_002(), "activation": "tanh"}
    image = layers.Conv2DTranspose(1, 4, 2, "same", **options)(x)
    generator = keras.Model(latents, image, name="generator")
    image = x = keras.Input((8, 8, 1), name="image")
    x = layers.Conv2D(32, 4, 2, "same", kernel_initializer=normal_002(), **plain)(x)
    x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = normalized(layers.Conv2D(64, 4, 2, "same", kernel_initializer=normal_002(), **plain)(x))
    x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Conv2D(1, 2, kernel_initializer=normal_002(), **plain)(x)
    return generator, keras.Model(image, layers.Flatten()(x), name="discriminator")


def experiment(seed):
    """Returns the readings of one seed: name -> float."""
    keras.utils.set_random_seed(seed)
    images, labels = digits()
    generator, discriminator = networks()
    given = {"generator": generator, "discriminator": discriminator}
    model = DCGAN(image_size=8, channels=1, latent_size=LATENTS, seed=seed, **given)
    model.compile(learning_rate=1e-3)
    data = ImageSet.from_arrays({"train": images}, batch_size=64, seed=seed)
    untrained = readings(model, images, labels)
    model.fit(data.train(), steps_per_epoch=STEPS, shuffle=False, verbose=0)
    found = readings(model, images, labels)
    return {"distance before": untrained["distance"], **found}


def readings(model, images, labels):
    """Returns the distance, the digits and the variation of what a model generates."""
    real = images.reshape(len(images), -1) / 127.5 - 1
    drawn = model.generator.predict(model.noise((SAMPLES, LATENTS), (7, 7)), verbose=0)
    drawn = drawn.reshape(SAMPLES, -1)
    squares = (drawn**2).sum(1)[:, None] + (real**2).sum(1) - 2 * drawn @ real.T
    distance = np.sqrt(np.maximum(squares, 0)).min(1).mean()
    judge = svm.SVC(C=10, gamma=0.02).fit(real, labels)
    counts = np.bincount(judge.predict(drawn), minlength=10)
    variation = drawn.std(0).mean() / real.std(0).mean()
    return {
        "distance": float(distance),
        "digits": int((counts >= 0.02 * SAMPLES).sum()),
        "variation": float(variation),
    }


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in range(3)}
    distance = max(row["distance"] for row in rows.values())
    least = min(row["digits"] for row in rows.values())
    spread = [row["variation"] for row in rows.values()]
    passed = distance <= 3.1 and least >= 9 and 0.75 <= min(spread) and max(spread) <= 1.2
    verdict = "Passed" if passed else "FAILED"
    results.write_section(
        "DCGAN: digits of 8 x 8 pixels",
        "python -m tests.experiments.dcgan_digits",
        f"{results.table(rows)}\n\n{verdict}: thresholds as in the module's docstring.",
        threshold="of every seed: distance at most 3.1, at least 9 digits, variation 0.75 to 1.2",
        measured=f"{distance:.3g}, {least}, {min(spread):.3g} to {max(spread):.3g}",
    )
    return not passed


if __name__ == "__main__":
    sys.exit(main())
