"""What the evaluate command is made of: networks, images that are drawn, values of a run."""

import importlib
import json
import pathlib
import sys
import time

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
import numpy as np
from absl import flags

from apps.command_line import messages
from apps.command_line.app import Job
from apps.command_line.resumed import COMMAND
from tfgan_apps.arguments import check
from tfgan_apps.codes import Code
from tfgan_apps.evaluations import drawn_images
from tfgan_apps.evaluations.drawn_images import asked
from tfgan_apps.evaluations.image_folders import classes_of, folder_features, image_paths
from tfgan_apps.evaluations.image_quality import ImageFeatures, class_by_class, image_quality
from tfgan_apps.files import write_whole
from tfgan_apps.metrics.features.named import named_network  # noqa: F401
from tfgan_apps.run_directory import RunDirectory, RunDirectoryError, which_checkpoint
from tfgan_apps.serving.client import in_process

_OF_ONE = ("metric", "options")  # what of a protocol is not the same for all numbers


def folder(path, network, cache=None):
    """Returns the `ImageFeatures` of a folder, with progress on a terminal.

    Args:
        path: str.
        network: `FeatureNetwork`.
        cache: str, folder where they are kept. Defaults to None, nowhere.
    """
    return folder_features(path, network, cache, Progress(path))


def source(run_dir, saved_model, checkpoint, safe_mode):
    """Returns the signatures of a run's model, or of a SavedModel, and its `Code` or None.

    Args:
        run_dir: str, or None for the SavedModel's.
        saved_model: str.
        checkpoint: str, of the run.
        safe_mode: bool, see `RunDirectory.load`.
    """
    if not run_dir:
        code = in_process.about(saved_model).get("code")
        return in_process.load(saved_model), Code(**code) if code else None
    model, _ = RunDirectory(run_dir).load(which_checkpoint(checkpoint), safe_mode)
    return model.serving().signatures(), getattr(model, "code", None)


def request(signatures, code, samples, seed, real, given, truncation=0.0):
    """Returns what a model is asked to draw: input's name -> one value for each example.

    Labels are as the real images have them, texts those of a file in turn, codes by chance as in
    training, and images to translate all that there are.

    Args:
        signatures, code: from `source`.
        samples: int.
        seed: int, the first one.
        real: str, folder, which has subfolders where the model draws by classes.
        given: str, file of texts or folder of images, or None.
        truncation: float, how far latents may be from 0; 0: any distance. Defaults to 0.

    Raises:
        ValueError: the model takes something else, or gives no images.
    """
    inputs, outputs = asked(signatures)
    known = {"seed", "label", "text", "truncation", *(["code"] if code else [])}
    fits = outputs == {"image_bytes"} and (inputs <= known or inputs == {"image_bytes"})
    expected = f"one that draws images by {', '.join(sorted(known))}, or translates them"
    check(fits, expected, saved_model=(sorted(inputs), sorted(outputs)))
    needs = inputs & {"text", "image_bytes"}
    what = "a file of texts, or a folder of images" if needs else "left out for this model"
    check(bool(given) == bool(needs), what, input=given)
    if inputs == {"image_bytes"}:
        return {"image_bytes": image_paths(given)}
    made = {"seed": np.arange(seed, seed + samples, dtype=np.int32)}
    fits = truncation == 0 or "truncation" in inputs
    check(fits, "left out for this model", truncation=truncation)
    if "truncation" in inputs:
        made["truncation"] = np.full(samples, truncation, np.float32)
    if "label" in inputs:
        labels, _ = classes_of(real)
        made["label"] = labels[np.arange(samples) * len(labels) // samples]
    if "text" in inputs:
        path = pathlib.Path(given)
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        lines = [line for line in lines if line.strip()]
        check(bool(lines), "a file with a text in each line", input=given)
        made["text"] = [lines[i % len(lines)] for i in range(samples)]
    if "code" in inputs:
        made["code"] = code.by_chance(samples, seed)
    return made


def drawn(signatures, request, network):
    """Returns the `ImageFeatures` of what a model draws.

    Args:
        signatures: from `source`.
        request: from `request`.
        network: `FeatureNetwork`.
    """
    found, progress = ImageFeatures(network), Progress("drawn")
    for images in drawn_images.drawn(signatures, request):
        found.add(images)
        progress(found.images, len(next(iter(request.values()))))
    return found


def measured(kept, found, real, request, seed=None, truncation=None):
    """Returns the measurements of drawn images, class by class where the network knows them.

    Args:
        kept, found: `ImageFeatures`, real and generated.
        real: str, folder of the real ones.
        request: from `request`, or None for a folder's images.
        seed: int. Defaults to None.
        truncation: float. Defaults to None.
    """
    protocol = {"split": real, "seed": seed, "truncation": truncation}
    values = image_quality(kept, found, **protocol)
    if request and "label" in request:
        labels, names = classes_of(real)
        if found.logits.shape[1] == len(names):
            values |= class_by_class(kept, found, labels, request["label"], names, **protocol)
    return values


def run_values(run_dir, checkpoint, safe_mode, replaced):
    """Returns `step N` -> the values of a run's own evaluation, and how they were measured.

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
    values = job.evaluation(model, data=job.data, **app.final)()
    return {f"step {step}": values}, app.protocol(job)


def show(rows, measured, output):
    """Prints the table, and writes the JSON.

    Args:
        rows: dict, name of a column -> dict, name of a metric -> float.
        measured: list of dicts, the numbers with their protocols; or a dict, that of all rows.
        output: str, path of the JSON, or None.
    """
    print(messages.table({name: cells for name, cells in rows.items() if cells}))
    protocol, written = measured, {**rows, "protocol": measured}
    if isinstance(measured, list):
        protocol, written = measured[0]["protocol"], measured
    shown = {k: v for k, v in protocol.items() if k not in _OF_ONE and v is not None}
    print("\n" + ", ".join(f"{k}={v}" for k, v in shown.items()))
    if output:
        write_whole(output, json.dumps(written, indent=2) + "\n")
        print(f"Written: {output}")


class Progress:
    """Says on a terminal how much is done, and how long the rest will take.

    Args:
        what: str.
        unit: str, what is counted. Defaults to "images".
    """

    def __init__(self, what, unit="images"):
        self.what, self.unit = what, unit
        self.start = time.monotonic()

    def __call__(self, done, count):
        """Shows how far it is.

        Args:
            done, count: int.
        """
        if sys.stderr.isatty():
            left = (time.monotonic() - self.start) * (count / done - 1)
            end = "\n" if done == count else ""
            line = f"\r{self.what}: {done}/{count} {self.unit}, {left:.0f} s left "
            print(line, end=end, file=sys.stderr, flush=True)
