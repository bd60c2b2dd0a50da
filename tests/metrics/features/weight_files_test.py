"""What is said of weights that are absent, damaged or another."""

import hashlib
import sys

import numpy as np
import pytest
import tensorflow as tf

from tests.metrics.goldens import PyTorchReader
from tfgan_apps.metrics.features import weight_files
from tfgan_apps.metrics.features.weight_files import WeightFile, WeightFileError

CONTENT = b"weights"
HASH = hashlib.sha256(CONTENT).hexdigest()
FILES = (WeightFile("a.pth", "https://there/a.pth", HASH), WeightFile("b.pb", "https://there"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(weight_files, "FOLDER", str(tmp_path))
    return tmp_path


def test_absent_is_one_sentence_that_says_what_to_do(folder):
    with pytest.raises(WeightFileError) as caught:
        weight_files.find(None, FILES)
    assert str(caught.value) == (
        f"weights must be a local file, nothing is downloaded: put a.pth from https://there/a.pth "
        f"(sha256 {HASH}) or b.pb from https://there (sha256 not published) into {folder}, or give "
        "its path. Received: weights=None"
    )
    with pytest.raises(WeightFileError, match="Received: weights=/nowhere/c.pth"):
        weight_files.find("/nowhere/c.pth", FILES)


def test_found_by_name_or_by_path(folder):
    (folder / "a.pth").write_bytes(CONTENT)
    (folder / "renamed.pth").write_bytes(CONTENT)
    assert weight_files.find(None, FILES) == (str(folder / "a.pth"), HASH)
    assert weight_files.find(str(folder / "renamed.pth"), FILES)[1] == HASH


def test_the_hash_is_looked_at_where_one_is_published(folder):
    for name in ("a.pth", "c.pb"):
        (folder / name).write_bytes(b"damaged")
    with pytest.raises(WeightFileError, match=f"published sha256 {HASH}: .*a.pth with [0-9a-f]+$"):
        weight_files.find(None, FILES[:1])
    assert weight_files.find(str(folder / "c.pb"), FILES)[1] == weight_files.hash_of(
        str(folder / "a.pth")
    )
    (folder / "a.pth").write_bytes(CONTENT)
    for digits, fits in ((HASH[:8], True), ("00000000", False)):
        files = [WeightFile("a.pth", "https://there", digits)]
        if fits:
            assert weight_files.find(None, files)[1] == HASH
        else:
            with pytest.raises(WeightFileError, match="published sha256 00000000"):
                weight_files.find(None, files)


def test_a_state_dict_is_read_without_running_programs(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", PyTorchReader({"w": np.arange(3), "n": np.int64(1)}))
    found = weight_files.read_torch("a.pth")
    assert found["w"].dtype == np.float32 and found["w"].tolist() == [0, 1, 2]
    monkeypatch.setitem(sys.modules, "torch", PyTorchReader(None))
    with pytest.raises(WeightFileError, match="must be a state dict .* Received: a.pth"):
        weight_files.read_torch("a.pth")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        ModuleNotFoundError, match="a.pth is a file of PyTorch's.*: pip install torch"
    ):
        weight_files.read_torch("a.pth")


def test_graphs_and_saved_models_give_their_constants(tmp_path):
    graph = tf.Graph()
    with graph.as_default():
        tf.constant([1.0, 2.0], name="tower/weights")
    path = tmp_path / "frozen.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    np.testing.assert_array_equal(weight_files.read_graph(str(path))["tower/weights"], [1, 2])

    module = tf.Module()
    kept = tf.constant([[3.0, 4.0]])
    module.f = tf.function(
        lambda x: x + tf.constant([[3.0, 4.0]], name="inside"), [tf.TensorSpec((1, 2))]
    )
    tf.saved_model.save(module, str(tmp_path / "saved"))
    found = weight_files.read_graph(str(tmp_path / "saved"))
    assert any(np.array_equal(each, kept) for each in found.values())
    assert len(weight_files.hash_of(str(tmp_path / "saved"))) == 64


def test_what_is_no_graph(tmp_path):
    (tmp_path / "a.pb").write_bytes(b"\xff\xff\xff")
    for path in (tmp_path / "a.pb", tmp_path):
        with pytest.raises(WeightFileError, match="a frozen graph or a SavedModel. Received: "):
            weight_files.read_graph(str(path))


def test_arrays_must_be_there_and_fit():
    arrays = {"w": np.zeros((2, 3))}
    assert weight_files.take(arrays, "w", (2, 3), "a.pb") is arrays["w"]
    with pytest.raises(WeightFileError, match=r"w of shape \(3, 2\). Received: a.pb with \(2, 3\)"):
        weight_files.take(arrays, "w", (3, 2), "a.pb")
    with pytest.raises(WeightFileError, match=r"v of shape \(2,\). Received: a.pb with none"):
        weight_files.take(arrays, "v", (2,), "a.pb")
