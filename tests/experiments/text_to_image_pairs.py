"""Text to image where the truth is known: what the pairs of wrong images and texts are for.

8 classes, 4 colours x {top, bottom}: images of 16 x 16 pixels with a square of 6 x 6. A caption is
the class's random vector of 64 numbers, and noise. The package's networks for 16 px with 32 filters
and noise and compressed text of 16 numbers; Adam(1e-3, beta_1=0.5), batches of 64, 200 steps.

Consistency: the share of generated images whose nearest class mean is their caption's class.
Thresholds: GAN-CLS and GAN-INT-CLS at least 0.9 at step 100, without wrong pairs at most 0.6; for
GAN-CLS the mean D(real, right text) at the end is at least 5 times that of (real, wrong text).

    python -m tests.experiments.text_to_image_pairs
"""

import sys

import keras
import numpy as np
import tensorflow as tf

from tests.experiments import results
from tfgan_apps.input_pipelines import IndexedData
from tfgan_apps.models import TextToImageGAN

COST = "minutes"
DATA = None
CLASSES, EVERY, STEPS = 8, 50, 200
COLOURS = np.array([[1, -1, -1], [-1, 1, -1], [-1, -1, 1], [1, 1, -1]], "float32")
GAMES = {
    "GAN-CLS": {"cls_weight": 0.5},
    "no wrong pairs": {"cls_weight": 0.0},
    "GAN-INT-CLS": {"cls_weight": 0.5, "interpolation_weight": 1.0},
}


class Squares(IndexedData):
    """A square in its class's half, and the embedding of its caption."""

    test_length = 512

    def __init__(self, batch_size, seed):
        super().__init__(STEPS * batch_size, batch_size, seed)
        rng = np.random.default_rng(seed)
        self.vectors = tf.constant(rng.normal(size=(CLASSES, 64)), tf.float32)

    def train_example(self, position):
        label = self.uniform_index(position, "class", CLASSES)
        other = (label + self.uniform_index(position, "other", CLASSES - 1) + 1) % CLASSES
        return {
            "image": self._image(label),
            "wrong_image": self._image(other),
            "embedding": self._caption(position, "caption", label),
            "wrong_embedding": self._caption(position, "wrong caption", other),
            "label": label,
        }

    def test_example(self, index):
        return self.train_example(index + 10**6)

    def _caption(self, position, purpose, label):
        seed = tf.stack([self._key(purpose), position])
        return self.vectors[label] + 0.1 * tf.random.stateless_normal((64,), seed)

    def _image(self, label):
        rows = tf.range(16) - tf.where(label < 4, 1, 9)
        columns = tf.range(16) - 5
        inside = [(axis >= 0) & (axis < 6) for axis in (rows, columns)]
        square = inside[0][:, None, None] & inside[1][None, :, None]
        return tf.where(square, tf.constant(COLOURS)[label % 4], -1.0)


def play(game, seed):
    """Returns the consistency after every 50 steps, and what D says of right and wrong pairs.

    Args:
        game: dict of arguments of `TextToImageGAN`.
        seed: int.
    """
    data = Squares(batch_size=64, seed=seed)
    keras.utils.set_random_seed(seed)
    sizes = {"embedding_size": 64, "latent_size": 16, "text_size": 16}
    filters = {"generator_filters": 32, "discriminator_filters": 32}
    model = TextToImageGAN(16, **sizes, **filters, **game, seed=seed)
    model.compile(learning_rate=1e-3)
    held_out, row = next(iter(data.test(data.test_length))), {}
    for start in range(0, STEPS, EVERY):
        model.fit(data.train(start), steps_per_epoch=EVERY, verbose=0, shuffle=False)
        row[f"step {start + EVERY}"] = consistency(model, held_out)
    for name, embedding in (("right", "embedding"), ("wrong", "wrong_embedding")):
        logits = model.judge(held_out["image"], held_out[embedding])
        row[f"D(real, {name} text)"] = float(tf.reduce_mean(tf.sigmoid(logits)))
    return row


def consistency(model, batch):
    """Returns the share of generated images that are nearest to their class's mean image."""
    labels = batch["label"].numpy()
    latents = tf.random.stateless_normal((len(labels), 16), (0, 0))
    images = model((latents, batch["embedding"])).numpy()
    means = np.stack([batch["image"].numpy()[labels == c].mean(0) for c in range(CLASSES)])
    distances = np.square(images[:, None] - means).sum((2, 3, 4))
    return float(np.mean(distances.argmin(1) == labels))


def judged(rows):
    """Returns the worst seed's (consistency at step 100 with, without wrong pairs, ratio of D)."""

    def of(game):
        return [row for name, row in rows.items() if name.startswith(f"{game},")]

    matched = min(row["step 100"] for row in [*of("GAN-CLS"), *of("GAN-INT-CLS")])
    unmatched = max(row["step 100"] for row in of("no wrong pairs"))
    ratios = [row["D(real, right text)"] / row["D(real, wrong text)"] for row in of("GAN-CLS")]
    return matched, unmatched, min(ratios)


def main():
    """Plays three games with three seeds each, and writes the table."""
    rows = {
        f"{name}, seed {seed}": play(game, seed)
        for name, game in GAMES.items()
        for seed in range(3)
    }
    matched, unmatched, ratio = judged(rows)
    verdict = "Passed" if matched >= 0.9 and unmatched <= 0.6 and ratio >= 5 else "FAILED"
    body = f"{results.table(rows)}\n\n{verdict}: thresholds as in the module's docstring."
    title = "Text to image: what pairs of wrong images and texts are for (consistency)"
    results.write_section(
        title,
        "python -m tests.experiments.text_to_image_pairs",
        body,
        threshold="consistency at step 100 at least 0.9, without wrong pairs at most 0.6; "
        "D(real, right text) at least 5 times D(real, wrong text)",
        measured=f"{matched:.4g}, {unmatched:.4g}; {ratio:.1f} times",
    )
    return verdict != "Passed"


if __name__ == "__main__":
    sys.exit(main())
