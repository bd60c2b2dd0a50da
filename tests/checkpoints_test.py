import gc
import os
import resource
import shutil
import signal
import subprocess

import keras
import numpy as np
import pytest

from tests.model_test_case import differing, state
from tests.tiny_gan import Points, TinyGAN
from tfgan_apps import checkpoints
from tfgan_apps.callbacks import BestSoFar, SaveCheckpoints
from tfgan_apps.checkpoints import CheckpointError, Checkpoints


def trained(steps, seed=0):
    keras.utils.set_random_seed(seed)
    model = TinyGAN()
    model.compile(run_eagerly=True)
    if steps:
        model.fit(Points().train(), steps_per_epoch=steps, verbose=0, shuffle=False)
    return model


def test_restores_the_whole_state(tmp_path):
    model, other = trained(3), trained(1, seed=1)
    kept = Checkpoints(tmp_path)
    kept.save(model)
    assert differing(state(model), state(other))
    assert kept.restore(other) == 3
    assert differing(state(model), state(other)) == []


def test_nothing_to_restore(tmp_path):
    assert Checkpoints(tmp_path / "absent").restore(trained(0)) is None


def test_keeps_the_last_ones_and_the_best(tmp_path):
    kept = Checkpoints(tmp_path, keep=2)
    model = trained(0)
    best = BestSoFar("error")
    for value in (3.0, 1.0, 2.0):
        model.fit(
            Points().train(int(model.step.numpy())),
            steps_per_epoch=2,
            verbose=0,
            shuffle=False,
            callbacks=[Report(value), best, SaveCheckpoints(kept, best=best)],
        )
    assert kept.steps() == [4, 6]
    assert kept.steps("best") == [4]
    assert kept.best()["value"] == 1.0


class Report(keras.callbacks.Callback):
    def __init__(self, value):
        super().__init__()
        self.value = value

    def on_epoch_end(self, epoch, logs=None):
        logs["error"] = self.value


def damage(path):
    weights = os.path.join(path, checkpoints.WEIGHTS)
    with open(weights, "r+b") as file:
        file.seek(os.path.getsize(weights) // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


def test_one_flipped_bit_is_found_and_the_checkpoint_before_is_taken(tmp_path, caplog):
    kept = Checkpoints(tmp_path)
    for steps in (1, 2):
        kept.save(trained(steps))
    damage(kept.path(2))
    assert kept.restore(trained(0)) == 1
    damage(kept.path(1))
    with pytest.raises(CheckpointError, match=r"every checkpoint .* steps \[1\]"):
        kept.restore(trained(0))


def test_a_damaged_one_is_set_aside_and_written_again(tmp_path):
    """It neither counts among those kept, nor does its step as saved."""
    kept = Checkpoints(tmp_path, keep=1)
    kept.save(trained(1))
    os.rename(kept.path(1), tmp_path / "elsewhere")
    kept.save(trained(2))
    os.rename(tmp_path / "elsewhere", kept.path(1))
    damage(kept.path(2))
    model = trained(0)
    step = kept.restore(model)
    assert step == 1 and kept.steps() == [1]
    save = SaveCheckpoints(kept, saved_step=step)
    save.set_model(model)
    model.step.assign(2)
    save.save()
    assert kept.steps() == [2]
    assert kept.load(trained(0), "latest") == 2
    assert sorted(os.listdir(tmp_path)) == ["damaged_00000002", "step_00000002"]


def test_a_better_one_of_an_earlier_step_is_kept(tmp_path):
    kept = Checkpoints(tmp_path)
    kept.save(trained(2), "best", value=0.5)
    kept.save(trained(1), "best", value=0.4)
    assert kept.steps("best") == [1] and kept.best()["value"] == 0.4


def test_a_weight_that_is_not_finite_is_not_saved(tmp_path):
    kept = Checkpoints(tmp_path)
    model = trained(1)
    kept.save(model)
    model.step.assign(2)
    model.generator.trainable_variables[0].assign(np.full((4, 8), np.nan))
    with pytest.raises(ArithmeticError, match="generator"):
        kept.save(model)
    assert kept.steps() == [1]


def test_a_write_that_fails_half_way_leaves_the_last_one(tmp_path):
    """The limit on a file's size stands for any failure of the disk in the middle of a file."""
    kept = Checkpoints(tmp_path)
    kept.save(trained(1))
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, unlimited[1]))
    try:
        with pytest.raises(CheckpointError, match=r"untouched: steps \[1\]"):
            kept.save(trained(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        signal.signal(signal.SIGXFSZ, before)
    assert os.listdir(tmp_path) == ["step_00000001"]
    assert kept.restore(trained(0)) == 1


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2.2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2200k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_one_error_and_loses_nothing(small_disk):
    kept = Checkpoints(small_disk)
    kept.save(trained(1))
    (small_disk / "filler").write_bytes(bytes(1_500_000))
    with pytest.raises(CheckpointError, match=r"needs 1 MiB .* make room.*steps \[1\]"):
        kept.save(trained(2))
    (small_disk / "filler").unlink()
    assert kept.restore(trained(0)) == 1
    kept.save(trained(2))
    assert kept.steps() == [1, 2]


def test_a_disk_that_fills_after_the_look_is_one_error(small_disk, monkeypatch):
    """HDF5 would end the process, when it lets go of the file at the latest."""
    kept = Checkpoints(small_disk)
    kept.save(trained(1))
    free = shutil.disk_usage(small_disk).free
    (small_disk / "filler").write_bytes(bytes(free - 20_000))
    monkeypatch.setattr(Checkpoints, "check_space", lambda *_: None)
    with pytest.raises(CheckpointError, match=r"No space left .* steps \[1\]"):
        kept.save(trained(2))
    gc.collect()
    assert sorted(os.listdir(small_disk)) == ["filler", "step_00000001"]


def test_leftovers_of_killed_processes_go(tmp_path):
    (tmp_path / ".123_step_00000004").mkdir()
    (tmp_path / "notes").mkdir()
    Checkpoints(tmp_path).remove_leftovers()
    assert os.listdir(tmp_path) == ["notes"]


def test_state_of_another_optimizer_is_an_error(tmp_path):
    trained(1).save_weights(tmp_path / "a.weights.h5")
    model = TinyGAN()
    model.compile(discriminator_optimizer="sgd", generator_optimizer="sgd")
    with pytest.raises(Exception, match="variables"):
        checkpoints.load_weights(model, tmp_path / "a.weights.h5")


def test_bad_keep():
    with pytest.raises(ValueError, match="keep=0"):
        Checkpoints("x", keep=0)
