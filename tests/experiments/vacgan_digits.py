"""S-VACGAN: on scikit-learn's digits of 8 x 8 pixels, a classifier beside the game teaches classes.

Perceptrons of two layers of 256, a classifier of one, 3,000 steps of 64. A support vector machine
that has learned the digits is to see the class in 90 percent of the images; images of a class are
to vary 0.6 times as much as real ones. `without` is the accuracy where the classifier's loss has no
weight, at most 0.25.

    python -m tests.experiments.vacgan_digits
"""

import sys

import keras

from tests.experiments import toys
from tfgan_apps import noise
from tfgan_apps.models import VACGAN

COST = "minutes"
DATA = None
STEPS = 3000


def experiment(seed, class_weight=0.8):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    data = toys.digits(seed, STEPS, with_labels=True)
    image = keras.Input((8, 8, 1), name="image")
    x = toys.trunk(keras.layers.Flatten()(image), depth=1)
    classifier = keras.Model(image, keras.layers.Dense(toys.CLASSES)(x), name="classifier")
    given = {"generator": toys.generator("label"), "discriminator": toys.discriminator()}
    model = VACGAN(
        image_size=8,
        latent_size=toys.LATENTS,
        adversarial_weight=0.2 if class_weight else 1.0,
        class_weight=class_weight,
        seed=seed,
        classifier=classifier,
        **given,
    )
    sgd = keras.optimizers.SGD(0.01, 0.9, nesterov=True)
    model.noise = model.training_noise = noise.DISTRIBUTIONS["normal"]  # not the authors'
    toys.fitted(model, data, STEPS, **toys.adams(), classifier_optimizer=sgd)
    return toys.class_readings(model)


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    without = experiment(0, class_weight=0.0)["accuracy"]
    rows["seed 0, class_weight 0"] = {"without": without}
    bounds = {"accuracy": (0.9, None), "diversity": (0.6, None), "without": (None, 0.25)}
    return toys.report("VACGAN: digits of 8 x 8 pixels", "vacgan_digits", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
