"""StyleGAN2 from the command line: classes of a dataset.json, sheets by styles, and projection."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.apps.conftest import call
from tfgan_apps.metrics.features.classifier import build_classifier

FLAGS = {"image_size": 16, "channels": 1, "classes": 2, "latent_size": 4, "style_size": 4}
FLAGS |= {"mapping_layers": 1, "filters_base": 64, "most_filters": 4, "deviation_group": 2}
FLAGS |= {"batch_size": 2, "epochs": 1, "samples": 2, "path_weight": 0, "penalty_interval": 1}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on four pictures, of which a dataset.json tells the classes."""
    folder = tmp_path_factory.mktemp("stylegan2")
    rng = np.random.default_rng(0)
    names = [f"images/{number}.png" for number in range(4)]
    (folder / "set" / "images").mkdir(parents=True)
    for name in names:
        png = tf.io.encode_png(rng.integers(0, 256, (20, 16, 1), np.uint8)).numpy()
        (folder / "set" / name).write_bytes(png)
    pairs = [[name, number % 2] for number, name in enumerate(names)]
    (folder / "set" / "dataset.json").write_text(json.dumps({"labels": pairs}))
    done = call("stylegan2", dataset=folder / "set", run_dir=folder / "run", **FLAGS)
    assert done.returncode == 0, done.stderr
    assert "2 classes: 0, 1" in done.stdout + done.stderr
    return folder / "run"


def test_sheets_of_classes_and_between_seeds(run):
    done = call("generate", run_dir=run, seeds="1,2", labels="0,1", truncation=0.5)
    assert done.returncode == 0, done.stderr
    done = call("generate", "--interpolate", run_dir=run, seeds="1,2", labels="1", steps=3)
    assert done.returncode == 0 and done.stdout.splitlines() == [
        str(run / "generated" / name) for name in ("sheet.png", "sheet.gif")
    ]


def test_a_file_for_each_seed(run, tmp_path):
    words = {"run_dir": run, "seeds": "1,2", "output": tmp_path / "drawn"}
    done = call("generate", truncation=0.5, set="label=1", **words)
    assert done.returncode == 0 and done.stdout == f"2 written to {tmp_path / 'drawn'}\n"
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == ["1.png", "2.png"]
    done = call("generate", **words)
    assert done.returncode == 1 and "takes label, seed, truncation;" in done.stderr


def test_pictures_are_projected(run, tmp_path):
    classifier = build_classifier((32, 32, 1), 2, "tiny")
    classifier.save(tmp_path / "tiny.keras")
    words = {"run_dir": run, "input": run.parent / "set" / "images", "label": 1, "steps": 3}
    done = call("project", features=tmp_path / "tiny.keras", **words)
    assert done.returncode == 0, done.stderr
    found = run / "projected"
    assert sorted(path.name for path in found.iterdir()) == sorted(
        [f"{n}.{suffix}" for n in range(4) for suffix in ("npz", "png")] + ["sheet.png"]
    )
    with np.load(found / "0.npz") as arrays:
        assert arrays["styles"].shape == (6, 4) and arrays["noise"].shape == (656,)
    assert "0: distance " in done.stdout


def test_what_projection_needs_is_said(run, tmp_path):
    done = call("project", run_dir=run, input=run.parent / "set", features="vgg19")
    assert done.returncode == 1 and "vgg19" in done.stderr and "https://" in done.stderr
    build_classifier((32, 32, 1), 2, "tiny").save(tmp_path / "tiny.keras")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    done = call("project", run_dir=run, input=tmp_path, features=tmp_path / "tiny.keras", label=1)
    assert done.returncode == 1 and "broken.png: is not an image" in done.stderr
    done = call("project", run_dir=run, input=tmp_path, features="vgg")
    assert done.returncode == 1 and "features must be vgg19, or the path of a" in done.stderr
