"""Times self-attention, forward and back, beside a PyTorch program of the same.

    python -m benchmarks.attention --torch_python=/path/to/python_with_torch

Features of 192 channels and 64 x 64 places, as in BigGAN's generator of 128 pixels. The programs
take turns; the medians are printed, and how many floats weigh each place's view of the others: what
attention needs memory for, places times a quarter of them, for each image.
"""

import pathlib

import keras
import tensorflow as tf

from benchmarks import side_by_side
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
    weights = [weight.value for weight in network.trainable_weights]
    return side_by_side.there_and_back(lambda: network(x, training=True), x, *weights)


def main(given):
    """Prints the line."""
    words = f"--image_size={SIDE}", f"--batch_size={given.batch_size}"
    mine, peer = side_by_side.medians(our_step(given.batch_size), PROGRAM, given, *words)
    weights = SIDE**2 * SIDE**2 // 4
    print(
        f"{SIDE} x {SIDE} x {CHANNELS}, batches of {given.batch_size}: ours {mine:.3f} s, PyTorch "
        f"{peer:.3f} s, ratio {peer / mine:.2f}; {weights:,} weights an image, "
        f"{4 * weights / 2**20:.0f} MiB"
    )


if __name__ == "__main__":
    main(side_by_side.arguments(__doc__, batch_size=4))
