"""S-pix2pix: where the best guess is flat, only a discriminator of pairs makes stripes.

Outlines of two shapes of 32 pixels become shapes with stripes, whose place the outlines do not
tell: each pixel is bright with probability 1/3, and the least mean absolute error is that of a flat
filling. U-Net of 5 levels, 16 filters, 1,200 steps of 8. Filled places are to overlap the true ones
by 0.85 (`overlap`), stripes to have a contrast of 0.7 (`contrast`, true 1.06), and without the
discriminator at most 0.1 (`contrast, L1`). In training mode the error is within 0.02 of that of
inference (`modes`).

    python -m tests.experiments.pix2pix_stripes
"""

import sys

import keras
import numpy as np

from tests.experiments import toys
from tfgan_apps.datasets.striped_shapes import eroded
from tfgan_apps.input_pipelines import paired_images
from tfgan_apps.models import Pix2Pix

COST = "minutes"
DATA = None
STEPS = 1200


def experiment(seed, adversarial_weight=1.0):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    data = paired_images("stripes", 32, load_size=32, flip=False, batch_size=8, seed=seed)
    model = Pix2Pix(
        32,
        levels=5,
        generator_filters=16,
        discriminator_filters=16,
        discriminator_layers=2,
        adversarial_weight=adversarial_weight,
        seed=seed,
    )
    rates = {"generator": 1e-3, "discriminator": 2e-4}
    adams = {f"{p}_optimizer": toys.adam(rates[p]) for p in model.players()}
    toys.fitted(model, data, STEPS, **adams)
    return readings(model, data)


def readings(model, data):
    """Returns what is made of the test outlines."""
    (x, y), *_ = data.test(batch_size=100)
    fake = model.predict(x, verbose=0)
    trained = np.concatenate([model(x[i : i + 1], training=True) for i in range(len(x))])
    errors = [float(np.abs(made - y).mean()) for made in (fake, trained)]
    filled, true = fake[..., 0] > 0, np.asarray(y[..., 0]) > 0
    return {
        "error": errors[0],
        "modes": abs(errors[0] - errors[1]),
        "overlap": float((filled & true).sum() / (filled | true).sum()),
        "contrast": contrast(fake, true),
    }


def contrast(images, inside):
    """Returns the mean difference of green two pixels to the right, well inside the shapes."""
    found = []
    for image, mask in zip(images, inside, strict=True):
        inner = eroded(eroded(mask))
        both = inner[:, :-2] & inner[:, 2:]
        found.append(np.abs(image[:, 2:, 1] - image[:, :-2, 1])[both])
    return float(np.concatenate(found).mean())


def main():
    """Runs three seeds with the discriminator and without, and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in toys.SEEDS}
    for seed in toys.SEEDS:
        without = experiment(seed, adversarial_weight=0.0)
        rows[f"seed {seed}, L1"] = {f"{name}, L1": value for name, value in without.items()}
    bounds = {"overlap": (0.85, None), "contrast": (0.7, None), "modes": (None, 0.02)}
    bounds["contrast, L1"] = (None, 0.1)
    return toys.report("pix2pix: stripes", "pix2pix_stripes", rows, bounds)


if __name__ == "__main__":
    sys.exit(main())
