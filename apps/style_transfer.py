"""Trains the inverse of a text-to-image generator, and draws captions in the style of images.

  python -m apps.style_transfer --run_dir=runs/text_to_image_quickstart

The run is one of apps.text_to_image; its flags.txt says what the model and the data are. What is
learned goes to <run_dir>/style_encoder; sheets there show a caption, an image of another caption,
and the former in the style of the latter. The same command again resumes.
"""

import dataclasses
import functools
import sys

from absl import app, flags

from apps.command_line import run_flags, trained_run
from tfgan_apps import training
from tfgan_apps.models import StyleEncoder, TextToImageGAN

flags.declare_key_flag("run_dir")
flags.adopt_module_key_flags(trained_run)
EPOCHS = flags.DEFINE_integer("style_epochs", 20, "Of the style encoder, in all.", 1)
FILTERS = flags.DEFINE_integer("style_filters", 64, "Of its first layer.", 1)
LEARNING_RATE = flags.DEFINE_float("style_learning_rate", 2e-4, "Of its Adam.", 0.0)


def make_options(step):
    """Returns the `RunOptions` of the style encoder, which has a run directory of its own.

    Args:
        step: int, of the checkpoint whose generator is inverted.
    """
    found = {
        "step": step,
        "style_epochs": EPOCHS.value,
        "style_filters": FILTERS.value,
        "style_learning_rate": LEARNING_RATE.value,
    }
    of_the_run = run_flags.options("apps.text_to_image")
    return dataclasses.replace(
        of_the_run,
        run_dir=of_the_run.path("style_encoder"),
        epochs=EPOCHS.value,
        monitor="held_out_loss",
        saved_model=None,
        settings=found,
        flags=f"# of {of_the_run.run_dir}, by apps.style_transfer\n{run_flags.as_flagfile(found)}",
    )


def build_style_encoder(gan):
    """Returns the compiled StyleEncoder of the flags.

    Args:
        gan: a trained `TextToImageGAN`.
    """
    model = StyleEncoder(gan.generator, gan.encoder, FILTERS.value, run_flags.SEED.value)
    model.compile(learning_rate=LEARNING_RATE.value, jit_compile=run_flags.jit_compile())
    return model


def evaluation(model, data):
    """Returns a function without arguments that measures `model` on noise and held-out captions."""

    # Embeddings alone: XLA compiles no strings, and images are not asked for.
    test = data.test(run_flags.BATCH_SIZE.value).map(
        lambda batch: {"embedding": batch["embedding"]}
    )

    def measure():
        found = model.evaluate(test, verbose=0, return_dict=True)
        return {"held_out_loss": float(found["network_loss"])}

    return measure


def main(argv):
    """Trains, or resumes, and prints the held-out loss beside the untrained one."""
    if len(argv) > 1:
        raise app.UsageError(f"flags are expected, not words. Received: {argv[1:]}")
    gan, step = trained_run.load_model()
    if not isinstance(gan, TextToImageGAN):
        raise ValueError(
            "run_dir must be of apps.text_to_image. "
            f"Received: {run_flags.RUN_DIR.value}, of a {type(gan).__name__}"
        )
    # Not imported above: its flags are defined in its own runs alone.
    data = sys.modules["apps.text_to_image"].make_data().without_wrong_images()
    data = data.embedded(gan.encoder)
    options = make_options(step)
    build = functools.partial(build_style_encoder, gan)
    measure = functools.partial(evaluation, data=data)
    model = training.run(build, data, options, evaluate=measure)
    models = {"untrained": training.build(build, options), "trained": model}
    run_flags.report({name: measure(m)() for name, m in models.items()}, options)


def run():
    """Starts the app."""
    run_flags.start(main, trained_run.parse_flags)


if __name__ == "__main__":
    run()
