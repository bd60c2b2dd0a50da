"""Runs of several processes, of the tiny GAN; those of CycleGAN are in cyclegan_test.py."""

import re
import sys
import time

import pytest

from tfgan_apps.checkpoints import Checkpoints
from tfgan_apps.peers import LOST


@pytest.fixture
def start(tmp_path, tf_configs, start_worker):
    """Returns a function that starts the workers of a run: (how many, epochs) -> [Popen]."""

    def start(count, epochs):
        words = [f"--run_dir={tmp_path}", "--strategy=multiworker", f"--epochs={epochs}"]
        command = [sys.executable, "-m", "tests.tiny_app", *words]
        return [start_worker(command, config) for config in tf_configs(count)]

    return start


def test_one_worker_is_a_cluster(start, tmp_path):
    (process,) = start(1, epochs=1)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert Checkpoints(tmp_path / "checkpoints").steps() == [3]


def test_a_killed_worker_ends_the_other_with_one_sentence(start, tmp_path):
    chief, other = start(2, epochs=10**6)
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    while not checkpoints.steps() and chief.poll() is None:
        time.sleep(0.01)
    other.kill()
    _, err = chief.communicate(timeout=300)
    assert chief.returncode == LOST, err
    assert "Traceback" not in err
    safe = rf"error: worker 1 \(localhost:\d+\) ended and step {checkpoints.steps()[-1]} is safe"
    assert re.search(f"{safe} in {checkpoints.directory}; start every worker again", err), err
