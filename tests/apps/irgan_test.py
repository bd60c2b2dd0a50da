"""The IRGAN app, started as a user starts it."""

import contextlib
import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf
from absl import flags
from absl.testing import flagsaver

from apps import irgan
from tests.apps.conftest import REPOSITORY, call, evaluated_as_reported
from tfgan_apps.input_pipelines.ratings import latent_factors
from tfgan_apps.models.irgan.games import GAMES

TINY = {
    **{"batch_size": 120, "pretraining_epochs": 2, "pretraining_optimizer_kind": "adam"},
    **{"discriminator_epochs": 1, "generator_epochs": 1, "epochs": 4, "evaluate_epochs": 2},
    **{"samples": 2, "pretraining_learning_rate": 0.02, "sample_epochs": 4},
}


def run(run_dir, dataset, **flags):
    return call("irgan", **{"dataset": dataset, "run_dir": run_dir, **TINY, **flags})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished run, and what it printed."""
    run_dir = tmp_path_factory.mktemp("irgan") / "run"
    done = run(run_dir, "latent_factors", saved_model=run_dir.parent / "saved_models" / "tiny")
    assert done.returncode == 0, done.stderr
    return run_dir, done.stdout


def test_a_run_leaves_what_the_documents_say(trained):
    run_dir, out = trained
    assert "\nlosses: sums over the queries of a batch and their candidates\n" in out
    assert "\nepoch 4/4: generator  " in out
    lines = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    assert [(line["epoch"], line["step"]) for line in lines] == [(i, 2 * i) for i in range(1, 5)]
    losses = ["pretraining", "pretraining", "discriminator", "generator"]
    for line, player in zip(lines, losses, strict=True):
        assert {n for n in line if n.endswith("_loss")} - {"selection_loss"} == {f"{player}_loss"}
    found = lines[-1]
    assert found["selection_loss"] == pytest.approx(
        -found["validation_p@5"] - 1e-6 * found["validation_ndcg@5"]
    )
    table = json.loads((run_dir / "evaluation.json").read_text())
    assert list(table) in (["untrained", "last"], ["untrained", "last", "best"])
    assert table["last"]["test_p@5"] == pytest.approx(found["test_p@5"])
    assert table["last"]["test_p@5"] > 2 * table["untrained"]["test_p@5"]
    best = min((line for line in lines if "test_p@5" in line), key=lambda x: x["selection_loss"])
    assert table.get("best", table["last"])["test_p@5"] == pytest.approx(best["test_p@5"])
    sheet = (run_dir / "samples" / "epoch_0004.txt").read_text().splitlines()
    assert len(sheet) == 2 and len(sheet[0].split()) == 10


def test_evaluate_finds_the_numbers_of_the_report(trained, tmp_path):
    evaluated_as_reported(trained[0], tmp_path)


def test_the_export_ranks(trained):
    saved_model = trained[0].parent / "saved_models" / "tiny" / "1"
    signatures = tf.saved_model.load(str(saved_model)).signatures
    (answer,) = signatures["serving_default"](user=tf.constant([3]))["ranking"].numpy()
    scores = [entry["score"] for entry in json.loads(answer)]
    assert len(scores) == 10 and scores == sorted(scores, reverse=True)


def test_the_export_app_finds_the_model_again(trained):
    base = trained[0].parent / "saved_models" / "again"
    done = call("export", run_dir=trained[0], checkpoint="best", saved_model=base)
    assert done.returncode == 0, done.stderr
    assert (base / "1" / "saved_model.pb").exists()


def test_dry_run_says_what_is_there(tmp_path):
    done = run(tmp_path / "none", "latent_factors", dry_run=True)
    assert done.returncode == 0, done.stderr
    assert "generator: 3,000 parameters" in done.stdout
    assert "240 queries, at most 300 candidates" in done.stdout
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("task", "dataset", "flags", "expected"),
    [
        ("web_search_pairwise", "hidden_relevance", {"hidden": 4}, "generator: 48 parameters"),
        ("question_answering", "echo", {"pool": 10, "length": 8}, "generator: 562,"),
    ],
)
def test_other_tasks(task, dataset, flags, expected, tmp_path):
    flags = {"task": task, "dry_run": True, "batch_size": 4, **flags}
    done = run(tmp_path / "none", dataset, **flags)
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_a_start_is_loaded_and_a_wrong_one_is_one_message(tmp_path):
    rng = np.random.default_rng(0)
    shapes = {"users": (240, 5), "items": (300, 5), "bias": (300,)}
    arrays = {name: rng.normal(size=shape).astype("float32") for name, shape in shapes.items()}
    np.savez(tmp_path / "start.npz", **arrays)
    flags = {"pretraining_epochs": 0, "epochs": 1, "evaluate_epochs": 1}
    flags |= {"discriminator_learning_rate": 0, "selection": "test", "validation_fraction": 0}
    done = run(tmp_path / "run", "latent_factors", start=tmp_path / "start.npz", **flags)
    assert done.returncode == 0, done.stderr
    table = json.loads((tmp_path / "run" / "evaluation.json").read_text())
    assert table["untrained"] == table["last"]
    scores = arrays["users"] @ arrays["items"].T + arrays["bias"]
    relevant = latent_factors()
    scores[relevant["train"]] = -np.inf
    best = np.argsort(-scores, 1)[:, :5]
    hits = np.take_along_axis(relevant["test"], best, 1)
    assert table["untrained"]["test_p@5"] == pytest.approx(hits.mean())
    np.savez(tmp_path / "start.npz", arrays["bias"])
    done = run(tmp_path / "other", "latent_factors", start=tmp_path / "start.npz", **flags)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: start must hold arrays of the shapes [(240, 5)" in done.stderr


def test_too_few_candidates_to_choose_by(tmp_path):
    """P@5 of four documents does not exist: the first evaluation says so."""
    lines = [f"{int(i < 2)} qid:{q} 1:{i}.5 #docid = {i}" for q in range(3) for i in range(4)]
    (tmp_path / "train.txt").write_text("\n".join(lines))
    (tmp_path / "test.txt").write_text("1 qid:0 1:2.5 #docid = 2")
    flags = {"task": "web_search_pointwise", "validation_fraction": 0.5, "batch_size": 3}
    done = run(tmp_path / "run", tmp_path, **flags, evaluate_epochs=1, hidden=2)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: selection must be of a part where a query has at least 5" in done.stderr
    assert not (tmp_path / "run" / "metrics.jsonl").exists()  # It was in the first epoch.


def test_every_flagfile_is_of_a_game():
    paths = sorted(map(str, (REPOSITORY / "apps" / "flags" / "irgan").glob("*.flags")))
    found = {}
    for path in paths:
        with flagsaver.flagsaver(), defined(irgan.APP) as made:
            flags.FLAGS(["irgan", f"--flagfile={path}"])
            game = dataclasses.replace(GAMES[made.data.values()["task"]], **made.game.values())
            found[path] = game.reported
    assert [name for name, who in found.items() if who == "discriminator"] == [
        path for path in paths if "pairwise" in path
    ]


@contextlib.contextmanager
def defined(app):
    """The flags of an app, which go again."""
    before = set(flags.FLAGS)
    try:
        yield app.define()
    finally:
        for name in set(flags.FLAGS) - before:
            delattr(flags.FLAGS, name)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"validation_fraction": 0}, "selection must be one of ['test'], the parts held out"),
        ({"loss": "hinge"}, "reward must be one of ('log_sigmoid', 'margin_sigmoid')"),
        (
            {"task": "question_answering", "dataset": "echo", "pool": 4, "length": 8},
            "pool, the candidates of a query, must be at least 5",
        ),
        (
            {"task": "question_answering", "dataset": "echo", "pool": 5, "length": 8}
            | {"validation_fraction": 0.001},
            "1 problem with the data in echo:\n  validation_fraction=0.001 holds none of 200",
        ),
    ],
)
def test_a_mistake_is_one_message(tmp_path, flags, expected):
    done = run(tmp_path / "none", **{"dataset": "latent_factors", **flags})
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"error: {expected}" in done.stderr
