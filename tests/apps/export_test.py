"""The export app, started as a user starts it on the run of a fixture."""

import json
import re

import numpy as np
import pytest
import tensorflow as tf

from tests.apps.conftest import call


def export(run_dir, *words):
    done = call("export", f"--run_dir={run_dir}", *words)
    return done.returncode, done.stdout, done.stderr


def translated(saved_model):
    image = tf.io.encode_png(np.random.default_rng(0).integers(0, 256, (20, 24, 3), np.uint8))
    model = tf.saved_model.load(str(saved_model))
    return model.signatures["y_to_x"](image_bytes=image[None])["image_bytes"].numpy()[0]


def test_the_last_checkpoint_of_a_run_is_the_runs_own_export(unbroken, tmp_path):
    code, out, err = export(unbroken, f"--saved_model={tmp_path / 'again'}")
    assert code == 0, err
    assert out.strip().endswith(f"Step 12 of {unbroken} is exported to {tmp_path / 'again' / '1'}")
    assert translated(tmp_path / "again" / "1") == translated(
        unbroken.parent / "saved_models" / "tiny" / "1"
    )
    assert (tmp_path / "again/1/assets.extra/tf_serving_warmup_requests").stat().st_size > 0


def test_another_checkpoint_and_version_on_request(unbroken, tmp_path):
    words = (f"--saved_model={tmp_path / 'tiny'}", "--checkpoint=10", "--version=7")
    code, out, err = export(unbroken, *words)
    assert code == 0, err
    assert "Step 10 of" in out
    assert translated(tmp_path / "tiny" / "7") != translated(
        unbroken.parent / "saved_models" / "tiny" / "1"
    )


BAD = {
    "no run": ([], "nowhere", "run_dir must be the directory of a run, with its model.json"),
    "no such checkpoint": (["--checkpoint=3"], "run", r"one of the steps \[8, 10, 12\]"),
    "no checkpoint's name": (["--checkpoint=last"], "run", "Received: 'last'"),
    "version 0": (["--version=0"], "run", "version must be"),
    "a flag of training": (["--generator_filters=5"], "run", "Unknown command line flag"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_mistake_is_one_message(unbroken, tmp_path, bad):
    words, name, expected = BAD[bad]
    code, out, err = export(unbroken.parent / name, *words, f"--saved_model={tmp_path / 'no'}")
    assert code != 0
    assert "Traceback" not in err
    assert re.search(expected, out + err)
    assert not (tmp_path / "no").exists()


def test_flags_name_the_app_that_wrote_them(unbroken):
    assert (unbroken / "flags.txt").read_text().splitlines()[0] == "# python -m apps.cyclegan"
    settings = json.loads((unbroken / "run.json").read_text())["settings"]
    assert settings["generator_filters"] == 4 and "checkpoint_steps" not in settings
