"""What the evaluate command says of folders, runs and exports, and of mistakes."""

import json
import re

import keras
import numpy as np
import pytest
from PIL import Image

from tests.apps.conftest import call
from tfgan_apps.metrics.features import weight_files
from tfgan_apps.metrics.features.classifier import build_classifier
from tfgan_apps.metrics.protocol import Measurement


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Returns a folder with real, fake, and a classifier of pictures of 16 pixels."""
    folder = tmp_path_factory.mktemp("evaluated")
    random = np.random.RandomState(0)
    for name, count, high, kind in (("real", 12, 256, "png"), ("fake", 9, 128, "bmp")):
        (folder / name).mkdir()
        for i in range(count):
            pixels = random.randint(0, high, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.{kind}")
    keras.utils.set_random_seed(0)
    build_classifier((16, 16, 3), 4, "colours").save(folder / "colours.keras")
    return folder


def evaluate(folder, *words, **flags):
    given = {"features": folder / "colours.keras", "cache": folder / "cache", **flags}
    return call("evaluate", *words, **given)


def test_two_folders(folders):
    output = folders / "found.json"
    done = evaluate(folders, real=folders / "real", fake=folders / "fake", output=output)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\| frechet_distance\[colours\] +\| [\d.]+", done.stdout, re.M)
    assert "backbone=colours" in done.stdout and "real_images=12, generated_images=9" in done.stdout
    found = [Measurement.from_json(json.dumps(each)) for each in json.loads(output.read_text())]
    assert {each.protocol.metric for each in found} >= {"coverage[colours]", "recall[colours]"}
    assert len(list((folders / "cache").iterdir())) == 1
    again = evaluate(folders, real=folders / "real", fake=folders / "fake")
    assert again.stdout == done.stdout.replace(f"Written: {output}\n", "")
    same = evaluate(folders, real=folders / "real", fake=folders / "real", output=output)
    assert same.returncode == 0
    assert abs(json.loads(output.read_text())[0]["value"]) < 1e-3


def test_a_run_gives_the_numbers_of_its_own_report(unbroken, tmp_path):
    output = tmp_path / "found.json"
    done = call("evaluate", run_dir=unbroken, output=output)
    assert done.returncode == 0, done.stderr
    ((name, found),) = json.loads(output.read_text()).items()
    expected = json.loads((unbroken / "evaluation.json").read_text())["last"]
    assert re.fullmatch(r"step \d+", name) and found == pytest.approx(expected, rel=1e-5)
    assert f"| {name}" in done.stdout


BAD = {
    "nothing": ([], "fake must be given, or one of --run_dir and --saved_model"),
    "two": (["--fake=a", "--run_dir=b"], "only one of the three"),
    "no real": (["--fake=a"], "real must be given with --fake"),
    "one sample": (["--samples=1"], "samples must be an integer >= 2"),
    "no run": (["--run_dir=nowhere"], "run_dir must be the directory of a run"),
    "no features": (["--real=a", "--fake=b", "--features=vgg"], "features must be one of .*keras"),
    "a rule of none": (["--real=a", "--fake=b", "--resize=tf1"], "left out with a classifier"),
    "no folder": (["--real=nowhere", "--fake=nowhere"], "nowhere:\n  it is no folder"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_mistake_is_one_message(folders, bad):
    words, expected = BAD[bad]
    done = call("evaluate", f"--features={folders / 'colours.keras'}", *words)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert re.search(expected, done.stderr), done.stderr


def test_without_weights_one_sentence_says_which(folders, tmp_path, monkeypatch):
    monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
    done = call("evaluate", real=folders / "real", fake=folders / "fake")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "nothing is downloaded: put pt_inception-2015-12-05-6726825d.pth from" in done.stderr


def test_what_cannot_be_drawn_by_seeds(folders, unbroken):
    done = evaluate(folders, run_dir=unbroken, real=folders / "real")
    assert done.returncode == 1 and "one that draws images by seeds alone" in done.stderr
