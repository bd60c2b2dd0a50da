"""The SeqGAN app, started as a user starts it."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.apps.conftest import call, evaluated_as_reported

TINY = {
    **{"embedding_size": 4, "hidden": 4, "discriminator_embedding_size": 4, "windows": "1:3,2:3"},
    **{"rollouts": 2, "negatives": 8, "batch_size": 4, "samples": 3, "evaluation_samples": 20},
    **{"likelihood_steps": 4, "pretraining_steps": 2, "rounds": 2, "discriminator_steps": 1},
    **{"fresh_steps": 2, "evaluate_epochs": 1, "verbosity": 0},
}


@pytest.fixture(scope="module")
def poems(tmp_path_factory):
    """A file of 16 lines of Chinese characters, one of them longer than the others."""
    path = tmp_path_factory.mktemp("poems") / "poems.txt"
    path.write_text("".join(f"{'床前明月光疑是地上霜'[i % 5 : i % 5 + 4]}\n" for i in range(16)))
    return path


@pytest.fixture(scope="module")
def trained(poems):
    """A finished run on characters, and what it printed."""
    run_dir = poems.parent / "run"
    saved = {"saved_model": poems.parent / "saved_models" / "tiny", "run_dir": run_dir}
    done = call("seqgan", dataset=poems, level="characters", length=5, **saved, **TINY)
    assert done.returncode == 0, done.stderr
    return run_dir, done


def test_a_run_goes_through_all_its_phases(trained):
    run_dir, done = trained
    for epoch, phases in enumerate(("likelihood", "negatives, discriminator, generator"), 1):
        assert f"\nepoch {epoch}/3: {phases}  " in done.stdout
    lines = [json.loads(line) for line in (run_dir / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [4, 8, 12]  # 4 + 2 + 2 rounds of 2, rounded up
    assert "likelihood_loss" in lines[0] and "discriminator_loss" not in lines[0]
    assert {"discriminator_loss", "generator_loss", "reward"} <= lines[1].keys()
    assert {"test_nll", "bleu_2", "self_bleu_5", "distinct_1"} <= lines[0].keys()
    found = json.loads((run_dir / "evaluation.json").read_text())
    assert found["last"]["test_nll"] == pytest.approx(lines[-1]["test_nll"], rel=1e-5)


def test_evaluate_finds_the_numbers_of_the_report(trained, tmp_path):
    evaluated_as_reported(trained[0], tmp_path)


def test_sheets_are_text(trained):
    run_dir, done = trained
    rows = (run_dir / "samples" / "epoch_0003.txt").read_text().splitlines()
    assert len(rows) == 3
    assert rows[0].split("\t")[0] == "床前明月"
    assert "samples of epoch 3" in done.stderr


def test_the_export_speaks_text(trained):
    saved_model = trained[0].parent / "saved_models" / "tiny" / "1"
    signatures = tf.saved_model.load(str(saved_model)).signatures
    text = signatures["serving_default"](seed=tf.constant([1, 2]))["text"]
    scores = signatures["score"](text=text)["log_likelihood"]
    assert scores.shape == (2, 5) and np.all(scores <= 0)
    assert all(set(line.decode()) <= set("床前明月光疑是地上霜\ufffd") for line in text.numpy())


def test_generate_prints_the_texts_that_the_export_gives(trained):
    done = call("generate", run_dir=trained[0], seeds="3,4")
    assert done.returncode == 0, done.stderr
    saved_model = trained[0].parent / "saved_models" / "tiny" / "1"
    serve = tf.saved_model.load(str(saved_model)).signatures["serving_default"]
    expected = serve(seed=tf.constant([3, 4]))["text"].numpy()
    pairs = zip((3, 4), expected, strict=True)
    assert done.stdout.splitlines() == [f"{seed}: {text.decode()}" for seed, text in pairs]
    assert not (trained[0] / "generated").exists()


def test_a_run_is_exported_again_from_its_directory(trained, tmp_path):
    done = call("export", run_dir=trained[0], saved_model=tmp_path / "again")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again" / "1" / "saved_model.pb").exists()


def test_a_text_that_changed_is_another_run(trained, poems, tmp_path):
    """Words that are as many, but more or less frequent, would get each other's tokens."""
    text = poems.read_text()
    flags = {"dataset": poems, "level": "characters", "length": 5, "run_dir": trained[0]}
    try:
        poems.write_text(text.replace("床", "前前"[:1]).replace("霜", "床"))
        done = call("seqgan", **flags, **TINY)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "holds a run with another vocabulary" in done.stderr
    finally:
        poems.write_text(text)


def test_an_oracle_judges(tmp_path):
    flags = {**TINY, "dataset": "oracle", "oracle": "random", "oracle_sequences": 12, "length": 3}
    done = call("seqgan", run_dir=tmp_path / "run", **flags)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "run" / "evaluation.json").read_text())
    assert 0 < found["last"]["oracle_nll"]
    assert "bleu_2" not in found["last"]


def test_dry_run_says_what_is_there(tmp_path):
    done = call("seqgan", dataset="grammar", run_dir=tmp_path / "none", length=12, dry_run=True)
    assert done.returncode == 0, done.stderr
    assert "discriminator: " in done.stdout and "vocabulary: 48 tokens of words" in done.stdout
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "flags, message",
    [
        ({"length": 3}, "more than 3 characters. Raise length"),
        ({"dataset": "oracle"}, "oracle must be given with --dataset=oracle"),
        ({"windows": "9:2"}, "windows must not be longer than the sequence"),
        ({"windows": "two"}, "pairs are expected, such as 2:100,3:200; not 'two'"),
        ({"epochs": 5}, "epochs must be left out, or 3"),
        ({"oracle": "none.npz"}, "oracle must be an npz file, or 'random'"),
    ],
)
def test_a_mistake_is_one_message(poems, tmp_path, flags, message):
    usual = {"dataset": poems, "level": "characters", "length": 5}
    done = call("seqgan", run_dir=tmp_path / "none", **{**TINY, **usual, **flags})
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"error: {message}" in done.stderr or message in done.stderr
