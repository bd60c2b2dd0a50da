"""The PixelRNN app, started as a user starts it."""

import json
import re

import numpy as np
import pytest
import tensorflow as tf

from tests.apps.conftest import call, evaluated_as_reported

TINY = {
    **{"image_size": 8, "depth": 1, "filters": 4, "head_filters": 4, "batch_size": 4},
    **{"epochs": 2, "binarization": "stochastic", "samples": 2},
}


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """A folder laid out as MNIST, 12 and 6 images of 8 x 8."""
    folder = tmp_path_factory.mktemp("digits")
    for name, count in (("train", 12), ("t10k", 6)):
        images = np.random.default_rng(count).integers(0, 256, (count, 8, 8), np.uint8)
        header = np.array([0x803, count, 8, 8], ">i4").tobytes()
        (folder / f"{name}-images-idx3-ubyte").write_bytes(header + images.tobytes())
    return folder


def run(run_dir, dataset, **flags):
    flags = {"dataset": dataset, "run_dir": run_dir, **TINY, **flags}
    return call("pixelrnn", **flags)


@pytest.fixture(scope="module")
def trained(digits, tmp_path_factory):
    """A finished run, and what it printed."""
    run_dir = tmp_path_factory.mktemp("pixelrnn") / "run"
    done = run(run_dir, digits, saved_model=run_dir.parent / "saved_models" / "tiny")
    assert done.returncode == 0, done.stderr
    return run_dir, done.stdout


def test_a_run_leaves_what_the_documents_say(trained):
    run_dir, out = trained
    lines = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    assert [(line["epoch"], line["step"]) for line in lines] == [(1, 3), (2, 6)]
    assert {"nats", "bits_per_dim", "test_nats", "test_bits_per_dim"} <= lines[-1].keys()
    table = json.loads((run_dir / "evaluation.json").read_text())
    assert table["last"]["test_nats"] == pytest.approx(lines[-1]["test_nats"], rel=1e-5)
    assert table["last"]["test_bits_per_dim"] == pytest.approx(
        table["last"]["test_nats"] / (64 * np.log(2)), rel=1e-5
    )
    assert re.search(r"\| +\| untrained +\| last", out)
    sheet = tf.io.decode_png((run_dir / "samples" / "epoch_0002.png").read_bytes())
    assert set(np.unique(sheet)) >= {0, 255}


def test_evaluate_finds_the_numbers_of_the_report(trained, tmp_path):
    evaluated_as_reported(trained[0], tmp_path)


def test_the_export_samples_completes_and_scores(trained):
    saved_model = trained[0].parent / "saved_models" / "tiny" / "1"
    signatures = tf.saved_model.load(str(saved_model)).signatures
    files = signatures["serving_default"](seed=tf.constant([1, 2]))["image_bytes"]
    rows, seed = tf.constant([8, 4]), tf.constant([3, 3])
    completed = signatures["complete"](image_bytes=files, known_rows=rows, seed=seed)["image_bytes"]
    before, after = ([tf.io.decode_png(f).numpy() for f in fs] for fs in (files, completed))
    np.testing.assert_array_equal(before[0], after[0])
    np.testing.assert_array_equal(before[1][:4], after[1][:4])
    assert np.all(signatures["log_prob"](image_bytes=files)["log_prob"] < 0)


def test_generate_writes_the_files_that_the_export_gives(trained, tmp_path):
    done = call("generate", run_dir=trained[0], seeds="3,-1,7", output=tmp_path / "new")
    assert done.returncode == 0, done.stderr
    names = [tmp_path / "new" / f"{seed}.png" for seed in (3, -1, 7)]
    assert done.stdout.splitlines() == [str(name) for name in names]
    saved_model = trained[0].parent / "saved_models" / "tiny" / "1"
    serve = tf.saved_model.load(str(saved_model)).signatures["serving_default"]
    expected = serve(seed=tf.constant([3, -1, 7]))["image_bytes"].numpy()
    assert [name.read_bytes() for name in names] == list(expected)


def test_dry_run_says_what_is_there(digits, tmp_path):
    done = run(tmp_path / "none", digits, dry_run=True)
    assert done.returncode == 0, done.stderr
    assert "network: 1,085 parameters" in done.stdout
    assert "train: 12 images, 8x8 pixels, as grey" in done.stdout
    assert not (tmp_path / "none").exists()


def test_a_mistake_is_one_message(digits, tmp_path):
    done = run(tmp_path / "none", digits, condition_size=3)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: condition_shape's sides must be those of image_shape" in done.stderr


@pytest.mark.parametrize("flags", [{"binarization": "none"}, {"levels": 256}])
def test_grey_images_are_not_taken_for_black_and_white(digits, tmp_path, flags):
    done = run(tmp_path / "none", digits, **flags)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "binarization must be given for 2 levels, and for no other" in done.stderr
