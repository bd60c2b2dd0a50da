"""Trains CycleGAN on two sets of images without pairs; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.cyclegan --flagfile=apps/flags/cyclegan/quickstart.flags

Your own images, in a folder with trainA trainB testA testB:
  python -m apps.cyclegan --flagfile=apps/flags/cyclegan/horse2zebra.flags \\
      --dataset=path/to/folder --run_dir=runs/mine --saved_model=saved_models/mine

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

import functools

from absl import app, flags

from apps.command_line import run_flags
from tfgan_apps import input_pipelines, training
from tfgan_apps.datasets import scene_renderer
from tfgan_apps.metrics import translation
from tfgan_apps.models import CycleGAN

flags.adopt_module_key_flags(run_flags)
IMAGE_SIZE = flags.DEFINE_integer(
    "image_size", 256, "Training crop in pixels, a multiple of 4.", 16
)
LOAD_SIZE = flags.DEFINE_integer(
    "load_size", None, "Images are resized to this, then cropped; image_size * 286/256 if unset.", 4
)
CHANNELS = flags.DEFINE_integer("channels", 3, "1, 3 or 4.", 1, 4)
FILTERS = flags.DEFINE_integer("filters", 64, "Of the generators' first layer (ngf).", 1)
RESIDUAL_BLOCKS = flags.DEFINE_integer("residual_blocks", None, "9 from 256 px on, else 6.", 0)
DISCRIMINATOR_FILTERS = flags.DEFINE_integer("discriminator_filters", 64, "ndf.", 1)
DISCRIMINATOR_LAYERS = flags.DEFINE_integer(
    "discriminator_layers", 3, "1 to 5 for patches of 16, 34, 70, 142, 286 pixels.", 1, 5
)
CYCLE_WEIGHT = flags.DEFINE_float("cycle_weight", 10.0, "lambda of the paper.", 0.0)
IDENTITY_WEIGHT = flags.DEFINE_float("identity_weight", 0.5, "Relative to cycle_weight.", 0.0)
POOL_SIZE = flags.DEFINE_integer("pool_size", 50, "Fakes kept for the discriminators; 0: none.", 0)
LEARNING_RATE = flags.DEFINE_float("learning_rate", 2e-4, "Of both Adams, before the decay.", 0.0)
EVALUATION_IMAGES = flags.DEFINE_integer(
    "evaluation_images", 200, "Held-out images that evaluations use, at most.", 1
)


def build_model(steps_per_epoch):
    """Returns the compiled CycleGAN of the flags."""
    model = CycleGAN(
        image_size=IMAGE_SIZE.value,
        channels=CHANNELS.value,
        filters=FILTERS.value,
        residual_blocks=RESIDUAL_BLOCKS.value,
        discriminator_filters=DISCRIMINATOR_FILTERS.value,
        discriminator_layers=DISCRIMINATOR_LAYERS.value,
        cycle_weight=CYCLE_WEIGHT.value,
        identity_weight=IDENTITY_WEIGHT.value,
        pool_size=POOL_SIZE.value,
        seed=run_flags.SEED.value,
    )
    model.compile(
        learning_rate=LEARNING_RATE.value,
        steps_per_epoch=steps_per_epoch,
        epochs=run_flags.EPOCHS.value,
        jit_compile=run_flags.jit_compile(),
    )
    return model


def evaluation(model, data):
    """Returns a function without arguments that measures `model` on the held-out images."""
    known_map = run_flags.DATASET.value == "scenes"
    return translation.TranslationEvaluation(
        model,
        data.test(batch_size=1, limit=EVALUATION_IMAGES.value),
        data.aligned,
        scene_renderer.foreground_mask if known_map else None,
    )


def main(argv):
    """Trains, or resumes, and prints the held-out metrics beside those of doing nothing."""
    if len(argv) > 1:
        raise app.UsageError(f"flags are expected, not words. Received: {argv[1:]}")
    strategy = run_flags.make_strategy()
    data = input_pipelines.unpaired_images(
        run_flags.DATASET.value,
        IMAGE_SIZE.value,
        LOAD_SIZE.value,
        CHANNELS.value,
        run_flags.BATCH_SIZE.value,
        run_flags.SEED.value,
        run_flags.DATA_DIR.value,
    )
    monitor = "x_to_y/error" if data.aligned else "x_to_y/swd"
    options = run_flags.options(__name__, monitor=monitor)
    build = functools.partial(build_model, data.steps_per_epoch)
    if run_flags.DRY_RUN.value:
        model = training.build(build, options, strategy)
        print(run_flags.describe(model, data, __name__))
        return
    model = training.run(build, data, options, strategy, lambda m: evaluation(m, data))
    if training.is_chief(strategy):
        untrained = training.build(build, options)
        models = {"identity": translation.IDENTITY, "untrained": untrained, "trained": model}
        run_flags.report({name: evaluation(m, data)() for name, m in models.items()}, options)


def run():
    """Starts the app."""
    run_flags.start(main)


if __name__ == "__main__":
    run()
