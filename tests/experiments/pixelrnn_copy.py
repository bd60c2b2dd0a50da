"""Long-range copy: what each of the three networks can see, and that none sees too much.

Images of 8 x 8 pixels: a random place in row 0, its mirror image in row 7, zeros elsewhere. There
are 8, so nothing is below their entropy, ln 8 = 2.079 nats; a PixelCNN of 2 blocks, which does not
reach row 0 from row 7, is never below twice that. Thresholds: best Diagonal BiLSTM <= 2.35, best
Row LSTM <= 3.2, PixelCNN >= 4.15, nothing below 2.079.

    python -m tests.experiments.pixelrnn_copy
"""

import sys

import keras
import numpy as np

from tests.experiments import results
from tfgan_apps.models import PixelRNN

COST = "minutes"
DATA = None
STEPS, EVERY = 600, 100
ENTROPY = np.log(8)


def images():
    """Returns the 8 images, (8, 8, 8, 1) in [-1, 1]."""
    found = -np.ones((8, 8, 8, 1), "float32")
    for place in range(8):
        found[place, 0, place] = found[place, 7, 7 - place] = 1.0
    return found


def best_nats(kind, depth, seed):
    """Returns the nats after every 100 steps, and the smallest after any step."""
    keras.utils.set_random_seed(seed)
    model = PixelRNN(kind, 8, 1, depth, filters=16, head_filters=32)
    model.compile(learning_rate=3e-3)
    batch = images()
    history = model.fit(batch, batch_size=8, epochs=STEPS, shuffle=False, verbose=0).history["nats"]
    row = {f"step {step}": history[step - 1] for step in range(EVERY, STEPS + 1, EVERY)}
    return {**row, "best": min(history)}


def judged(rows):
    """Returns (Diagonal BiLSTM, Row LSTM, PixelCNN, all): the worst seed's best nats, the least."""
    best = {name: row["best"] for name, row in rows.items()}
    diagonal, row, pixelcnn = (
        [value for name, value in best.items() if kind in name]
        for kind in ("Diagonal", "Row", "PixelCNN")
    )
    return max(diagonal), max(row), min(pixelcnn), min(best.values())


def main():
    """Runs three networks with three seeds each, and writes the table."""
    kinds = {
        "PixelCNN, 2 blocks": ("pixelcnn", 2),
        "Row LSTM, 1 layer": ("row_lstm", 1),
        "Diagonal BiLSTM, 1 layer": ("diagonal_bilstm", 1),
    }
    rows = {
        f"{name}, seed {seed}": best_nats(*arguments, seed)
        for name, arguments in kinds.items()
        for seed in range(3)
    }
    diagonal, row, pixelcnn, least = judged(rows)
    passed = diagonal <= 2.35 and row <= 3.2 and pixelcnn >= 4.15 and least >= ENTROPY - 1e-3
    verdict = "Passed" if passed else "FAILED"
    body = f"{results.table(rows)}\n\n{verdict}: thresholds as in the module's docstring."
    title = "PixelRNN: a place in row 0 is copied to row 7 (nats; entropy 2.079)"
    results.write_section(
        title,
        "python -m tests.experiments.pixelrnn_copy",
        body,
        threshold="best nats of every seed: Diagonal BiLSTM at most 2.35, Row LSTM at most 3.2, "
        "PixelCNN at least 4.15, none below 2.079",
        measured=f"{diagonal:.4g}, {row:.4g}, {pixelcnn:.4g}, {least:.4g}",
    )
    return not passed


if __name__ == "__main__":
    sys.exit(main())
