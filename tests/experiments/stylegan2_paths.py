"""T2: the penalty of paths alone makes their lengths alike, and knows their mean.

Networks of 16 pixels with at most 32 channels, styles of 64 numbers by a mapping network of four
layers. 300 moves of the penalty, on 8 images each, by an Adam of rate 0.002; nothing else moves. Of
256 styles the lengths' deviation over their mean (`variation`) is to be at most 0.8 times what it
was, and the mean that the model keeps within 20 percent of theirs. Eleven seeds, since how alike
lengths are at first is chance, and so is where they end.

    python -m tests.experiments.stylegan2_paths
"""

import math
import sys

import keras
import numpy as np
import tensorflow as tf

from tests.experiments import results
from tfgan_apps.models import StyleGAN2
from tfgan_apps.penalties import path_lengths

COST = "minutes"
DATA = None
SEEDS, SIZE, STEPS, BATCH, SAMPLES = range(11), 16, 300, 8, 256
NUMBERS = {"image_size": SIZE, "latent_size": 64, "style_size": 64, "mapping_layers": 4}
NUMBERS |= {"filters_base": 512, "most_filters": 32, "path_interval": 1, "mixing": 0.0}
THRESHOLD = "variation <= 0.8 times that at first; the kept mean within 20 % of the lengths' mean"


def experiment(seed):
    """Returns the readings of one seed."""
    keras.utils.set_random_seed(seed)
    model = StyleGAN2(**NUMBERS, seed=seed)
    model.compile(generator_optimizer=keras.optimizers.Adam(0.002, 0.0, 0.99, epsilon=1e-8))
    like = {"image": tf.zeros((2 * BATCH, SIZE, SIZE, 3))}  # half of a batch has such moves

    @tf.function
    def move():
        model.update("generator", lambda: (model.path_loss(like), None))
        model.step.assign_add(1)

    first = lengths(model, seed)
    for _ in range(STEPS):
        move()
    last, kept = lengths(model, seed), float(model.path_mean.numpy())
    return {
        "variation at first": first.std() / first.mean(),
        "variation": last.std() / last.mean(),
        "mean length": last.mean(),
        "kept mean": kept,
    }


def lengths(model, seed):
    """Returns the lengths of the paths of styles."""
    shape = model.synthesis.output.shape[1:]
    latents, direction, noise = (
        tf.random.stateless_normal((SAMPLES, *own), (seed, number))
        for number, own in enumerate([(64,), shape, model.fixed_noise.shape[1:]])
    )
    style = model.mapping({"latents": latents})
    told = tf.repeat(style[:, None], model.truncated.count, 1)
    direction /= math.sqrt(shape[0] * shape[1])
    generator = lambda given: model.synthesis({"styles": given, "noise": noise})  # noqa: E731
    return path_lengths(generator, told, direction)[0].numpy()


def passes(row):
    """Tells whether the readings of a seed are within the threshold."""
    alike = row["variation"] <= 0.8 * row["variation at first"]
    return bool(alike and np.abs(row["kept mean"] / row["mean length"] - 1) <= 0.2)


def main():
    """Runs all seeds and writes the table."""
    rows = {f"seed {seed}": experiment(seed) for seed in SEEDS}
    failed = [name for name, row in rows.items() if not passes(row)]
    shares = [row["variation"] / row["variation at first"] for row in rows.values()]
    passed = f"{len(rows) - len(failed)} of {len(rows)} seeds"
    off = [abs(row["kept mean"] / row["mean length"] - 1) for row in rows.values()]
    results.write_section(
        "StyleGAN2: lengths of paths",
        "python -m tests.experiments.stylegan2_paths",
        ("" if not failed else f"FAILED: {', '.join(failed)}\n\n") + results.table(rows),
        THRESHOLD,
        f"{passed}; {min(shares):.2f} to {max(shares):.2f} times; at most {max(off):.0%}",
    )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
