"""A small CycleGAN under a killer: whatever interrupts it, it ends as the unbroken run does.

    python -m tests.soak --minutes=30
    python -m tests.soak --minutes=10 --workers=2

One run is left alone; another is started again and again, as a shell loop would, and killed each
time: by SIGKILL, SIGTERM or SIGINT, at any moment, inside a checkpoint write, after the writing of
a sheet, of a line of metrics, inside an export. Of two workers one is hit. The result goes to
docs/results/reliability.md.
"""

import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np
import tensorflow as tf

from tests.clusters import tf_configs
from tests.experiments import results
from tests.left_by_a_run import exported_by, left_by

REPOSITORY = pathlib.Path(__file__).parents[1]
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
FLAGS = {
    **{"image_size": 16, "load_size": 18, "generator_filters": 4, "residual_blocks": 1},
    **{"pool_size": 10, "discriminator_filters": 4, "discriminator_layers": 1, "batch_size": 2},
    **{"samples": 2, "evaluate_epochs": 3, "sample_epochs": 2, "checkpoint_steps": 30},
    **{"export_best": True, "verbosity": 0},
}


def write_images(folder, count=200):
    """Writes two domains of noise; an epoch has `count` / 2 steps."""
    rng = np.random.default_rng(0)
    for split in ("trainA", "trainB", "testA", "testB"):
        for number in range(count if split.startswith("train") else 4):
            image = rng.integers(0, 256, (18, 18, 3), dtype="uint8")
            tf.io.write_file(str(folder / split / f"{number}.png"), tf.io.encode_png(image))


class Run:
    """A run in a directory of its own, in one process or as several workers."""

    def __init__(self, place, name, epochs, workers):
        self.run_dir, self.saved = place / name, place / f"saved_{name}"
        self.log, self.workers = place / f"{name}.log", workers
        flags = {**FLAGS, "epochs": epochs, "dataset": place / "images", "run_dir": self.run_dir}
        flags |= {"saved_model": self.saved / "model"}
        flags |= {"strategy": "multiworker"} if workers > 1 else {}
        words = [f"--{name}={value}" for name, value in flags.items()]
        self.command = [sys.executable, "-m", "apps.cyclegan", *words]

    def start(self):
        """Returns the processes."""
        processes = []
        for text in tf_configs(self.workers):
            config = {"TF_CONFIG": text} if self.workers > 1 else {}
            environment = {**os.environ, **config, "CUDA_VISIBLE_DEVICES": "-1"}
            with open(self.log, "ab") as log:
                options = {"cwd": REPOSITORY, "env": environment, "stdout": log, "stderr": log}
                processes.append(subprocess.Popen(self.command, **options))
        return processes

    def moments(self):
        """Returns dict, name of a moment -> function that tells whether it is now."""
        lines, sheets = self._size("metrics.jsonl"), self._count("samples/*")
        return {
            "a checkpoint write": lambda: self._count("checkpoints/.*_*/*") > 0,
            "a line of metrics": lambda: self._size("metrics.jsonl") > lines,
            "a sheet": lambda: self._count("samples/*") > sheets,
            "an export": lambda: any(self.saved.glob("model/.exporting-*")),
            "any moment": lambda: False,
        }

    def _count(self, pattern):
        return len(list(self.run_dir.glob(pattern)))

    def _size(self, name):
        path = self.run_dir / name
        return path.stat().st_size if path.exists() else 0


def wait(processes, condition, seconds):
    """Waits for a condition, or for the seconds; returns whether all processes are running."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if any(process.poll() is not None for process in processes):
            return False
        try:
            if condition():
                return True
        except OSError:
            pass  # what was looked at has vanished meanwhile
        time.sleep(0.002)
    return True


def interrupt(run, choose, counts):
    """Starts the run and hits it; returns whether it came to its end instead."""
    processes, moments = run.start(), run.moments()
    name = choose.choice(list(moments))
    number, hit = choose.choice(SIGNALS), choose.choice(processes)
    if wait(processes, moments[name], choose.uniform(4, 40)):
        hit.send_signal(number)
        key = f"{number.name}, {name}"
        counts[key] = counts.get(key, 0) + 1
    codes = []
    for process in processes:
        try:
            codes.append(process.wait(120))
        except subprocess.TimeoutExpired:
            process.kill()
            codes.append(f"{process.wait()} after 120 s")
    print(f"{time.strftime('%H:%M:%S')} {number.name} at {name}: {codes}", flush=True)
    counts["late"] = counts.get("late", 0) + sum(isinstance(code, str) for code in codes)
    return codes == [0] * len(codes)


def parts_of(run):
    """Returns name -> value of all that must be the same."""
    kept = sorted((run.run_dir / "checkpoints").glob("step_*/checkpoint.json"))
    return {
        "weights": json.loads(kept[-1].read_text())["sha256"],
        **left_by(run.run_dir),
        "export": exported_by(run.saved / "model"),
    }


def main(minutes, workers, epochs, seed):
    """Runs both, compares them, writes the section; returns whether they are the same."""
    choose, counts, start = random.Random(seed), {}, time.monotonic()
    # What a shell starts in the background ignores Ctrl-C, and so would the runs.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        write_images(place / "images")
        unbroken, broken = (Run(place, name, epochs, workers) for name in ("unbroken", "broken"))
        assert [process.wait() for process in unbroken.start()] == [0] * workers
        alone = time.monotonic() - start
        while not (done := interrupt(broken, choose, counts)):
            if time.monotonic() - start - alone > 60 * minutes:
                break
        while not done:  # the time is over: what is left is made without the killer
            done = [process.wait() for process in broken.start()] == [0] * workers
        expected, found = parts_of(unbroken), parts_of(broken)
    same = {name: expected[name] == found[name] for name in expected}
    late = counts.pop("late", 0)
    report(minutes, workers, epochs, alone, time.monotonic() - start, counts, late, same)
    return all(same.values()) and not late


def report(minutes, workers, epochs, alone, seconds, counts, late, same):
    """Writes the section of docs/results/reliability.md."""
    body = "\n".join(f"- {name}: {count}" for name, count in sorted(counts.items()))
    parts = (f"- {name}: {'equal' if same[name] else '**NOT EQUAL**'}" for name in same)
    total = sum(counts.values())
    results.write_page_section(
        "reliability",
        f"CycleGAN under a killer, {workers} worker{'s' * (workers > 1)}",
        f"python -m tests.soak --minutes={minutes} --workers={workers} --epochs={epochs}",
        f"{epochs} epochs of 100 steps; {alone:.0f} s undisturbed, {seconds / 60:.0f} minutes in "
        f"all. Interruptions:\n\n{body}\n\nParts:\n\n" + "\n".join(parts),
        f"at least {40 if workers == 1 else 10} interruptions, all parts equal the unbroken run's",
        f"{total} interruptions, {sum(same.values())} of {len(same)} parts equal, "
        f"{late} processes that did not end within 120 s",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    sys.exit(not main(**vars(parser.parse_args())))
