"""The CycleGAN app, started as a user starts it."""

import fcntl
import functools
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from tests.apps.conftest import REPOSITORY, TINY, call, evaluated_as_reported
from tfgan_apps.models import CycleGAN
from tfgan_apps.run_directory import RunDirectory

STEPS = 12  # 3 epochs of 4
CELL = 96  # pixels of a picture on a sheet


def test_a_run_leaves_what_the_documents_say(unbroken, checksum):
    assert checksum(unbroken)[0] == STEPS
    lines = [json.loads(line) for line in (unbroken / "metrics.jsonl").read_text().splitlines()]
    assert [(line["epoch"], line["step"]) for line in lines] == [(1, 4), (2, 8), (3, 12)]
    assert {"generator_loss", "cycle_x", "x_to_y/swd"} <= lines[-1].keys()
    sheets = sorted(path.name for path in (unbroken / "samples").iterdir())
    assert sheets == [f"epoch_{i:04d}.png" for i in range(4)]
    sheet = tf.io.decode_png((unbroken / "samples" / "epoch_0003.png").read_bytes())
    assert sheet.shape[1] == 6 * CELL + 5 * 4
    assert len(list((unbroken / "checkpoints").glob("step_*"))) == 3
    assert len(list((unbroken / "checkpoints").glob("best_*"))) == 1
    assert list((unbroken / "logs" / "train").glob("events*"))


def test_evaluate_finds_the_numbers_of_the_report(unbroken, tmp_path):
    evaluated_as_reported(unbroken, tmp_path)


