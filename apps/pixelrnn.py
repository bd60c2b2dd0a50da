"""Trains a PixelRNN (PixelCNN, Row LSTM, Diagonal BiLSTM); samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.pixelrnn --flagfile=apps/flags/pixelrnn/quickstart.flags

MNIST's own files, in a folder:
  python -m apps.pixelrnn --flagfile=apps/flags/pixelrnn/mnist.flags --dataset=path/to/mnist

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

import functools

from absl import app, flags

from apps.command_line import run_flags
from tfgan_apps import input_pipelines, training
from tfgan_apps.input_pipelines.image_sets import BINARIZATIONS
from tfgan_apps.models import PixelRNN
from tfgan_apps.models.pixelrnn.networks import KINDS
from tfgan_apps.schedules import LinearDecay

flags.adopt_module_key_flags(run_flags)
KIND = flags.DEFINE_enum("kind", "diagonal_bilstm", KINDS, "The network.")
IMAGE_SIZE = flags.DEFINE_integer("image_size", 28, "Images are resized to this.", 1)
CHANNELS = flags.DEFINE_integer("channels", 1, "1, 3 or 4.", 1, 4)
LEVELS = flags.DEFINE_integer("levels", 2, "Values of a colour; 2: black and white.", 2, 256)
BINARIZATION = flags.DEFINE_enum(
    "binarization",
    "none",
    BINARIZATIONS,
    "How images become black and white, for 2 levels: at the middle grey, all that is not black "
    "(for sets that store 0 and 1), or by chance, with brightness as the probability.",
)
DEPTH = flags.DEFINE_integer("depth", 7, "Layers, or blocks of the PixelCNN.", 1)
FILTERS = flags.DEFINE_integer("filters", 16, "h of the paper.", 1)
HEAD_FILTERS = flags.DEFINE_integer("head_filters", 32, "1024 in the paper's colour models.", 1)
RESIDUAL = flags.DEFINE_bool("residual", True, "Layers add to their input.")
SKIP_CONNECTIONS = flags.DEFINE_bool("skip_connections", False, "Every layer reaches the head.")
CONDITION_SIZE = flags.DEFINE_integer(
    "condition_size", None, "Multi-scale: the height of the smaller image that is given.", 1
)
LEARNING_RATE = flags.DEFINE_float("learning_rate", 1e-3, "Of RMSProp.", 0.0)
DECAY = flags.DEFINE_bool("decay", False, "It falls to 0 over the second half of --epochs.")
EVALUATION_IMAGES = flags.DEFINE_integer(
    "evaluation_images", 1000, "Held-out images that evaluations during training use, at most.", 1
)
EVALUATION_BATCH = 100


def build_model(steps_per_epoch):
    """Returns the compiled PixelRNN of the flags."""
    model = PixelRNN(
        kind=KIND.value,
        image_shape=(IMAGE_SIZE.value, IMAGE_SIZE.value, CHANNELS.value),
        depth=DEPTH.value,
        filters=FILTERS.value,
        head_filters=HEAD_FILTERS.value,
        levels=LEVELS.value,
        residual=RESIDUAL.value,
        skip_connections=SKIP_CONNECTIONS.value,
        condition_size=CONDITION_SIZE.value,
        seed=run_flags.SEED.value,
    )
    rate = LEARNING_RATE.value
    if DECAY.value:
        rate = LinearDecay(rate, steps_per_epoch, run_flags.EPOCHS.value)
    model.compile(learning_rate=rate, jit_compile=run_flags.jit_compile())
    return model


def evaluation(model, data, images=None):
    """Returns a function without arguments that measures `model` on held-out images.

    The likelihood is exact: a bound or an estimate of nothing.
    """

    def measure():
        test = data.test(EVALUATION_BATCH, images)
        found = model.evaluate(test, verbose=0, return_dict=True)
        return {f"test_{name}": float(found[name]) for name in ("nats", "bits_per_dim")}

    return measure


def main(argv):
    """Trains, or resumes, and prints the held-out likelihood beside the untrained one."""
    if len(argv) > 1:
        raise app.UsageError(f"flags are expected, not words. Received: {argv[1:]}")
    if (LEVELS.value == 2) == (BINARIZATION.value == "none"):
        raise ValueError(
            "binarization must be given for 2 levels, and for no other number. "
            f"Received: levels={LEVELS.value}, binarization={BINARIZATION.value}"
        )
    strategy = run_flags.make_strategy()
    data = input_pipelines.image_set(
        run_flags.DATASET.value,
        IMAGE_SIZE.value,
        CHANNELS.value,
        run_flags.BATCH_SIZE.value,
        run_flags.SEED.value,
        run_flags.DATA_DIR.value,
        BINARIZATION.value,
    )
    options = run_flags.options(__name__, monitor="test_nats")
    build = functools.partial(build_model, data.steps_per_epoch)
    if run_flags.DRY_RUN.value:
        model = training.build(build, options, strategy)
        print(run_flags.describe(model, data, __name__))
        return
    limited = functools.partial(evaluation, data=data, images=EVALUATION_IMAGES.value)
    model = training.run(build, data, options, strategy, limited)
    if training.is_chief(strategy):
        models = {"untrained": training.build(build, options), "trained": model}
        run_flags.report({name: evaluation(m, data)() for name, m in models.items()}, options)


def run():
    """Starts the app."""
    run_flags.start(main)


if __name__ == "__main__":
    run()
