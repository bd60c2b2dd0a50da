"""CGAN as its users start it: a folder per class, a run, and sheets of it."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageSequence

from tests.apps.conftest import call

FLAGS = {"image_size": 8, "channels": 1, "classes": 2, "batch_size": 2, "epochs": 1, "samples": 2}
FLAGS |= {"generator_width": 6, "discriminator_width": 2, "verbosity": 0}


@pytest.fixture
def folder(tmp_path):
    """Returns a folder of two classes of two images."""
    for index, name in enumerate(("cat", "cat", "dog", "dog")):
        (tmp_path / "set" / name).mkdir(parents=True, exist_ok=True)
        file = tf.io.encode_png(np.full((8, 8, 1), 60 * index, np.uint8))
        (tmp_path / "set" / name / f"{index}.png").write_bytes(file.numpy())
    return tmp_path / "set"


def test_a_run_and_sheets_of_its_classes(folder, tmp_path):
    run = tmp_path / "run"
    done = call("cgan", dataset=folder, run_dir=run, **FLAGS)
    assert done.returncode == 0, done.stderr
    assert "2 classes: cat, dog" in done.stdout + done.stderr
    assert sorted(path.name for path in (run / "samples").iterdir())[-1] == "epoch_0001.png"
    done = call("generate", run_dir=run, seeds="1,2", labels="0,1")
    assert done.returncode == 0, done.stderr
    picture = tf.io.decode_png((run / "generated" / "sheet.png").read_bytes())
    assert picture.shape[1] == 2 * 96 + 4
    done = call("generate", "--interpolate", run_dir=run, seeds="1,2", labels="1", steps=3)
    assert done.returncode == 0, done.stderr
    with Image.open(run / "generated" / "sheet.gif") as file:
        frames = ImageSequence.all_frames(file)
    assert sum(frame.info["duration"] for frame in frames) == 2 * 2 * 80  # equal ones are one
    done = call("generate", run_dir=run, seeds="1", labels="2")
    assert done.returncode == 1 and "label must be below 2. Received: label=2" in done.stderr


def test_another_number_of_classes_is_refused_before_training(folder, tmp_path):
    done = call("cgan", dataset=folder, run_dir=tmp_path / "run", **{**FLAGS, "classes": 3})
    assert done.returncode == 1
    assert "classes must be 2, the number of the data's classes" in done.stderr
    assert not (tmp_path / "run").exists()
