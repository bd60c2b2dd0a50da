"""The code of docs/own_gan.md, executed in its order, and what it promises."""

import pathlib
import re
import sys

import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import differing, state
from tfgan_apps import input_pipelines, training

PAGE = pathlib.Path(__file__).parents[1] / "docs" / "own_gan.md"
BLOCKS = re.findall(r"```python( my_gan.py)?\n(.*?)```", PAGE.read_text(), re.S)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with pictures, in which all blocks of the page were executed."""
    folder = tmp_path_factory.mktemp("own_gan")
    rng = np.random.default_rng(0)
    np.save(folder / "images.npy", rng.integers(0, 256, (16, 28, 28, 1), np.uint8))
    (folder / "photos").mkdir()
    for name in "abc":
        picture = tf.io.encode_png(rng.integers(0, 256, (30, 40, 3), np.uint8))
        (folder / "photos" / f"{name}.png").write_bytes(picture.numpy())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.syspath_prepend(folder)
        names = {}
        for is_file, code in BLOCKS:
            if is_file:
                (folder / "my_gan.py").write_text(code)
            else:
                exec(compile(code, PAGE.name, "exec"), names)
        yield folder, names
        del sys.modules["my_gan"]


def test_the_game_is_short():
    ((_, game),) = [block for block in BLOCKS if block[0]]
    body = game[game.index("class ") :].splitlines()
    assert len([line for line in body if line.strip()]) <= 40


def test_what_the_page_leaves(place):
    folder, names = place
    versions = sorted(path.name for path in (folder / "saved_models" / "my_gan").iterdir())
    assert versions == ["1", "2", "7"]
    assert names["drawn"].shape == (4, 28, 28, 1)
    assert names["step"] == 4
    assert next(iter(names["photos"].train())).shape == (2, 28, 28, 1)
    for run, epochs in (("my_gan", 2), ("from_dataset", 1)):
        sheets = sorted(path.name for path in (folder / "runs" / run / "samples").iterdir())
        assert sheets == [f"epoch_{epoch:04d}.png" for epoch in range(epochs + 1)]


def test_a_run_on_arrays_resumes_to_the_bit(place):
    _, names = place
    data = input_pipelines.from_arrays(np.load("images.npy"), batch_size=8)
    for epochs in (1, 2):
        model = training.run(names["build"], data, training.RunOptions("runs/again", epochs))
    assert differing(state(model), state(names["trained"])) == []


def test_a_version_that_is_there_is_not_written_over(place):
    with pytest.raises(FileExistsError, match="holds version 7"):
        place[1]["model"].export("saved_models/my_gan/7")


@pytest.mark.parametrize("missing", ["samples", "serving"])
def test_what_a_run_lacks_is_said_before_it_trains(place, missing, monkeypatch):
    _, names = place
    monkeypatch.delattr(names["MyGAN"], missing)
    options = training.RunOptions("runs/none", 1, saved_model="saved_models/none")
    with pytest.raises(ValueError, match=rf"MyGAN must have a method {missing}\(.* Received: none"):
        training.run(names["build"], names["data"], options)
    assert not pathlib.Path("runs/none").exists()
