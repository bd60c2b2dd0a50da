"""S-InfoGAN: on scikit-learn's digits, without labels, categories come to stand for digits.

Perceptrons of two layers of 256, a code of 10 categories, 4,000 steps of 64. `information` of the
categories is to be at least 2.2 nats (of 2.3026), the code of 98 percent of fresh fakes is to be
`read` right; of 65 percent of the images the judge is to see the digit that is usual for their
category (`purity`), and at least 8 digits are to be usual for one. Read on real test images, each
category standing for a digit of its own, the code is to be right for 55 percent (`real`).
With no weight on the information all of this is to fail: at most 0.1 nats, and a purity of 0.3.

    python -m tests.experiments.infogan_digits
"""

import sys

import keras
import numpy as np

from tests.experiments import toys
from tfgan_apps import noise
from tfgan_apps.models import InfoGAN

COST = "minutes"
DATA = None
STEPS = 4000


def experiment(seed, information_weight=1.0):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    data = toys.digits(seed, STEPS)
    judge = toys.discriminator({"logits": 1, "features": None})
    features = keras.Input((256,), name="features")
    x = keras.layers.LeakyReLU(negative_slope=0.2)(keras.layers.Dense(128)(features))
    recognizer = keras.Model(features, keras.layers.Dense(toys.CLASSES)(x), name="recognizer")
    given = {"generator": toys.generator("code"), "discriminator": judge, "recognizer": recognizer}
    numbers = {"latent_size": toys.LATENTS, "continuous": 0, "seed": seed}
    model = InfoGAN(**numbers, information_weight=information_weight, **given)
    model.noise = noise.DISTRIBUTIONS["normal"]  # in place of the authors'
    toys.fitted(model, data, STEPS, **toys.adams())
    return readings(model)


def readings(model):
    """Returns what the codes of fresh fakes and of real test images say."""
    codes = np.arange(toys.SAMPLES) % toys.CLASSES
    images = toys.of_all_classes(model, "code", codes)
    probabilities = np.array(model.recognize(images))
    surprise = -np.log(np.maximum(probabilities[np.arange(len(codes)), codes], 1e-30)).mean()
    pure, digits = toys.purity(images, codes)
    reals, labels = toys.split()[1]
    real = np.array(model.recognize(toys.flat(reals).reshape(-1, 8, 8, 1).astype(np.float32)))
    return {
        "information": float(np.log(toys.CLASSES) - surprise),
        "read": float((probabilities.argmax(-1) == codes).mean()),
        "purity": pure,
        "digits": digits,
        "real": toys.matched(real.argmax(-1), labels),
    }


def main():
    """Runs three seeds, and one without the information, and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    without = experiment(0, information_weight=0.0)
    rows["seed 0, weight 0"] = {f"{n}, weight 0": without[n] for n in ("information", "purity")}
    bounds = {"information": (2.2, None), "read": (0.98, None), "purity": (0.65, None)}
    bounds |= {"digits": (8, None), "real": (0.55, None)}
    bounds |= {"information, weight 0": (None, 0.1), "purity, weight 0": (None, 0.3)}
    return toys.report("InfoGAN: digits of 8 x 8 pixels", "infogan_digits", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