def test_the_export_answers_a_png_without_keras(unbroken, tmp_path):
    program = f"""
import sys
sys.modules["keras"] = sys.modules["tfgan_apps"] = None  # importing them fails
import tensorflow as tf
model = tf.saved_model.load({str(unbroken.parent / "saved_models" / "tiny" / "1")!r})
image = tf.zeros((20, 24, 3), tf.uint8)
for name in ("serving_default", "x_to_y", "y_to_x"):
    answer = model.signatures[name](image_bytes=tf.io.encode_png(image)[None])
    assert tf.io.decode_png(answer["image_bytes"][0]).shape == (20, 24, 3)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)


def wait_until(condition, process, what):
    while process.poll() is None:
        if condition():
            return
        time.sleep(0.0005)
    pytest.fail(f"the run ended before {what}: {process.stderr.read()}")


def test_kill_9_changes_nothing(unbroken, start, finish, checksum, tmp_path):
    """Killed inside an epoch, during a checkpoint write; interrupted_test.py has other moments.

    It is given the flags.txt that the undisturbed run has left, and nothing else.
    """
    run_dir = tmp_path / "killed"
    given = {"flagfile": unbroken / "flags.txt", "saved_model": tmp_path / "saved"}
    start = functools.partial(start, run_dir, **given)
    checkpoints = run_dir / "checkpoints"

    def complete():
        return sorted(path.name for path in checkpoints.glob("step_*"))

    def half_written():
        return glob.glob(f"{checkpoints}/.*_step_*/*")  # unlike pathlib's, it may vanish meanwhile

    process = start()
    wait_until(lambda: complete() and half_written(), process, "a second checkpoint write")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert half_written(), "the kill came after the write"
    code, _, err = finish(run_dir, **given)
    assert code == 0, err
    assert checksum(run_dir) == checksum(unbroken) and not half_written()
    lines = (run_dir / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3]


def last_weights(run_dir):
    model = CycleGAN(
        **{
            name: TINY[name]
            for name in ("image_size", "generator_filters", "residual_blocks", "pool_size")
        },
        **{name: TINY[name] for name in ("discriminator_filters", "discriminator_layers")},
    )
    model.compile(steps_per_epoch=4, epochs=3)
    path = sorted((run_dir / "checkpoints").glob("step_*"))[-1] / "model.weights.h5"
    model.load_weights(path)
    return [np.array(v) for v in model.trainable_variables]


def assert_close(run_dir, expected_run_dir):
    """Rounding apart. A bias before a normalization has no gradient but rounding: only kernels."""
    for a, b in zip(last_weights(run_dir), last_weights(expected_run_dir), strict=True):
        if a.ndim == 4:
            assert np.median(np.abs(a - b)) < 1e-5
            np.testing.assert_allclose(a, b, atol=2 * 2e-4 * STEPS)


def test_two_workers_stop_together_and_give_what_one_gives(unbroken, start, tmp_path, tf_configs):
    """One of them is asked to stop: both save, after the same step, and go on from there."""

    def work():
        for config in tf_configs(2):
            yield start(tmp_path / "run", {"TF_CONFIG": config}, strategy="multiworker")

    chief, other = work()
    first = tmp_path / "run" / "checkpoints" / "step_00000002"
    wait_until(first.exists, chief, "its first checkpoint")
    other.send_signal(signal.SIGTERM)
    for process in (chief, other):
        _, err = process.communicate(timeout=300)
        assert process.returncode == 128 + signal.SIGTERM, err
    stopped = sorted(path.name for path in first.parent.glob("step_*"))[-1]
    assert "step_00000002" <= stopped < f"step_{STEPS:08d}"
    for process in list(work()):
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    assert_close(tmp_path / "run", unbroken)


def test_a_complete_run_is_left_alone_and_other_settings_are_refused(unbroken, finish, checksum):
    before = checksum(unbroken)
    code, _, err = finish(unbroken, learning_rate=1e-3, cycle_weight=5)
    assert code == 1
    assert (
        "cycle_weight: was 10.0, now 5.0" in err and "learning_rate: was 0.0002, now 0.001" in err
    )
    assert "Traceback" not in err
    assert checksum(unbroken) == before


def test_a_directory_in_use_is_refused(unbroken, finish):
    with open(unbroken / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, err = finish(unbroken)
    assert code == 1 and "in use by another process" in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"image_size": 18}, "image_size must be a multiple of 4"),
        ({"dataset": "no_such_set"}, "no_such_set"),
        ({"strategy": "multiworker"}, "TF_CONFIG"),
        ({"learning_rat": 1}, "Unknown command line flag 'learning_rat'"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_bad_flags_are_one_message_and_write_nothing(finish, tmp_path, flags, message):
    code, _, err = finish(tmp_path / "run", **flags)
    assert code == 1
    assert message in err and "Traceback" not in err
    assert not (tmp_path / "run").exists()


def test_all_unusable_images_are_one_error_and_nothing_is_written(finish, images, tmp_path):
    folder = tmp_path / "images"
    shutil.copytree(images, folder)
    whole = tf.io.encode_jpeg(
        tf.cast(tf.random.stateless_uniform((18, 18, 3), (0, 0), 0, 256), tf.uint8)
    )
    (folder / "trainA" / "truncated.jpg").write_bytes(whole.numpy()[:-200])
    (folder / "trainA" / "text.jpg").write_text("not a picture")
    (folder / "trainB" / "dot.png").write_bytes(
        tf.io.encode_png(tf.zeros((1, 1, 3), tf.uint8)).numpy()
    )
    code, _, err = finish(tmp_path / "run", dataset=folder)
    assert code == 1 and "Traceback" not in err
    assert all(name in err for name in ("truncated.jpg", "text.jpg", "dot.png"))
    assert not (tmp_path / "run").exists()


def test_dry_run_shows_and_writes_nothing(finish, tmp_path):
    code, out, err = finish(tmp_path / "run", dry_run=True)
    assert code == 0, err
    assert "--learning_rate=0.0002" in out
    assert "generator_x_to_y: 8,739 parameters" in out
    assert "trainA" in out and not (tmp_path / "run").exists()


def test_help_reads_well():
    done = call("cyclegan", "--help")
    assert "Trains CycleGAN on two sets of images without pairs" in done.stdout
    for flag in ("--cycle_weight", "--run_dir", "--[no]dry_run", "--precision"):
        assert flag in done.stdout
    assert "--cycle_weight: Lambda of the paper, >= 0.\n    (default: '10.0')" in done.stdout


def test_both_ways_to_start_a_command_show_the_same_flags():
    def shown(*command):
        words = [sys.executable, *command, "--help"]
        done = subprocess.run(words, capture_output=True, text=True, cwd=REPOSITORY)
        return [line for line in done.stdout.splitlines() if line.startswith("  --")]

    module, console = shown("-m", "apps.client"), shown("-m", "apps", "client")
    assert len(module) == 16 and console == module


def test_an_interruption_while_it_loads_is_no_traceback(start, tmp_path):
    # What a shell starts in the background ignores Ctrl-C, and so would its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = start(tmp_path / "run")
    signal.signal(signal.SIGINT, before)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode in (-signal.SIGINT, 128 + signal.SIGINT)
    assert "Traceback" not in err


def test_nobody_reads_on():
    command = f"{sys.executable} -m apps client --help | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=REPOSITORY)
    assert done.stderr == ""


def test_the_commands_are_listed():
    words = [sys.executable, "-m", "apps"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=REPOSITORY)
    files = {path.stem for path in (REPOSITORY / "apps").glob("[a-z]*.py")}
    assert {line.split()[0] for line in done.stdout.splitlines()[2:]} == files
    assert "Trains CycleGAN" in done.stdout
    wrong = subprocess.run([*words, "cyclgan"], capture_output=True, text=True, cwd=REPOSITORY)
    assert wrong.returncode == 1 and "error: no command 'cyclgan'" in wrong.stderr


def test_the_same_data_by_another_path_are_the_same(
    unbroken, finish, images, monkeypatch, tmp_path
):
    shutil.copytree(unbroken, tmp_path / "run")
    monkeypatch.chdir(images)
    code, _, err = finish(tmp_path / "run", dataset=f"../{images.name}", saved_model=None)
    assert code == 0, err


def test_another_saved_model_after_the_end_is_exported_too(unbroken, tmp_path):
    """The run's directory brings all other flags."""
    done = call("cyclegan", run_dir=unbroken, saved_model=tmp_path / "other")
    assert done.returncode == 0, done.stderr
    assert f"SavedModel: {tmp_path / 'other'}" in done.stdout
    assert (tmp_path / "other" / "1" / "saved_model.pb").exists()


