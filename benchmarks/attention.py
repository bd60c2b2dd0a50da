"""Times self-attention, forward and back, beside a PyTorch program of the same.

    python -m benchmarks.attention --torch_python=/path/to/python_with_torch

Features of 192 channels and 64 x 64 places, as in BigGAN's generator of 128 pixels. The programs
take turns; the medians are printed, and how many floats weigh each place's view of the others: what
attention needs memory for, places times a quarter of them, for each image.
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import time

import keras
import tensorflow as tf

from tfgan_apps.networks.spectral_resnet import self_attention

PROGRAM = pathlib.Path(__file__).parent / "torch_steps" / "attention.py"
SIDE, CHANNELS = 64, 192


def our_step(batch_size):
    """Returns a function without arguments that goes forward and back once.

    Args:
        batch_size: int.
    """
    features = keras.Input((SIDE, SIDE, CHANNELS))
    network = keras.Model(features, self_attention(features, keras.initializers.Orthogonal, "a"))
    x = tf.Variable(tf.random.stateless_normal((batch_size, SIDE, SIDE, CHANNELS), (0, 0)))

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(network(x, training=True)))
        weights = [weight.value for weight in network.trainable_weights]
        return [tf.reduce_sum(g) for g in tape.gradient(loss, [x, *weights])]

    return step


def seconds(step, times):
    """Returns the seconds of each of several calls."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        tf.nest.map_structure(lambda value: value.numpy(), step())
        found.append(time.perf_counter() - start)
    return found


def main(given):
    """Prints the line."""
    step, ours, theirs = our_step(given.batch_size), [], []
    seconds(step, 2)  # builds the graph and the kernels
    command = [given.torch_python, PROGRAM, f"--image_size={SIDE}", f"--steps={given.steps}"]
    command += [f"--batch_size={given.batch_size}"]
    for _ in range(given.rounds):
        ours += seconds(step, given.steps)
        printed = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
        theirs.append(float(printed.split("median")[1].split()[0]))
    mine, peer = statistics.median(ours), statistics.median(theirs)
    weights = SIDE**2 * SIDE**2 // 4
    print(
        f"{SIDE} x {SIDE} x {CHANNELS}, batches of {given.batch_size}: ours {mine:.3f} s, PyTorch "
        f"{peer:.3f} s, ratio {peer / mine:.2f}; {weights:,} weights an image, "
        f"{4 * weights / 2**20:.0f} MiB"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--torch_python", default=sys.executable)
    for name, default in {"batch_size": 4, "rounds": 3, "steps": 8}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    main(parser.parse_args())
