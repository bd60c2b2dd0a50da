"""A small CycleGAN under a killer: whatever interrupts it, it ends as the unbroken run does.

    python -m tests.soak --minutes=30
    python -m tests.soak --minutes=10 --workers=2
    python -m tests.soak --minutes=10 --aimed

One run is left alone; another is started again and again, as a shell loop would, and killed each
time by SIGKILL, SIGTERM or SIGINT: at any moment, or with --aimed inside a checkpoint write, about
an evaluation, after the writing of a sheet or of a line of metrics, each in its turn, and in the
end inside exports. Of two workers one is hit. The result goes to docs/results/reliability.md.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import shutil
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
AIMS = ("a checkpoint write", "a line of metrics", "a sheet", "about an evaluation")
EXPORTS = 5  # that are interrupted when it aims
STEPS = 100  # of an epoch
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
FLAGS = {
    **{"image_size": 16, "load_size": 18, "generator_filters": 4, "residual_blocks": 1},
    **{"pool_size": 10, "discriminator_filters": 4, "discriminator_layers": 1, "batch_size": 2},
    **{"samples": 2, "evaluate_epochs": 3, "sample_epochs": 2, "checkpoint_steps": 10},
    **{"export_best": True, "verbosity": 0},
}


def write_images(folder):
    """Writes two domains of noise."""
    rng = np.random.default_rng(0)
    for split in ("trainA", "trainB", "testA", "testB"):
        for number in range(STEPS * FLAGS["batch_size"] if split.startswith("train") else 4):
            image = rng.integers(0, 256, (18, 18, 3), dtype="uint8")
            tf.io.write_file(str(folder / split / f"{number}.png"), tf.io.encode_png(image))


class Run:
    """A run in a directory of its own, in one process or as several workers."""

    def __init__(self, place, name, epochs, workers):
        self.run_dir, self.saved = place / name, place / f"saved_{name}"
        self.log, self.workers = place / f"{name}.log", workers
        flags = {**FLAGS, "epochs": epochs, "dataset": place / "images", "run_dir": self.run_dir}
        flags |= {"saved_model": self.saved / "model"}
        # Both are started again when both have ended: who waits for one that died early must end.
        flags |= {"strategy": "multiworker", "worker_timeout": 60} if workers > 1 else {}
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
        lines, evaluates = self._size("metrics.jsonl"), FLAGS["evaluate_epochs"] * STEPS
        last = [f"checkpoints/step_{n - 10:08d}" for n in range(evaluates, 10**6, evaluates)]
        return {
            "a checkpoint write": self._new("checkpoints/.*_*/*"),
            "a line of metrics": lambda: self._size("metrics.jsonl") > lines,
            "a sheet": self._new("samples/*"),
            "about an evaluation": self._new("checkpoints/step_*", last),  # 10 steps before it
            "an export": self._new("../saved_*/model/.exporting-*"),
        }

    def _new(self, pattern, among=None):
        """Returns a function that tells whether there is something new of a pattern's names."""
        known = {self.run_dir / name for name in among or ()}
        before = set(self.run_dir.glob(pattern))

        def is_new():
            new = set(self.run_dir.glob(pattern)) - before
            return bool(new & known if among else new)

        return is_new

    def _size(self, name):
        path = self.run_dir / name
        return path.stat().st_size if path.exists() else 0


def wait(processes, condition, seconds):
    """Waits for a condition, or for the seconds; returns which came, None if a process ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if any(process.poll() is not None for process in processes):
            return None
        try:
            if condition():
                return "condition"
        except OSError:
            pass  # what was looked at has vanished meanwhile
        time.sleep(0.002)
    return "seconds"


def interrupt(run, choose, counts, name=None):
    """Starts the run and hits it at a moment, any without a name.

    Returns whether it came to its end instead.
    """
    moment = run.moments().get(name, lambda: False)
    processes = run.start()
    came = wait(processes, moment, 600 if name else choose.uniform(4, 40))
    if came and name == "about an evaluation":
        time.sleep(choose.uniform(0, 1))
    return hit(processes, came and (name or "any moment"), choose, counts)


def hit(processes, name, choose, counts):
    """Hits a process, unless no moment has come; returns whether all came to their end instead."""
    number = choose.choice(SIGNALS)
    if name:
        choose.choice(processes).send_signal(number)
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


def main(minutes, workers, epochs, seed, aimed):
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
        names = itertools.cycle(AIMS if aimed else [None])
        done = False
        while not done and time.monotonic() - start - alone < 60 * minutes:
            done = interrupt(broken, choose, counts, next(names))
        for _ in range(EXPORTS if aimed else 0):  # the rest is made, and its export is never whole
            shutil.rmtree(broken.saved, ignore_errors=True)
            done = interrupt(broken, choose, counts, "an export")
        while not done:
            done = [process.wait() for process in broken.start()] == [0] * workers
        expected, found = parts_of(unbroken), parts_of(broken)
    same = {name: expected[name] == found[name] for name in expected}
    late = counts.pop("late", 0)
    report(minutes, workers, epochs, aimed, alone, time.monotonic() - start, counts, late, same)
    return all(same.values()) and not late


def report(minutes, workers, epochs, aimed, alone, seconds, counts, late, same):
    """Writes the section of docs/results/reliability.md."""
    body = "\n".join(f"- {name}: {count}" for name, count in sorted(counts.items()))
    parts = (f"- {name}: {'equal' if same[name] else '**NOT EQUAL**'}" for name in same)
    total, least = sum(counts.values()), 10 if aimed or workers > 1 else 40
    results.write_page_section(
        "reliability",
        f"CycleGAN under a killer{' that aims' * aimed}, {workers} worker{'s' * (workers > 1)}",
        f"python -m tests.soak --minutes={minutes:g} --workers={workers} --epochs={epochs}"
        + " --aimed" * aimed,
        f"{epochs} epochs of {STEPS} steps; {alone:.0f} s undisturbed, {seconds / 60:.0f} minutes "
        f"in all. Interruptions:\n\n{body}\n\nParts:\n\n" + "\n".join(parts),
        f"at least {least} interruptions, all parts equal the unbroken run's",
        f"{total} interruptions, {sum(same.values())} of {len(same)} parts equal, "
        f"{late} processes that did not end within 120 s",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--aimed", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    sys.exit(not main(**vars(parser.parse_args())))
