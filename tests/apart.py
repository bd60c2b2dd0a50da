"""Training runs in processes of their own: what studies of real data are made of."""

import json
import os
import shutil
import subprocess
import sys
import time
import zlib

from docs import generate


def flagfile(system, name):
    """Returns the path of a committed run's flags."""
    return generate.REPOSITORY / "apps" / "flags" / system / f"{name}.flags"


def run_directory(runs, flags, seed):
    """Returns where a run lies: another one where the flags, but not their comments, change.

    Args:
        runs: path of the folder of all runs.
        flags: path, see `flagfile`.
        seed: int.
    """
    lines = [line for line in flags.read_text().splitlines() if line[:1] != "#"]
    return runs / f"{flags.parent.name}_{seed}_{zlib.crc32(chr(10).join(lines).encode()):08x}"


def train(flags, seed, directory, threads, *words):
    """Trains by a system's app; returns minutes by the clock and CPU.

    Args:
        flags: path, see `flagfile`.
        seed: int.
        directory: path of the run; what the command says is in <directory>.log.
        threads: int, that computations use; 0 for all.
        *words: further flags.

    Raises:
        RuntimeError: the command failed.
    """
    command = [sys.executable, "-m", f"apps.{flags.parent.name}", f"--flagfile={flags}"]
    command += [f"--seed={seed}", f"--run_dir={directory}", f"--saved_model={directory}/export"]
    names = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"
    environment = os.environ | dict.fromkeys(names, str(threads))
    start = time.time()
    with open(f"{directory}.log", "w") as log:
        process = subprocess.Popen([*command, *words], stdout=log, stderr=log, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{directory.name}: see {directory}.log")
    used = usage.ru_utime + usage.ru_stime
    return {"minutes": (time.time() - start) / 60, "CPU-minutes": used / 60}


def trained(runs, flags, seed, threads, *words):
    """Returns the directory of a run, trained if it was not to its end, and the minutes it took.

    Args:
        runs: path of the folder of all such runs.
        flags, seed, threads, words: see `train`.
    """
    directory = run_directory(runs, flags, seed)
    path = directory.with_suffix(".json")
    if not path.exists():
        shutil.rmtree(directory, ignore_errors=True)
        runs.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(train(flags, seed, directory, threads, *words)))
    return directory, json.loads(path.read_text())
