"""Times a system's whole train step beside a PyTorch program of the same step.

    python -m benchmarks.train_step --torch_python=/path/to/python_with_torch
    python -m benchmarks.train_step --system=dcgan --torch_python=/path/to/python_with_torch

All players' moves, their losses and Adam updates, on the CPU, images in memory; ours besides with
draws, image pools and metrics, as `fit` runs it. The two programs take turns, `--rounds` times for
each size and precision; the table shows the medians. Other work on the machine slows PyTorch's
threads, which wait for each other, more than ours: run it alone.

FLOPs are those of the direct convolutions that the step needs; normalization, padding, losses and
Adam are not counted. In CycleGAN's residual blocks ours does a quarter of these products
(Winograd), so its GFLOP/s can exceed the peak, that of TensorFlow's matrix product.
"""

import dataclasses
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import keras
import tensorflow as tf
from absl import app, flags

from tfgan_apps.models import DCGAN, WGANGP, CycleGAN

WIDTHS = {"generator_filters": 64, "discriminator_filters": 64}
ROOT = pathlib.Path(__file__).resolve().parents[1]
TORCH_STEPS = ROOT / "benchmarks" / "torch_steps"

flags.DEFINE_enum("system", "cyclegan", ["cyclegan", "dcgan", "wgan_gp"], "What to time.")
flags.DEFINE_string("torch_step", None, "PyTorch program that is run in place of the system's.")
flags.DEFINE_string("torch_python", sys.executable, "Python that has torch, to run the peer with.")
flags.DEFINE_multi_enum(
    "precision", ["float32", "bfloat16"], ["float32", "bfloat16"], "Precisions to time."
)
flags.DEFINE_multi_integer("image_size", None, "Image sizes in pixels; else the system's.")
flags.DEFINE_integer("rounds", 3, "Turns that each program takes.", lower_bound=1)
flags.DEFINE_integer("steps", 8, "Timed steps in a turn.", lower_bound=1)
flags.DEFINE_integer("threads", os.cpu_count(), "Threads that each program may use.", lower_bound=1)
FLAGS = flags.FLAGS


@dataclasses.dataclass(frozen=True)
class System:
    """What is timed of a system.

    Args:
        model: function of the image size -> model.
        batch: function of images (batch, size, size, 3) in [-1, 1] -> a batch of `fit`.
        flops: function of the image size -> floating-point operations of a step.
        torch: function of the image size -> list of str, the PyTorch program and its flags.
        batch_size: int.
        sizes: tuple of int, image sizes in pixels.
    """

    model: Callable
    batch: Callable
    flops: Callable
    torch: Callable
    batch_size: int
    sizes: tuple


def blocks_of(image_size):
    """Returns the authors' number of residual blocks.

    Args:
        image_size: int, pixels.
    """
    return 9 if image_size >= 256 else 6


