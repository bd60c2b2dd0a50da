"""The caption encoder's app, started as a user starts it."""

import json
import re

import numpy as np
import pytest
import tensorflow as tf

from tests.apps.conftest import call, median_rank
from tfgan_apps.run_directory import RunDirectory
from tfgan_apps.text_encoders import load_text_encoder

TINY = {
    **{"image_size": 8, "load_size": 8, "embedding_size": 5, "length": 57, "filters": "4,4,4"},
    **{"image_filters": 4, "batch_size": 4, "epochs": 2, "samples": 2, "learning_rate": 0.01},
}


def run(run_dir, dataset, **flags):
    flags = {"dataset": dataset, "run_dir": run_dir, **TINY, **flags}
    return call("caption_encoder", **flags)


@pytest.fixture(scope="module")
def trained(patches, tmp_path_factory):
    """A finished run, and what it printed."""
    run_dir = tmp_path_factory.mktemp("caption_encoder") / "run"
    done = run(run_dir, patches, saved_model=run_dir.parent / "saved_models" / "tiny")
    assert done.returncode == 0, done.stderr
    return run_dir, done.stdout


def test_a_run_leaves_what_the_documents_say(trained, patches):
    run_dir, out = trained
    lines = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    assert [(line["epoch"], line["step"]) for line in lines] == [(1, 3), (2, 6)]
    assert {"image_accuracy", "text_accuracy", "test_text_to_image_r@1"} <= lines[-1].keys()
    table = json.loads((run_dir / "evaluation.json").read_text())
    model, _ = RunDirectory(str(run_dir)).load()
    found = table["last"]["test_image_to_text_median_rank"]
    assert found == median_rank(model, patches)
    assert table["untrained"] != table["last"]
    assert re.search(r"\| +\| untrained +\| last", out)
    assert (run_dir / "samples" / "epoch_0002.png").exists()
    assert not list(run_dir.glob("*.tmp*"))


def test_the_file_and_the_export_embed_alike(trained):
    run_dir, _ = trained
    text = tf.constant(["all of it is red", "", "größer"])
    kept = load_text_encoder(str(run_dir))(text)
    saved_model = run_dir.parent / "saved_models" / "tiny" / "1"
    served = tf.saved_model.load(str(saved_model)).signatures["serving_default"]
    np.testing.assert_allclose(served(text=text)["embedding"], kept, rtol=1e-5, atol=1e-6)


def test_dry_run_says_what_is_there(patches, tmp_path):
    done = run(tmp_path / "none", patches, dry_run=True)
    assert done.returncode == 0, done.stderr
    assert "text_encoder: 1,405 parameters" in done.stdout
    assert "train: 12 images" in done.stdout
    assert not (tmp_path / "none").exists()


def test_a_mistake_is_one_message(patches, tmp_path):
    done = run(tmp_path / "none", patches, filters="4,four")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "numbers are expected, such as 384,512,512; not '4,four'" in done.stderr
