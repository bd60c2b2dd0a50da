"""SinGAN from the command line: a run on a picture, and what is made of it."""

import numpy as np
import pytest
from PIL import Image

from tests.apps.conftest import call

FLAGS = {"max_size": 18, "coarsest_size": 12, "scale_steps": 1, "filters": 2, "samples": 1}
FLAGS |= {"discriminator_steps": 1, "generator_steps": 1, "network_layers": 1}
FLAGS |= {"evaluation_images": 2, "evaluate_epochs": 2, "sample_epochs": 2}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of two scales on a picture that is shrunk to 18 x 12 pixels."""
    folder = tmp_path_factory.mktemp("singan")
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 4), np.uint8)
    Image.fromarray(image, "RGBA").save(folder / "photo.png")
    mask = np.zeros((20, 30), np.uint8)
    mask[:, :15] = 255
    Image.fromarray(mask).save(folder / "mask.png")
    words = {"scale_ratio": 0.6, "dataset": folder / "photo.png", "run_dir": folder / "run"}
    done = call("singan", **words, **FLAGS)
    assert done.returncode == 0, done.stderr
    assert "training: 18x12 pixels, 2 scales" in done.stdout and "epochs of 1" in done.stdout
    assert "reconstruction_error" in done.stdout
    return folder / "run"


def made(run, mode, **flags):
    """The sizes of what the command writes, by name."""
    done = call("manipulate", run_dir=run, mode=mode, **flags)
    assert done.returncode == 0, done.stderr
    paths = [line for line in done.stdout.splitlines() if line.startswith(str(run))]
    return {path.split("/")[-1]: size_of(path) for path in paths}


def size_of(path):
    """Returns the width and the height of a picture."""
    with Image.open(path) as image:
        return image.size


def test_samples(run):
    found = made(run, "samples", seeds="1,2", width=30)
    assert found == dict.fromkeys(
        ("sample_1_from_scale_0.png", "sample_2_from_scale_0.png"), (30, 12)
    )


def test_pictures_in_the_manner_of_the_run(run):
    files = {"input": run.parent / "photo.png", "mask": run.parent / "mask.png"}
    assert made(run, "paint", input=files["input"]) == {"photo_paint_1_from_scale_1.png": (18, 12)}
    found = made(run, "edit", start_scale=1, dilation=0, **files)
    assert found == {"photo_edit_1_from_scale_1.png": (18, 12)}


def test_larger_and_moving(run):
    assert made(run, "super_resolution", factor=1.5) == {"larger_1.5_1.png": (27, 18)}
    found = made(run, "animate", start_scale=0, frames=3)
    assert found == {"moving_1_from_scale_0.gif": (144, 96)}  # small ones are enlarged


@pytest.mark.parametrize(
    ("mode", "flags", "expected"),
    [
        ("paint", {}, "input must be given with mode=paint"),
        ("samples", {"input": "a.png"}, "input must be left out with mode=samples"),
        ("edit", {"input": "a.png"}, "mask must be given with mode=edit"),
        ("paint", {"input": "none.png"}, "none.png:\n  it cannot be read"),
        ("animate", {"start_scale": 7}, "start_scale must be from 0 to 1"),
        ("super_resolution", {"factor": 1}, "factor must be larger than 1"),
    ],
)
def test_mistakes(run, mode, flags, expected):
    done = call("manipulate", run_dir=run, mode=mode, **flags)
    assert done.returncode == 1 and expected in done.stderr


def test_epochs_follow_from_the_picture(run):
    words = {"dataset": "landscape", "run_dir": run.parent / "other", "epochs": 3}
    done = call("singan", **words, **FLAGS)
    assert done.returncode == 1 and "epochs must be left out, or " in done.stderr
