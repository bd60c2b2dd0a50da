"""A folder of tiny images, and runs of the CycleGAN app on it as a user starts them."""

import contextlib
import dataclasses
import importlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
from unittest import mock

import keras
import numpy as np
import pytest
import tensorflow as tf
from absl import logging

from tfgan_apps.input_pipelines import captioned_images

REPOSITORY = pathlib.Path(__file__).parents[2]
TINY = {
    **{
        "image_size": 16,
        "load_size": 18,
        "generator_filters": 4,
        "residual_blocks": 1,
        "pool_size": 3,
    },
    **{"discriminator_filters": 4, "discriminator_layers": 1, "batch_size": 2, "epochs": 3},
    **{"samples": 2, "evaluate_epochs": 3, "checkpoint_steps": 2, "verbosity": 0},
}


@dataclasses.dataclass(frozen=True)
class Done:
    """What a command has left: its exit code and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def call(command, *words, **flags):
    """Runs a command in this process, as `tfgan <command>` does, and returns what it left.

    A process of its own would spend seconds on loading TensorFlow.
    """
    words = [*words, *(f"--{name}={value}" for name, value in flags.items() if value is not None)]
    out, err = io.StringIO(), io.StringIO()
    log = logging.get_absl_handler().python_handler
    keras.utils.clear_session()  # the names of layers, which checkpoints hold, are counted anew
    module = importlib.import_module(f"apps.{command}")
    with (
        mock.patch.object(sys, "argv", [f"tfgan {command}", *map(str, words)]),
        mock.patch.object(log, "stream", err),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            module.run()
            code = 0
        except SystemExit as ended:
            code = ended.code or 0
        finally:
            keras.config.set_dtype_policy("float32")
    return Done(code, out.getvalue(), err.getvalue())


def evaluated_as_reported(run_dir, folder):
    """Checks that `tfgan evaluate` finds the numbers of a run's own report, and returns them.

    Args:
        run_dir, folder: `pathlib.Path`, of the run, and where to write.
    """
    done = call("evaluate", run_dir=run_dir, output=folder / "found.json")
    assert done.returncode == 0, done.stderr
    found = json.loads((folder / "found.json").read_text())
    expected = json.loads((run_dir / "evaluation.json").read_text())
    assert found.pop("protocol") == json.loads((run_dir / "protocol.json").read_text())
    ((name, values),) = found.items()
    assert re.fullmatch(r"step \d+", name) and f"| {name}" in done.stdout
    assert values == pytest.approx(expected["last"], rel=1e-5, abs=1e-6, nan_ok=True)
    return values


def median_rank(model, folder):
    """Returns the median place of images' own captions among those of the folder's test images."""
    data = captioned_images(str(folder), model.image_encoder.input_shape[1])
    (batch,) = data.test(data.test_length)
    scores = model.image_encoder(batch["image"]) @ tf.transpose(
        model.text_encoder(batch["caption"])
    )
    own = np.diag(scores)[:, None]
    return np.median(1 + np.sum(scores > own, axis=1))


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """A folder trainA trainB testA testB; an epoch has 4 steps of batch 2."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for split, count in (("trainA", 8), ("trainB", 6), ("testA", 2), ("testB", 2)):
        for i in range(count):
            image = rng.integers(0, 256, (18, 18, 3), dtype="uint8")
            tf.io.write_file(str(folder / split / f"{i}.png"), tf.io.encode_png(image))
    return folder


@pytest.fixture(scope="session")
def patches(tmp_path_factory):
    """A folder of images of one colour, with captions that name it; 12 and 3 images."""
    folder = tmp_path_factory.mktemp("patches")
    for part, count in (("train", 12), ("test", 3)):
        lines = ["image,caption"]
        for number in range(count):
            image = np.zeros((18, 20, 3), np.uint8)
            image[..., number % 3] = 255
            path = folder / part / "images" / f"{number}.png"
            tf.io.write_file(str(path), tf.io.encode_png(image))
            name = ("red", "green", "blue")[number % 3]
            texts = (f"all of it is {name}", f'"{name}, and that is all"')
            lines += [f"{number}.png,{text}" for text in texts]
        (folder / part / "captions.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="session")
def start(images):
    """Returns a function that starts the app in a process: (run_dir, env, **flags) -> Popen."""

    def start(run_dir, env=None, **flags):
        flags = flags_of(run_dir, images, **flags)
        words = [f"--{name}={value}" for name, value in flags.items() if value is not None]
        return subprocess.Popen(
            [sys.executable, "-m", "apps.cyclegan", *words],
            cwd=REPOSITORY,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def tiny(run_dir, images, **flags):
    """Runs the CycleGAN app on a folder of images to its end, in this process."""
    return call("cyclegan", **flags_of(run_dir, images, **flags))


def flags_of(run_dir, images, flagfile=None, **flags):
    """Returns the flags of a tiny run, or of a flagfile; the last ones win."""
    first = {"flagfile": flagfile} if flagfile else {"dataset": images, **TINY}
    return {**first, "run_dir": run_dir, **flags}


@pytest.fixture(scope="session")
def finish(images):
    """Returns a function that runs the app to its end: -> (exit code, stdout, stderr)."""

    def finish(run_dir, **flags):
        done = tiny(run_dir, images, **flags)
        # This process has had many runs, whose traces of one function TensorFlow adds up.
        said = re.sub(r"warning: \d+ out of the last \d+ calls .*\n", "", done.stderr)
        return done.returncode, done.stdout, said

    return finish


@pytest.fixture(scope="session")
def unbroken(finish, tmp_path_factory):
    """The run directory of a run that nobody disturbed, with an export."""
    run_dir = tmp_path_factory.mktemp("unbroken") / "run"
    code, _, err = finish(run_dir, saved_model=run_dir.parent / "saved_models" / "tiny")
    assert code == 0, err
    return run_dir


@pytest.fixture(scope="session")
def checksum():
    """Returns a function: run directory -> (step, sha256 of all weights) of its last checkpoint."""

    def checksum(run_dir):
        cards = sorted((run_dir / "checkpoints").glob("step_*/checkpoint.json"))
        card = json.loads(cards[-1].read_text())
        return card["step"], card["sha256"]

    return checksum