def generator_macs(size, blocks, width=64):
    """Returns the multiply-adds of one forward pass through the ResNet generator, layer by layer.

    Args:
        size: int, height and width of the image in pixels.
        blocks: int, residual blocks.
        width: int, filters of the first layer. Defaults to 64.
    """
    half, quarter = (size // 2) ** 2, (size // 4) ** 2
    first = size**2 * 49 * 3 * width
    down = half * 9 * width * 2 * width + quarter * 9 * 2 * width * 4 * width
    residual = 2 * blocks * quarter * 9 * (4 * width) ** 2
    # Every pixel that goes into a transposed convolution meets the whole kernel.
    up = quarter * 9 * 4 * width * 2 * width + half * 9 * 2 * width * width
    last = size**2 * 49 * width * 3
    return [first, down, residual, up, last]


def discriminator_macs(size, width=64):
    """Returns the multiply-adds of one forward pass through the 70 x 70 PatchGAN, layer by layer.

    Args:
        size: int, height and width of the image in pixels.
        width: int, filters of the first layer. Defaults to 64.
    """
    channels = [3, width, 2 * width, 4 * width, 8 * width, 1]
    sides = [size // 2, size // 4, size // 8, size // 8 - 1, size // 8 - 2]
    return [side**2 * 16 * i * o for side, i, o in zip(sides, channels, channels[1:], strict=False)]


def cyclegan_flops(size):
    """Returns the floating-point operations of one step's convolutions, for one image each.

    Args:
        size: int, height and width of the images in pixels.
    """
    g, d = generator_macs(size, blocks_of(size)), discriminator_macs(size)
    # Three passes (fake, cycled, identity), each forward, to the inputs and to the weights. Real
    # images need no gradient: two of the three passes spare the first layer's.
    macs = 3 * 3 * sum(g) - 2 * g[0]
    # The generator's move: forward and to the fake image, not to the discriminator's weights.
    macs += 2 * sum(d)
    # The discriminator's own: a real and a pooled image; neither needs a gradient.
    macs += 2 * (3 * sum(d) - d[0])
    return 2 * 2 * macs  # two directions; a multiplication and an addition


def dcgan_flops(size, batch=64, width=64, latents=100):
    """Returns the floating-point operations of one step's convolutions.

    Args:
        size: int, height and width of the images in pixels.
        batch: int, images. Defaults to 64.
        width: int, filters of the layers next to the images. Defaults to 64.
        latents: int, of the noise. Defaults to 100.
    """
    widths = [3, *(width * 2**stage for stage in range(size.bit_length() - 3))]
    pixels = [(size // 2 ** (stage + 1)) ** 2 for stage in range(len(widths) - 1)]
    # Both networks have the same layers between images and 4 x 4 pixels: kernels of 4 x 4.
    layers = [p * 16 * i * o for p, i, o in zip(pixels, widths, widths[1:], strict=False)]
    d, g = [*layers, 16 * widths[-1]], [16 * latents * widths[-1], *reversed(layers)]
    # Two batches, forward, to the inputs (but for images) and to the weights; then the
    # generator's move, through the discriminator to the fakes.
    macs = 2 * (3 * sum(d) - d[0]) + 2 * sum(d) + 3 * sum(g) - g[0]
    return 2 * batch * macs


def wgan_gp_flops(size, batch=64, width=64, latents=128):
    """Returns the floating-point operations of one round's convolutions, penalty included.

    Args:
        size, batch, width, latents: see `dcgan_flops`; latents default to 128.
    """
    count = size.bit_length() - 3
    first, wide = size**2 * 27 * width, [width * 2**n for n in range(count)]
    halving = list(zip(wide, [*wide[1:], wide[-1]], strict=True))
    doubling = list(zip([wide[-1], *reversed(wide)], reversed(wide), strict=False))
    sides = [size // 2**n for n in range(count)]
    # A block: two convolutions of 3 x 3 at the larger size, past them one of 1 x 1 at one of them.
    c = [p * p * (9 * i * (i + o) + i * o // 4) for p, (i, o) in zip(sides, halving, strict=True)]
    g = [
        p * p * (9 * o * (i + o) + i * o)
        for p, (i, o) in zip(reversed(sides), doubling, strict=True)
    ]
    c, g = first + sum(c), 16 * latents * wide[-1] + sum(g) + first
    # The critic's move: fakes; two batches forward, to inputs (but for images) and to weights;
    # those between forward, their slope, and the way back through both.
    macs = g + 2 * (3 * c - first) + 6 * c
    # The generator's: forward, to inputs and weights; through the critic forward and to the fakes.
    macs += 3 * g + 2 * c
    return 2 * batch * macs


SYSTEMS = {
    "cyclegan": System(
        lambda size: CycleGAN(image_size=size, residual_blocks=blocks_of(size)),
        lambda images: (images, -images),
        cyclegan_flops,
        lambda size: [
            os.path.relpath(ROOT.parent / "shared" / "bench" / "torch_cyclegan_step.py"),
            f"--blocks={blocks_of(size)}",
        ],
        batch_size=1,
        sizes=(128, 256),
    ),
    "dcgan": System(
        lambda size: DCGAN(image_size=size),
        lambda images: images,
        dcgan_flops,
        lambda size: [str(TORCH_STEPS / "dcgan.py")],
        batch_size=64,
        sizes=(64,),
    ),
    "wgan_gp": System(
        lambda size: WGANGP("widening", size, critic_steps=1, **WIDTHS),
        lambda images: images,
        wgan_gp_flops,
        lambda size: [str(TORCH_STEPS / "wgan_gp.py")],
        batch_size=64,
        sizes=(64,),
    ),
}


def matmul_flops_per_second(precision, size=4096):
    """Returns the best of ten rates of TensorFlow's matrix product.

    Args:
        precision: "float32" or "bfloat16".
        size: int, rows and columns. Defaults to 4096.
    """
    matrix = tf.cast(tf.random.stateless_uniform((size, size), seed=(1, 2)), precision)
    product = tf.function(lambda: tf.reduce_max(matrix @ matrix))
    return 2 * size**3 / min(_seconds(product, 12)[2:])


def _seconds(call, times):
    """Returns the seconds that each of several calls takes, until its value is there."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        tf.nest.map_structure(lambda value: value.numpy(), call())
        seconds.append(time.perf_counter() - start)
    return seconds


def our_step(system, image_size, precision):
    """Returns a function without arguments that makes one train step as `fit` does.

    Args:
        system: `System`.
        image_size: int, pixels.
        precision: "float32" or "bfloat16".
    """
    keras.utils.clear_session()
    keras.config.set_dtype_policy("float32" if precision == "float32" else "mixed_bfloat16")
    model = system.model(image_size)
    model.compile()
    model.make_train_function()
    shape = (system.batch_size, image_size, image_size, 3)
    batch = system.batch(tf.random.stateless_uniform(shape, (0, 0), -1, 1))
    batches = iter(tf.data.Dataset.from_tensors(batch).repeat())
    return lambda: model.train_function(batches)


def torch_seconds(system, image_size, precision):
    """Returns PyTorch's median seconds a step, from a run of its own.

    Args:
        system, image_size, precision: see `our_step`.
    """
    program, *words = system.torch(image_size)
    command = [FLAGS.torch_python, FLAGS.torch_step or program, *words]
    command += [f"--image_size={image_size}"]
    command += [f"--batch_size={system.batch_size}", f"--steps={FLAGS.steps}"]
    command += [f"--threads={FLAGS.threads}"] + ["--bfloat16"] * (precision == "bfloat16")
    printed = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
    return float(printed.split("median")[1].split()[0])


def measure(system, image_size, precision, with_torch):
    """Returns (our median seconds a step, PyTorch's or None), both programs taking turns.

    Args:
        system, image_size, precision: see `our_step`.
        with_torch: bool, run the PyTorch program too.
    """
    step, ours, theirs = our_step(system, image_size, precision), [], []
    _seconds(step, 2)  # builds the graph and the kernels
    for _ in range(FLAGS.rounds):
        ours += _seconds(step, FLAGS.steps)
        if with_torch:
            theirs.append(torch_seconds(system, image_size, precision))
    return statistics.median(ours), statistics.median(theirs) if with_torch else None


def main(_):
    """Prints the table."""
    tf.config.set_visible_devices([], "GPU")
    tf.config.threading.set_intra_op_parallelism_threads(FLAGS.threads)
    system = SYSTEMS[FLAGS.system]
    program, sizes = FLAGS.torch_step or system.torch(0)[0], FLAGS.image_size or system.sizes
    with_torch = os.path.exists(program) and bool(shutil.which(FLAGS.torch_python))
    if not with_torch:
        print(f"No {program} or {FLAGS.torch_python}: PyTorch is left out.\n")
    print(f"{FLAGS.system}, batches of {system.batch_size}\n")
    print("| px | precision | ours s | PyTorch s | ratio | GFLOP | GFLOP/s | of matmul |")
    print("|---|---|---|---|---|---|---|---|")
    for precision in FLAGS.precision:
        peak = matmul_flops_per_second(precision)
        for size in sizes:
            flops = system.flops(size)
            ours, theirs = measure(system, size, precision, with_torch)
            peer = f"{theirs:.3f} | {theirs / ours:.2f}" if with_torch else "- | -"
            print(f"| {size} | {precision} | {ours:.3f} | {peer} "
                  f"| {flops / 1e9:.0f} | {flops / ours / 1e9:.0f} | {flops / ours / peak:.0%} "
                  f"of {peak / 1e9:.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    app.run(main)
