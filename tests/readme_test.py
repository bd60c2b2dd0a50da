"""The README's Keras snippet runs as it stands."""

import os
import pathlib
import re
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).parents[1]


def test_the_keras_snippet(tmp_path):
    (snippet,) = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(), re.S)
    subprocess.run(
        [sys.executable, "-W", "error::UserWarning:tfgan_apps", "-c", snippet],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "TFDS_DATA_DIR": str(tmp_path)},
    )
    assert (tmp_path / "cyclegan.keras").exists()
    assert len((tmp_path / "losses.csv").read_text().splitlines()) == 2
