"""Trains the inverse of a text-to-image generator, and draws captions in the style of images.

  python -m apps.style_transfer --run_dir=runs/text_to_image_quickstart

The run is one of apps.text_to_image; its flags.txt says what the data are. What is learned goes to
<run_dir>/style_encoder; sheets there show a caption, an image of another caption, and the former in
the style of the latter. The same command again resumes.
"""

import dataclasses
import functools
import os
import sys

from absl import flags

from apps import text_to_image
from apps.command_line import messages
from apps.command_line.resumed import COMMAND
from apps.command_line.signature_flags import define
from apps.command_line.start import start
from tfgan_apps import training
from tfgan_apps.arguments import check_integers
from tfgan_apps.models import StyleEncoder, TextToImageGAN
from tfgan_apps.run_directory import RunDirectory, RunDirectoryError, which_checkpoint

OF_THE_GAN = text_to_image.APP


def style_of(
    checkpoint: str = "latest",
    style_epochs: int = 20,
    style_filters: int = 64,
    style_learning_rate: float = 2e-4,
    safe_mode: bool = True,
):
    """Returns what is said of the style encoder, by its names.

    Args:
        checkpoint: of the run: latest, best (by its held-out metric), or a step.
        style_epochs: of the style encoder, in all.
        style_filters: of its first layer.
        style_learning_rate: of its Adam.
        safe_mode: refuse a run whose model holds a program, such as a SavedModel.
    """
    check_integers(1, style_epochs=style_epochs)
    style = {"filters": style_filters, "learning_rate": style_learning_rate}
    return {"epochs": style_epochs, **style, "safe_mode": safe_mode}


def evaluation(model, data):
    """Returns a function without arguments that measures `model` on noise and held-out captions."""
    # Embeddings alone: XLA compiles no strings, and images are not asked for.
    test = data.test(data.batch_size).map(lambda batch: {"embedding": batch["embedding"]})

    def measure():
        found = model.evaluate(test, verbose=0, return_dict=True)
        return {"held_out_loss": float(found["network_loss"])}

    return measure


def define_flags():
    """Defines the flags of the run, which its flags.txt has set, and those of its style encoder."""
    made = OF_THE_GAN.define()
    made.style = define(style_of)
    words = [word.split("=", 1) for word in sys.argv[1:]]
    run_dir = dict(word for word in words if len(word) == 2).get("--run_dir")
    if run_dir:
        path = os.path.join(run_dir, "flags.txt")
        if not os.path.exists(path):
            raise RunDirectoryError(f"run_dir must be the directory of a run. Received: {run_dir}")
        sys.argv.insert(1, f"--flagfile={path}")
    return made


def main(made):
    """Trains, or resumes, and prints the held-out loss beside the untrained one."""
    style, given = made.style(), made.options()
    which = which_checkpoint(flags.FLAGS.checkpoint)
    gan, step = RunDirectory(given.run_dir).load(which, style.pop("safe_mode"))
    if not isinstance(gan, TextToImageGAN):
        raise ValueError(
            "run_dir must be of apps.text_to_image. "
            f"Received: {given.run_dir}, of a {type(gan).__name__}"
        )
    data = OF_THE_GAN.open(made).without_wrong_images().embedded(gan.encoder)
    settings = {"step": step, **style}
    options = dataclasses.replace(
        given,
        run_dir=given.path("style_encoder"),
        epochs=style["epochs"],
        monitor="held_out_loss",
        saved_model=None,
        settings=settings,
        flags=f"{COMMAND}apps.style_transfer\n--run_dir={given.run_dir}\n"
        + "".join(f"--style_{name}={value}\n" for name, value in style.items()),
    )

    def build():
        model = StyleEncoder(gan.generator, gan.encoder, style["filters"], given.seed)
        xla = given.compiled_with_xla
        model.compile(learning_rate=style["learning_rate"], jit_compile=xla)
        return model

    measure = functools.partial(evaluation, data=data)
    model = training.run(build, data, options, evaluate=measure)
    models = {"untrained": training.build(build, options), "last": model}
    messages.report({name: measure(m)() for name, m in models.items()}, options, {}, {})


def run():
    """Starts the command."""
    start(__name__, main, define_flags)


if __name__ == "__main__":
    run()
