"""Measures which share of CycleGAN's train step is spent waiting for its input.

    python -m benchmarks.input_wait --dataset=path/to/facades

The paper's networks at 128 px, batch 1: pictures are read, decoded, resized to 143 px, cropped and
flipped while the step before them runs on all cores.
"""

import statistics
import time

import tensorflow as tf
from absl import app, flags

from tfgan_apps import input_pipelines
from tfgan_apps.models import CycleGAN

DATASET = flags.DEFINE_string("dataset", None, "Folder or TFDS name.", required=True)
IMAGE_SIZE = flags.DEFINE_integer("image_size", 128, "Pixels.", 4)
STEPS = flags.DEFINE_integer("steps", 30, "Timed steps.", 1)


def main(_):
    """Prints the waits and their share."""
    data = input_pipelines.unpaired_images(DATASET.value, IMAGE_SIZE.value)
    model = CycleGAN(image_size=IMAGE_SIZE.value)
    model.compile()
    step = tf.function(model.train_step)
    batches = iter(data.train())
    for _ in range(2):  # builds the graph and fills the pipeline
        step(next(batches))
    waits, steps = [], []
    for _ in range(STEPS.value):
        start = time.perf_counter()
        batch = next(batches)
        ready = time.perf_counter()
        step(batch)["generator_loss"].numpy()
        waits.append(ready - start)
        steps.append(time.perf_counter() - start)
    print(
        f"{STEPS.value} steps, median {statistics.median(steps):.3f} s; waiting for input: median "
        f"{1e3 * statistics.median(waits):.2f} ms, longest {1e3 * max(waits):.2f} ms, "
        f"{sum(waits) / sum(steps):.2%} of the time"
    )


if __name__ == "__main__":
    app.run(main)
