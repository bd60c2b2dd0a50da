"""A1: augmentation rises where a discriminator knows its few images by heart, and only there.

The generator is perfect: fakes are fresh images of the kind that the real ones are (ramps and
blobs, 16 pixels), of which there are 64, or 2,048. A discriminator of at most 64 channels makes 400
moves on batches of 16, augmented by flips, turns, movements and colours as often as keeps the mean
sign of its logits of real images at 0.6; augmentation could go from none to all in 8,000 images.

Of 64 images the probability is to be at least 0.03 in the end, and the mean sign in the last 100
moves within 0.5 and 0.7; of 2,048 it is to be at most 0.01. Without augmentation the mean sign of
64 images is to be at least 0.85.

    python -m tests.experiments.stylegan2_augmentation
"""

import sys

import keras
import tensorflow as tf

from tests.experiments import blobs, results
from tfgan_apps.models import StyleGAN2

COST = "minutes"
DATA = None
SEEDS, SIZE, BATCH, STEPS, LAST = range(3), 16, 16, 400, 100
NUMBERS = {"image_size": SIZE, "filters_base": 1024, "most_filters": 64, "path_weight": 0.0}
NUMBERS |= {"latent_size": 4, "style_size": 4, "mapping_layers": 1, "penalty_weight": 0.01}
NEVER = 1e9  # thousands of images
THRESHOLD = (
    "of 64: probability >= 0.03, mean sign 0.5 to 0.7; of 2,048: probability <= 0.01; without "
    "augmentation mean sign >= 0.85"
)


class PerfectGenerator(StyleGAN2):
    """StyleGAN2 whose fakes are given, as `fake` of a batch; only the discriminator moves."""

    def train_step(self, batch):
        self.fake, real = batch["fake"], {"image": batch["image"]}
        on_real = self.update("discriminator", lambda: self.discriminator_loss(real))
        if "penalty" in self.phase:
            self.update("discriminator", lambda: (self.penalty_loss(real), None))
        self.track(**self.augmentation.follow(self, on_real))
        return self.finish_step()

    def drawn(self, like, name):
        return {"image": self.fake}


def trained(seed, count, kimg):
    """Returns the probability in the end, and the mean sign in the last moves."""
    keras.utils.set_random_seed(seed)
    model = PerfectGenerator(**NUMBERS, augment="bgc", augment_kimg=kimg, seed=seed)
    model.batch_spec = None
    model.compile(learning_rate=2.5e-3)
    real = blobs.drawn(count, SIZE, [seed, 0])
    fake = blobs.drawn(STEPS * BATCH, SIZE, [seed, 1])
    reals = tf.data.Dataset.from_tensor_slices(real).shuffle(count, seed).repeat()
    fakes = tf.data.Dataset.from_tensor_slices(fake)
    both = tf.data.Dataset.zip((reals, fakes)).batch(BATCH, drop_remainder=True)
    batches = both.map(lambda real, fake: {"image": real, "fake": fake})
    model.fit(batches.take(STEPS - LAST), verbose=0)
    last = model.fit(batches.skip(STEPS - LAST), verbose=0).history["overfitting"][-1]
    return float(model.augmentation.probability.numpy()), last


def experiment(seed):
    """Returns the readings of one seed."""
    few, many, off = trained(seed, 64, 8.0), trained(seed, 2048, 8.0), trained(seed, 64, NEVER)
    return {
        "of 64: probability": few[0],
        "of 64: mean sign": few[1],
        "of 2,048: probability": many[0],
        "of 2,048: mean sign": many[1],
        "of 64, without: mean sign": off[1],
    }


def passes(row):
    """Tells whether the readings of a seed are within the threshold."""
    few = row["of 64: probability"] >= 0.03 and 0.5 <= row["of 64: mean sign"] <= 0.7
    return few and row["of 2,048: probability"] <= 0.01 and row["of 64, without: mean sign"] >= 0.85


def main():
    """Runs three seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in SEEDS}
    failed = [name for name, row in rows.items() if not passes(row)]
    column = lambda name: [row[name] for row in rows.values()]  # noqa: E731
    signs = column("of 64: mean sign")
    results.write_section(
        "StyleGAN2-ADA: how sure a discriminator is of few images",
        "python -m tests.experiments.stylegan2_augmentation",
        ("" if not failed else f"FAILED: {', '.join(failed)}\n\n") + results.table(rows),
        THRESHOLD,
        f"at least {min(column('of 64: probability')):.3f}, {min(signs):.2f} to {max(signs):.2f}; "
        f"at most {max(column('of 2,048: probability')):.3f}; "
        f"at least {min(column('of 64, without: mean sign')):.2f}",
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
