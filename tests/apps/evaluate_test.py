"""What the evaluate command says of folders, a run of classes and its export, and of mistakes.

That a run of each kind has the numbers of its own report is tested beside its app.
"""

import json
import re

import keras
import numpy as np
import pytest
from PIL import Image

from apps.command_line import evaluating
from tests.apps.conftest import call, evaluated_as_reported
from tfgan_apps.evaluations.drawn_images import drawn
from tfgan_apps.metrics.features import weight_files
from tfgan_apps.metrics.protocol import Measurement
from tfgan_apps.models import InfoGAN

FLAGS = {"image_size": 16, "channels": 1, "classes": 2, "batch_size": 4, "epochs": 1, "samples": 2}
FLAGS |= {"generator_width": 6, "discriminator_width": 2, "verbosity": 0}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Returns a folder with real and fake pictures of 16 pixels, and a network that tells shades.

    Real ones are in a folder for each class, three times as many of the second.
    """
    folder = tmp_path_factory.mktemp("evaluated")
    random = np.random.RandomState(0)
    for name, count, high, kind in (
        ("real/a", 3, 128, "png"),
        ("real/b", 9, 256, "png"),
        ("fake", 9, 200, "bmp"),
    ):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            pixels = random.randint(0, high, (16, 16), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.{kind}")
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 1), name="image")
    features = keras.layers.Dense(4, name="features")(keras.layers.Flatten()(image))
    outputs = {"features": features, "logits": keras.layers.Dense(2, name="logits")(features)}
    keras.Model(image, outputs, name="shades").save(folder / "shades.keras")
    return folder


@pytest.fixture(scope="module")
def run_dir(folders):
    """Returns the directory of a run of CGAN, which is exported too."""
    given = {"run_dir": folders / "run", "saved_model": folders / "export", **FLAGS}
    given["evaluation_features"] = folders / "shades.keras"
    done = call("cgan", dataset=folders / "real", **given)
    assert done.returncode == 0, done.stderr
    return folders / "run"


def evaluate(folders, *words, **flags):
    given = {"features": folders / "shades.keras", "cache": folders / "cache", **flags}
    return call("evaluate", *words, **given)


def numbers(folders, **flags):
    """Returns the measurements of a run, or an export, against the real images."""
    output = folders / "found.json"
    done = evaluate(folders, real=folders / "real", output=output, samples=8, **flags)
    assert done.returncode == 0, done.stderr
    return [Measurement.from_json(json.dumps(each)) for each in json.loads(output.read_text())]


def test_two_folders(folders):
    output = folders / "found.json"
    done = evaluate(folders, real=folders / "real", fake=folders / "fake", output=output)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^\| frechet_distance\[shades\] +\| [\d.]+", done.stdout, re.M)
    assert "backbone=shades" in done.stdout and "real_images=12, generated_images=9" in done.stdout
    found = [Measurement.from_json(json.dumps(each)) for each in json.loads(output.read_text())]
    names = {"coverage[shades]", "recall[shades]", "f_score[shades]"}
    assert {each.protocol.metric for each in found} >= names
    assert len(list((folders / "cache").iterdir())) == 1
    again = evaluate(folders, real=folders / "real", fake=folders / "fake")
    assert again.stdout == done.stdout.replace(f"Written: {output}\n", "")
    same = evaluate(folders, real=folders / "real", fake=folders / "real", output=output)
    assert same.returncode == 0
    assert abs(json.loads(output.read_text())[0]["value"]) < 1e-3


def test_a_run_gives_the_numbers_of_its_own_report(run_dir, tmp_path):
    found = evaluated_as_reported(run_dir, tmp_path)
    assert {"swd", "class_accuracy[shades] of a", "fid"} - set(found) == {"fid"}


def test_an_export_knows_what_its_code_is_made_of(tmp_path):
    sizes = {"image_size": 8, "latent_size": 3, "generator_filters": 2, "discriminator_filters": 2}
    model = InfoGAN(**sizes, categories=(3, 2), continuous=1)
    model.export(str(tmp_path / "export"))
    source = evaluating.source(None, str(tmp_path / "export"), None, True)
    request = evaluating.request(*source, 5, 3, None, None)
    np.testing.assert_array_equal(request["code"], model.code.by_chance(5, 3))
    assert next(drawn(source[0], request)).shape == (5, 8, 8, 1)


def test_a_run_and_its_export_draw_the_same_classes_as_the_data_have(folders, run_dir):
    of_run, of_export = (
        numbers(folders, **flags)
        for flags in ({"run_dir": run_dir}, {"saved_model": folders / "export"})
    )
    assert len(of_run) == len(of_export) > 9
    for mine, other in zip(of_run, of_export, strict=True):
        assert mine.protocol == other.protocol
        assert mine.value == pytest.approx(other.value, rel=1e-4, abs=1e-6)
    options = {each.protocol.options for each in of_run}
    assert "of a: 3 and 2 kept" in options and "of b: 9 and 6 kept" in options


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
    done = call("evaluate", f"--features={folders / 'shades.keras'}", *words)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert re.search(expected, done.stderr), done.stderr


def test_without_weights_one_sentence_says_which(folders, tmp_path, monkeypatch):
    monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
    done = call("evaluate", real=folders / "real", fake=folders / "fake")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "nothing is downloaded: put pt_inception-2015-12-05-6726825d.pth from" in done.stderr


def test_what_a_model_draws_from_must_be_there(folders, run_dir):
    flags = {"run_dir": run_dir, "real": folders / "fake"}
    done = evaluate(folders, **flags)
    assert done.returncode == 1 and "0.bmp: is in no folder of a class" in done.stderr
    done = evaluate(folders, input="captions.txt", **{**flags, "real": folders / "real"})
    assert done.returncode == 1 and "input must be left out for this model" in done.stderr
