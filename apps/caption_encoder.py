"""Trains a text encoder on images with captions; evaluates and exports it.

Minutes on a CPU and no download:
  python -m apps.caption_encoder --flagfile=apps/flags/caption_encoder/shapes.flags

A folder of your own, with images/ and captions.txt:
  python -m apps.caption_encoder --dataset=path/to/folder --test_fraction=0.1 --batch_size=40 \\
      --run_dir=runs/captions

It leaves <run_dir>/text_encoder.keras, which apps.text_to_image takes as --encoder. The same
command again resumes where the last checkpoint stands. A later flag wins over an earlier one, so
flags after --flagfile override it. --dry_run shows what would be done.
"""

import functools

from absl import app, flags

from apps import captioned_flags
from apps.command_line import run_flags
from tfgan_apps import text_encoders, training
from tfgan_apps.models import CaptionEncoder

flags.adopt_module_key_flags(run_flags)
flags.adopt_module_key_flags(captioned_flags)
EMBEDDING_SIZE = flags.DEFINE_integer("embedding_size", 1024, "Of a caption and an image.", 1)
LENGTH = flags.DEFINE_integer("length", 201, "Characters of a caption that are read.", 57)
FILTERS = flags.DEFINE_string("filters", "384,512,512", "Of the text encoder.")
IMAGE_FILTERS = flags.DEFINE_integer("image_filters", 64, "First ones of the image encoder.", 1)
LEARNING_RATE = flags.DEFINE_float("learning_rate", 7e-4, "Of RMSProp.", 0.0)
DECAY = flags.DEFINE_bool("decay", True, "It falls by 2 percent after every epoch.")
WHITEN = flags.DEFINE_bool(
    "whiten", False, "Directions of the text encoder's embeddings are brought nearer to one scale."
)


def build_model(steps_per_epoch):
    """Returns the compiled `CaptionEncoder` of the flags."""
    model = CaptionEncoder(
        captioned_flags.IMAGE_SIZE.value,
        captioned_flags.CHANNELS.value,
        EMBEDDING_SIZE.value,
        LENGTH.value,
        run_flags.integers(FILTERS),
        IMAGE_FILTERS.value,
        run_flags.SEED.value,
        whiten=WHITEN.value,
    )
    model.compile(
        learning_rate=LEARNING_RATE.value,
        steps_per_epoch=steps_per_epoch if DECAY.value else None,
        jit_compile=run_flags.jit_compile(),
    )
    return model


def main(argv):
    """Trains, or resumes, and prints retrieval on held-out captions beside the untrained one's."""
    if len(argv) > 1:
        raise app.UsageError(f"flags are expected, not words. Received: {argv[1:]}")
    strategy = run_flags.make_strategy()
    data = captioned_flags.make_data(wrong_images=False)
    options = run_flags.options(__name__, monitor="test_text_to_image_median_rank")
    build = functools.partial(build_model, data.steps_per_epoch)
    if run_flags.DRY_RUN.value:
        model = training.build(build, options, strategy)
        print(run_flags.describe(model, data, __name__))
        return
    model, _ = text_encoders.train(build, data, options, strategy)
    if training.is_chief(strategy):
        models = {"untrained": training.build(build, options), "trained": model}
        rows = {name: text_encoders.evaluation(m, data)() for name, m in models.items()}
        run_flags.report(rows, options)
        print(f"Text encoder: {options.path(text_encoders.FILE)}")


def run():
    """Starts the app."""
    run_flags.start(main)


if __name__ == "__main__":
    run()
