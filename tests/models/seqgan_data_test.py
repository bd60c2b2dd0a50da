"""What SeqGAN learns from: a text, a file of ids, or an oracle's own sequences."""

import keras
import numpy as np
import pytest

from tfgan_apps.models.seqgan.data import sequences
from tfgan_apps.models.seqgan.oracle import Oracle


@pytest.fixture
def ids(tmp_path):
    """A file of ten lines of three ids."""
    path = tmp_path / "ids.txt"
    path.write_text("".join(f"{i} {i + 1} {i + 2}\n" for i in range(10)))
    return str(path)


def test_a_text_has_no_oracle():
    data = sequences("grammar", 12, batch_size=64)
    assert data.oracle is None and data.held_out and data.vocabulary_size == 48


def test_an_oracle_draws_all_sequences():
    data = sequences("oracle", 3, batch_size=4, seed=1, oracle="random", oracle_sequences=12)
    assert {split: array.shape for split, array in data.tokens.items()} == {
        "train": (12, 3),
        "test": (12, 3),
    }
    assert not np.array_equal(*data.tokens.values())
    assert data.vocabulary is None and data.vocabulary_size == 5000 and data.meaning == {}
    assert (data.name, data.steps_per_epoch, data.seed) == ("oracle", 3, 1)
    again, other = (
        sequences("oracle", 3, seed=seed, oracle="random", oracle_sequences=12) for seed in (1, 2)
    )
    assert data.fingerprint == again.fingerprint != other.fingerprint
    keras.utils.set_random_seed(1)
    for ours, expected in zip(data.oracle.get_weights(), Oracle().get_weights(), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_an_oracle_draws_what_is_held_out_where_nothing_else_is(ids):
    oracle = {"oracle": "random", "oracle_sequences": 7, "level": "ids"}
    data = sequences(ids, 3, **oracle)
    assert len(data.tokens["train"]) == 10 and data.tokens["test"].shape == (7, 3)
    assert data.vocabulary_size == 5000 and data.oracle is not None and data.name == ids
    held_out = sequences(ids, 3, test_fraction=0.2, **oracle)
    assert held_out.test_length == 2 and held_out.oracle is not None


def test_an_oracle_of_a_file_draws_too(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    gates = [(2, 3), (3, 3), (3,)] * 4
    arrays = [np.ones(shape, np.float32) for shape in [(5, 2), *gates, (3, 5), (5,)]]
    np.savez(tmp_path / "oracle.npz", *arrays)
    data = sequences("oracle", 3, oracle="~/oracle.npz", oracle_sequences=4)
    assert data.vocabulary_size == 5 and data.tokens["train"].shape == (4, 3)
    np.testing.assert_array_equal(data.oracle.get_weights()[0], arrays[0])


def test_an_oracle_knows_no_words():
    message = "vocabulary_size must be None where the vocabulary has one"
    with pytest.raises(ValueError, match=message):
        sequences("grammar", 12, oracle="random")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "oracle must be given with --dataset=oracle. Received: oracle=None"),
        ({"oracle": "none.npz"}, r"oracle must be an npz file, or 'random'. Received: none.npz \("),
        (
            {"oracle": "random", "test_fraction": 0.5},
            "truncate must be left out with --dataset=oracle. Received: None, 0.5 and False",
        ),
        ({"oracle": "random", "truncate": True}, "Received: None, 0.0 and True"),
        ({"oracle": "random", "test": "a.txt"}, "Received: a.txt, 0.0 and False"),
        ({"length": 1}, "length must be an integer >= 2. Received: length=1"),
        ({"batch_size": 0}, "batch_size must be an integer >= 1"),
        ({"seed": -1}, "seed must be an integer >= 0"),
        ({"oracle_sequences": 0}, "oracle_sequences must be an integer >= 1"),
    ],
)
def test_a_mistake_is_named(given, message):
    with pytest.raises(ValueError, match=message):
        sequences(**{"dataset": "oracle", "length": 3, **given})
