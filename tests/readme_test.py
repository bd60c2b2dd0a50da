"""The README begins with what it is about, stays short, and its Keras snippet runs as it stands."""

import os
import pathlib
import re
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).parents[1]


def test_the_keras_snippet(tmp_path):
    (snippet,) = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.S)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TFDS_DATA_DIR": str(tmp_path)}
    del environment["TF_CPP_MIN_LOG_LEVEL"]  # a reader has not set it
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning:tfgan_apps", "-c", snippet],
        check=True,
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.stderr == ""  # nothing that is not about the user's work
    assert (tmp_path / "cyclegan.keras").exists()
    assert len((tmp_path / "losses.csv").read_text().splitlines()) == 2


def test_it_is_short_and_begins_with_a_picture_and_the_two_commands():
    lines = (REPOSITORY / "README.md").read_text().splitlines()
    assert len(lines) <= 200
    picture = next(i for i, line in enumerate(lines) if line.startswith("!["))
    commands = [i for i, line in enumerate(lines) if line.startswith("    make ")][:2]
    assert picture < commands[0] < commands[1] < 20
