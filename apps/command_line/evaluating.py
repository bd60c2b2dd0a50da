"""What the evaluate command is made of: networks, images that are drawn, values of a run."""

import importlib
import json
import sys
import time

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
import numpy as np
import tensorflow as tf
from absl import flags

from apps.command_line import messages
from apps.command_line.app import Job
from apps.command_line.resumed import COMMAND
from tfgan_apps.arguments import check
from tfgan_apps.evaluations.image_folders import folder_features
from tfgan_apps.evaluations.image_quality import ImageFeatures, image_quality  # noqa: F401
from tfgan_apps.files import write_whole
from tfgan_apps.metrics.features.named import named_network  # noqa: F401
from tfgan_apps.run_directory import RunDirectory, RunDirectoryError, which_checkpoint
from tfgan_apps.serving.client import in_process
from tfgan_apps.serving.client.examples import combinations

_OF_ONE = ("metric", "options")  # what of a protocol is not the same for all numbers


def folder(path, network, cache=None):
    """Returns the `ImageFeatures` of a folder, with progress on a terminal.

    Args:
        path: str.
        network: `FeatureNetwork`.
        cache: str, folder where they are kept. Defaults to None, nowhere.
    """
    return folder_features(path, network, cache, Progress(path))


def signatures(run_dir, saved_model, checkpoint, safe_mode):
    """Returns the signatures of a run's model, or of a SavedModel.

    Args:
        run_dir: str, or None for the SavedModel's.
        saved_model: str.
        checkpoint: str, of the run.
        safe_mode: bool, see `RunDirectory.load`.
    """
    if not run_dir:
        return in_process.load(saved_model)
    model, _ = RunDirectory(run_dir).load(which_checkpoint(checkpoint), safe_mode)
    return model.serving().signatures()


def drawn(signatures, samples, seed, network):
    """Returns the `ImageFeatures` of images that a model draws by seeds.

    Args:
        signatures: dict, name -> function.
        samples: int.
        seed: int, the first one.
        network: `FeatureNetwork`.

    Raises:
        ValueError: the model takes more than seeds, or gives no images.
    """
    model = in_process.InProcess(signatures)
    described = model.metadata()["serving_default"]
    inputs, outputs = list(described.inputs), list(described.outputs)
    fits = (inputs, outputs) == (["seed"], ["image_bytes"])
    check(fits, "one that draws images by seeds alone", saved_model=(inputs, outputs))
    found, images, progress = ImageFeatures(network), [], Progress("drawn")
    examples = combinations(seeds=range(seed, seed + samples))
    for count, (_, _, encoded) in enumerate(in_process.answers(model, examples), 1):
        images.append(np.asarray(tf.io.decode_png(encoded, network.channels)))
        if len(images) == network.batch_size or count == samples:
            found.add(np.stack(images))
            images = []
            progress(count, samples)
    return found


def run_values(run_dir, checkpoint, safe_mode, replaced):
    """Returns dict, `step N` -> the values of a run's own evaluation, on its held-out data.

    The run's flags take the place of this command's: they open its data.

    Args:
        run_dir: str.
        checkpoint: str, of the run.
        safe_mode: bool, see `RunDirectory.load`.
        replaced: names of this command's flags.

    Raises:
        RunDirectoryError: it is no run, or its system has no evaluation.
    """
    directory = RunDirectory(run_dir)
    model, step = directory.load(which_checkpoint(checkpoint), safe_mode)
    with open(directory.file("flags.txt")) as file:
        module = file.readline().removeprefix(COMMAND).strip()
    app = importlib.import_module(module).APP
    if not app.evaluation:
        raise RunDirectoryError(
            f"{run_dir} is a run of {module}, which has no evaluation of its own: give --real, a "
            "folder of images"
        )
    for name in replaced:
        delattr(flags.FLAGS, name)
    made = app.define()
    flags.FLAGS([sys.argv[0], f"--flagfile={directory.file('flags.txt')}", f"--run_dir={run_dir}"])
    data = app.open(made)
    job = Job(made, data, app.options(made, data), made.strategy(), made.evaluation)
    job = app.prepare(job)
    return {f"step {step}": job.evaluation(model, data=job.data, **app.final)()}


def show(rows, measured, output):
    """Prints the table, and writes the JSON.

    Args:
        rows: dict, name of a column -> dict, name of a metric -> float.
        measured: list of dicts, the numbers with their protocols, or None for the rows alone.
        output: str, path of the JSON, or None.
    """
    print(messages.table({name: cells for name, cells in rows.items() if cells}))
    if measured:
        protocol = {k: v for k, v in measured[0]["protocol"].items() if k not in _OF_ONE}
        print("\n" + ", ".join(f"{k}={v}" for k, v in protocol.items() if v is not None))
    if output:
        write_whole(output, json.dumps(measured or rows, indent=2) + "\n")
        print(f"Written: {output}")


class Progress:
    """Says on a terminal how many images there were, and how long the rest will take.

    Args:
        what: str.
    """

    def __init__(self, what):
        self.what = what
        self.start = time.monotonic()

    def __call__(self, done, count):
        """Shows how far it is.

        Args:
            done, count: int.
        """
        if sys.stderr.isatty():
            left = (time.monotonic() - self.start) * (count / done - 1)
            end = "\n" if done == count else ""
            line = f"\r{self.what}: {done}/{count} images, {left:.0f} s left "
            print(line, end=end, file=sys.stderr, flush=True)
