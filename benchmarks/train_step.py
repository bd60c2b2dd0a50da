"""Times a system's whole train step beside a PyTorch program of the same step.

    python -m benchmarks.train_step --torch_python=/path/to/python_with_torch
    python -m benchmarks.train_step --system=dcgan --torch_python=/path/to/python_with_torch

SPADE is that of Cityscapes without VGG19, at 128 px; BigGAN that of 32 px, a third of its widths,
with attention at 16 px, 10 classes and one move of each player a step. StyleGAN2's is 16
iterations, which have 4 moves for paths and one for the penalty, of at most 128 channels, beside
the authors' own code, which --torch_source has. StarGAN v2's networks have half their widths.
SinGAN's is an iteration of the finest scale, three moves of each player.

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
from collections.abc import Callable

import keras
import tensorflow as tf
from absl import app, flags

from benchmarks import step_flops
from benchmarks.side_by_side import seconds
from benchmarks.step_flops import blocks_of
from tfgan_apps.models import (
    DCGAN,
    MUNIT,
    SPADE,
    WGANGP,
    BigGAN,
    CycleGAN,
    Pix2Pix,
    SinGAN,
    StarGANv2,
    StyleGAN2,
)
from tfgan_apps.pyramid import plan

CITYSCAPES_LABELS = 35
BIGGAN = {"classes": 10, "generator_filters": 32, "discriminator_filters": 32}
BIGGAN |= {"generator_attention": 16, "discriminator_attention": 16, "discriminator_steps": 1}
BIGGAN["orthogonality_weight"] = 0.0  # as BigGAN-PyTorch's released models
WIDTHS = {"generator_filters": 64, "discriminator_filters": 64}
STARGAN_V2 = {"generator_filters": 64, "discriminator_filters": 64, "most_filters": 256}
STYLEGAN2 = {"latent_size": 128, "style_size": 128, "filters_base": 4096, "most_filters": 128}
STYLEGAN2["penalty_weight"] = 0.01
ROOT = pathlib.Path(__file__).resolve().parents[1]
TORCH_STEPS = ROOT / "benchmarks" / "torch_steps"

NAMES = ["biggan", "cyclegan", "dcgan", "munit", "pix2pix", "singan", "spade", "stargan_v2"]
NAMES += ["stylegan2", "wgan_gp"]
flags.DEFINE_enum("system", "cyclegan", NAMES, "What to time.")
flags.DEFINE_string("torch_step", None, "PyTorch program that is run in place of the system's.")
flags.DEFINE_string("torch_source", "../stylegan2-ada-pytorch", "Folder of StyleGAN2's code.")
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
        iterations: int, `fit`'s steps that are one of the table. Defaults to 1.
    """

    model: Callable
    batch: Callable
    flops: Callable
    torch: Callable
    batch_size: int
    sizes: tuple
    iterations: int = 1


def label_maps_of(images):
    """Returns what SPADE takes of Cityscapes: labels, and instances that are told apart by them.

    Args:
        images: (batch, size, size, 3) in [-1, 1), whose red says the label.
    """
    labels = tf.cast((images[..., 0] + 1) / 2 * CITYSCAPES_LABELS, tf.int32)
    return {"label_map": labels, "instances": labels}


def domains_of(images):
    """Returns what StarGAN v2 takes: images of two domains, and references of the other one.

    Args:
        images: (batch, size, size, 3) in [-1, 1).
    """
    label = tf.range(len(images)) % 2
    references = {"reference": -images, "other_reference": images[:, ::-1]}
    return {"image": images, "label": label, "target": 1 - label, **references}


def singan_of(size):
    """Returns a SinGAN of square images whose finest scale is trained.

    Args:
        size: int, pixels.
    """
    model = SinGAN(*plan((size, size)))
    model.step.assign((model.pyramid.scales - 1) * model.scale_steps)
    return model


SYSTEMS = {
    "biggan": System(
        lambda size: BigGAN(size, latent_size=80, **BIGGAN),
        lambda images: {"image": images, "label": tf.range(len(images)) % 10},
        lambda size: step_flops.biggan_flops(BigGAN(size, latent_size=80, **BIGGAN), 32),
        lambda size: [str(TORCH_STEPS / "biggan.py")],
        batch_size=32,
        sizes=(32,),
    ),
    "cyclegan": System(
        lambda size: CycleGAN(image_size=size, residual_blocks=blocks_of(size)),
        lambda images: (images, -images),
        step_flops.cyclegan_flops,
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
        step_flops.dcgan_flops,
        lambda size: [str(TORCH_STEPS / "dcgan.py")],
        batch_size=64,
        sizes=(64,),
    ),
    "munit": System(
        lambda size: MUNIT(image_size=size),
        lambda images: (images, -images),
        lambda size: step_flops.munit_flops(MUNIT(image_size=size), 1),
        lambda size: [str(TORCH_STEPS / "munit.py")],
        batch_size=1,
        sizes=(128,),
    ),
    "pix2pix": System(
        lambda size: Pix2Pix(image_size=size),
        lambda images: (images, -images),
        step_flops.pix2pix_flops,
        lambda size: [str(TORCH_STEPS / "pix2pix.py")],
        batch_size=1,
        sizes=(256,),
    ),
    "singan": System(
        singan_of,
        lambda images: images,
        lambda size: step_flops.singan_flops(singan_of(size)),
        lambda size: [str(TORCH_STEPS / "singan.py")],
        batch_size=1,
        sizes=(128,),
    ),
    "spade": System(
        lambda size: SPADE((size, size), CITYSCAPES_LABELS, dontcare=False, vgg_weight=0.0),
        lambda images: (label_maps_of(images), images),
        step_flops.spade_flops,
        lambda size: [str(TORCH_STEPS / "spade.py")],
        batch_size=2,
        sizes=(128,),
    ),
    "stargan_v2": System(
        lambda size: StarGANv2(size, **STARGAN_V2),
        domains_of,
        lambda size: step_flops.stargan_v2_flops(StarGANv2(size, **STARGAN_V2), 2),
        lambda size: [str(TORCH_STEPS / "stargan_v2.py")],
        batch_size=2,
        sizes=(128,),
    ),
    "stylegan2": System(
        lambda size: StyleGAN2(size, **STYLEGAN2),
        lambda images: images,
        lambda size: step_flops.stylegan2_flops(StyleGAN2(size, **STYLEGAN2), 8),
        lambda size: [str(TORCH_STEPS / "stylegan2.py"), f"--source={FLAGS.torch_source}"],
        batch_size=8,
        sizes=(64, 128),
        iterations=16,
    ),
    "wgan_gp": System(
        lambda size: WGANGP("widening", size, critic_steps=1, **WIDTHS),
        lambda images: images,
        step_flops.wgan_gp_flops,
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
    return 2 * size**3 / min(seconds(product, 12)[2:])


def our_step(system, image_size, precision):
    """Returns a function without arguments that makes a train step, or more, as `fit` does.

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
    return lambda: [model.train_function(batches) for _ in range(system.iterations)]


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
    seconds(step, 2)  # builds the graph and the kernels
    for _ in range(FLAGS.rounds):
        ours += seconds(step, FLAGS.steps)
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
