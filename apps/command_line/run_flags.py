"""The flags that every training app has, and the options they make.

An app calls `flags.adopt_module_key_flags(run_flags)`, so that they stand in its --help.
"""

import json
import logging as py_logging
import os
import sys

import tensorflow as tf
from absl import app, flags, logging

from tfgan_apps import checkpoints, input_pipelines, training
from tfgan_apps.callbacks import NonFiniteError
from tfgan_apps.serving.export import ExportError

RUN_DIR = flags.DEFINE_string(
    "run_dir",
    None,
    "Where the run is written: checkpoints, samples, metrics. The same directory again resumes.",
    required=True,
)
DATASET = flags.DEFINE_string(
    "dataset",
    None,
    "A folder or file, a TFDS name such as cycle_gan/horse2zebra, or a set of the package's own, "
    "such as 'scenes'.",
    required=True,
)
DATA_DIR = flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data; its default if unset.")
EPOCHS = flags.DEFINE_integer("epochs", 200, "Epochs in all.", lower_bound=1)
BATCH_SIZE = flags.DEFINE_integer("batch_size", 1, "Examples of all replicas.", lower_bound=1)
SEED = flags.DEFINE_integer("seed", 0, "Of weights, data order and draws.", lower_bound=0)
STRATEGY = flags.DEFINE_enum(
    "strategy",
    "one",
    training.STRATEGIES,
    "one device, all devices of this machine, or the hosts in TF_CONFIG.",
)
LOGICAL_CPUS = flags.DEFINE_integer(
    "logical_cpus",
    1,
    "Shows the CPU as this many devices, to try --strategy=mirrored without GPUs.",
    lower_bound=1,
)
PRECISION = flags.DEFINE_enum("precision", "float32", training.PRECISIONS, "Keras dtype policy.")
JIT_COMPILE = flags.DEFINE_enum(
    "jit_compile", "auto", ["auto", "on", "off"], "XLA; auto is on on GPUs, off on CPUs."
)
CHECKPOINT_STEPS = flags.DEFINE_integer(
    "checkpoint_steps", 0, "Also save every so many steps; 0 for epochs only.", lower_bound=0
)
CHECKPOINT_EPOCHS = flags.DEFINE_integer(
    "checkpoint_epochs", 1, "Save after every so many epochs.", lower_bound=1
)
KEEP_CHECKPOINTS = flags.DEFINE_integer(
    "keep_checkpoints", 3, "Latest checkpoints kept, besides the best.", lower_bound=1
)
SAMPLE_EPOCHS = flags.DEFINE_integer("sample_epochs", 1, "Epochs between sheets.", lower_bound=1)
SAMPLES = flags.DEFINE_integer("samples", 4, "Rows of a sample sheet.", lower_bound=1)
EVALUATE_EPOCHS = flags.DEFINE_integer(
    "evaluate_epochs", 5, "Epochs between evaluations on held-out data.", lower_bound=1
)
SAVED_MODEL = flags.DEFINE_string(
    "saved_model",
    None,
    "Export to <saved_model>/<version> at the end, e.g. saved_models/horse2zebra; unset: none.",
)
DRY_RUN = flags.DEFINE_bool(
    "dry_run", False, "Print flags, networks and data, write nothing, and stop."
)

FREE = {
    *("run_dir", "data_dir", "strategy", "logical_cpus", "saved_model", "dry_run"),
    *("checkpoint_steps", "checkpoint_epochs", "keep_checkpoints"),
    *("sample_epochs", "samples", "evaluate_epochs", "evaluation_images", "evaluation_samples"),
}
"""Flags that a resumed run may change: they do not change what is learned."""


def jit_compile():
    """Returns what `compile` calls the `--jit_compile` flag's value."""
    return {"auto": "auto", "on": True, "off": False}[JIT_COMPILE.value]


def integers(flag):
    """Returns the numbers of a flag such as 384,512,512, a tuple of int.

    Args:
        flag: absl `FlagHolder` of a str.

    Raises:
        ValueError: when it holds anything else.
    """
    words = flag.value.split(",")
    if not all(map(str.isdecimal, words)):
        raise ValueError(f"{flag.name} must be numbers, as {flag.default}. Received: {flag.value}")
    return tuple(map(int, words))


def make_strategy():
    """Returns the strategy of the flags; call it before any other TensorFlow code."""
    if LOGICAL_CPUS.value > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        logical = [tf.config.LogicalDeviceConfiguration()] * LOGICAL_CPUS.value
        tf.config.set_logical_device_configuration(cpu, logical)
    return training.make_strategy(STRATEGY.value)


COMMAND = "# python -m "
"""What the first line of a `flags.txt` starts with; the app's module follows."""