def test_a_quiet_run_tells_all_and_needs_its_directory_alone(finish, images, tmp_path):
    """After a start that failed: a directory belongs to a run from its first checkpoint on."""
    data, run_dir = tmp_path / "images", tmp_path / "run"
    shutil.copytree(images, data)
    run_dir.mkdir()
    (run_dir / "run.json").write_text('{"settings": {"discriminator_layers": 3}}')
    saved = tmp_path / "saved"
    code, out, err = finish(run_dir, dataset=data, epochs=1, verbosity=-1, saved_model=saved)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("CycleGAN on a CPU with ")
    assert lines[2].startswith("  trainA (x): 8 images, 18x18 pixels, as RGB")
    assert "best: the smallest swd of 2 held-out examples; with so few of them" in out
    assert re.search(r"\nepoch 1/1  \d+ s, 0 s left\n  training adversarial_x ", out)
    assert "\nswd: the mean of both directions\ncycle_error: mean difference of a" in out
    assert "\nidentity: the pictures as they came," in out and "\nlast: step 4\n" in out
    assert lines[-2].startswith("The run: ")
    assert f"Look at: {run_dir / 'samples' / 'epoch_0001.png'}" in lines
    shutil.rmtree(data)
    elsewhere = shutil.move(run_dir, tmp_path / "elsewhere")
    os.remove(elsewhere / "flags.txt")
    done = call("export", run_dir=elsewhere, saved_model=tmp_path / "exported")
    assert done.returncode == 0, done.stderr
    model, step = RunDirectory(str(elsewhere)).load()
    assert step == 4 and model.generator_x_to_y.count_params() == 8_739