def app_module(app_name):
    """Returns the name to import an app by, which `python -m` calls `__main__`."""
    return sys.modules[app_name].__spec__.name


def values(app_name):
    """Returns name -> value of the flags that apps define.

    Args:
        app_name: str, the app's `__name__`.
    """
    own = flags.FLAGS.get_key_flags_for_module(app_name)
    return {flag.name: flag.value for flag in own}


def options(app_name, **changes):
    """Returns the `training.RunOptions` of the flags.

    Args:
        app_name: str, the app's `__name__`, whose flags count too.
        **changes: fields of `RunOptions` that the app sets itself.
    """
    found = values(app_name)
    return training.RunOptions(
        run_dir=RUN_DIR.value,
        epochs=EPOCHS.value,
        seed=SEED.value,
        precision=PRECISION.value,
        checkpoint_steps=CHECKPOINT_STEPS.value,
        checkpoint_epochs=CHECKPOINT_EPOCHS.value,
        keep_checkpoints=KEEP_CHECKPOINTS.value,
        sample_epochs=SAMPLE_EPOCHS.value,
        evaluate_epochs=EVALUATE_EPOCHS.value,
        samples=SAMPLES.value,
        saved_model=SAVED_MODEL.value,
        settings={name: value for name, value in found.items() if name not in FREE},
        flags=f"{COMMAND}{app_module(app_name)}\n{as_flagfile(found)}",
        **changes,
    )


def as_flagfile(found):
    """Returns the lines of a flagfile that sets every flag to its value.

    Args:
        found: dict, name -> value; flags without a value are left out.
    """
    given = {name: value for name, value in sorted(found.items()) if value is not None}
    return "".join(f"--{name}={value}\n" for name, value in given.items())


def describe(model, data, app_name, earlier=()):
    """Returns the text of `--dry_run`: flags, networks with parameter counts, data.

    Args:
        model: an `AdversarialModel`.
        data: from `input_pipelines`.
        app_name: str, the app's `__name__`.
        earlier: `AdversarialModel`s that the app trains before. Defaults to none.
    """
    lines = ["flags:", *("  " + line for line in as_flagfile(values(app_name)).splitlines())]
    players = [player for each in (*earlier, model) for player in each.players().items()]
    for player, networks in players:
        lines.append(f"{player}:")
        lines += [f"  {net.name}: {net.count_params():,} parameters" for net in networks]
    return "\n".join([*lines, "data:", *(f"  {line}" for line in data.describe())])


def table(rows):
    """Returns a Markdown table.

    Args:
        rows: dict, name of a row -> dict, name of a column -> float; what a row lacks stays empty.
    """
    names = list(dict.fromkeys(name for cells in rows.values() for name in cells))
    lines = [["", *names], ["---"] * (len(names) + 1)]
    for row, cells in rows.items():
        lines.append([row, *(f"{cells[n]:.4g}" if n in cells else "" for n in names)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def report(rows, options):
    """Prints the final metrics and where to look, and keeps them in `evaluation.json`.

    Args:
        rows: as for `table`.
        options: `training.RunOptions`.
    """
    with open(options.path("evaluation.json"), "w") as file:
        json.dump(rows, file, indent=2)
    print(f"\nHeld-out data:\n\n{table(rows)}\n")
    print(f"Sample sheets: {options.path('samples')}")
    if options.saved_model:
        print(f"SavedModel: {options.saved_model}")


MENDABLE = (
    input_pipelines.DataError,
    training.RunDirectoryError,
    checkpoints.CheckpointError,
    ExportError,
    NonFiniteError,
    ValueError,
)
"""Errors whose message is all that a user needs."""


def start(main, flags_parser=app.parse_flags_with_usage):
    """Runs an app's main; an error that the user can mend is one message, without a traceback.

    Args:
        main: function of the command line's words.
        flags_parser: function of the command line that parses its flags. Defaults to absl's.
    """

    def guarded(argv):
        logging.get_absl_handler().addFilter(_of_interest)
        tf.get_logger().setLevel("WARNING")
        try:
            main(argv)
        except MENDABLE as error:
            logging.debug("raised here:", exc_info=True)  # shown with --verbosity=1
            print(f"error: {error}", file=sys.stderr)
            sys.exit(1)

    app.run(guarded, flags_parser=flags_parser)


_OURS = tuple(os.path.dirname(os.path.abspath(path)) for path in (__file__, training.__file__))


def _of_interest(record):
    """Keeps our own messages, and of TensorFlow and TFDS what is at least a warning."""
    ours = os.path.dirname(record.pathname).startswith(_OURS)
    return ours or record.levelno >= py_logging.WARNING
