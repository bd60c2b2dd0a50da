"""The alarm of a collapse: quickstarts do not raise it, a discriminator of 50 times the rate does.

    python -m tests.collapse_alarms
    python -m tests.collapse_alarms --systems=dcgan,gan --runs=folder

Runs quickstarts by their commands, minutes each, and DCGAN's with a discriminator whose learning
rate is 50 times what it is, for 3 epochs; writes a section of docs/results/metrics.md. A run that
`--runs` has already is read, not run again; rows of systems that are not asked for stay, as
docs/results/collapse_alarms.json has them.
"""

import argparse
import json
import logging as py_logging
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

import keras

from tests.experiments import results
from tfgan_apps import training
from tfgan_apps.input_pipelines import image_set
from tfgan_apps.models import DCGAN

SYSTEMS = [
    path.parent.name for path in sorted(pathlib.Path("apps/flags").glob("*/quickstart.flags"))
]
ROWS = results.RESULTS / "collapse_alarms.json"
TIMES, EPOCHS = 50, 3
THRESHOLD = f"no quickstart warns; with {TIMES} times the rate, a warning within {EPOCHS} epochs"
WARNING = re.compile(r"collapse\? For|has the discriminator won\? For")


def quickstart(system, folder):
    """Runs a quickstart by its command; returns its row, which `<system>.json` keeps."""
    kept = pathlib.Path(folder, f"{system}.json")
    if kept.exists():
        return json.loads(kept.read_text())
    flagfile = f"--flagfile=apps/flags/{system}/quickstart.flags"
    where = [f"--run_dir={folder}/{system}", f"--saved_model={folder}/saved/{system}"]
    command = [sys.executable, "-m", f"apps.{system}", flagfile, *where]
    start, start_cpu = time.monotonic(), cpu_seconds()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    row = {
        "epochs": len(pathlib.Path(folder, system, "metrics.jsonl").read_text().splitlines()),
        "warnings": len(WARNING.findall(done.stdout + done.stderr)),
        "minutes": (time.monotonic() - start) / 60,
        "CPU minutes": (cpu_seconds() - start_cpu) / 60,
    }
    kept.with_suffix(".txt").write_text(done.stdout + done.stderr)
    kept.write_text(json.dumps(row))
    return row


def cpu_seconds():
    """Returns the processor time of the finished children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Heard(py_logging.Handler):
    """Keeps what is warned of."""

    def __init__(self):
        super().__init__(py_logging.WARNING)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def losing(folder):
    """Trains DCGAN's quickstart with the fast discriminator; returns what is warned of."""

    def build():
        model = DCGAN(32, 3, generator_filters=32, discriminator_filters=32)
        (adam,) = [model.optimizers()["discriminator"].get_config()]
        adam["learning_rate"] *= TIMES
        model.compile(discriminator_optimizer=keras.optimizers.Adam.from_config(adam))
        return model

    heard = Heard()
    py_logging.getLogger("absl").addHandler(heard)
    options = training.RunOptions(f"{folder}/losing", EPOCHS, samples=6)
    training.run(build, image_set("scenes", 32, 3, batch_size=32), options)
    return [text for text in heard.texts if WARNING.search(text)]


def main(systems, folder):
    """Runs all, writes the section, and tells whether the threshold is missed."""
    found = json.loads(ROWS.read_text())
    found |= {system: quickstart(system, folder) for system in systems}
    ROWS.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n")
    texts = losing(folder)
    failed = [system for system, row in found.items() if row["warnings"]]
    rows = {f"quickstart of {system}": row for system, row in sorted(found.items())}
    rows[f"dcgan, {TIMES} times the rate"] = {"epochs": EPOCHS, "warnings": len(texts)}
    passed = bool(texts) and not failed
    results.write_page_section(
        "metrics",
        "The alarm of a collapse",
        "python -m tests.collapse_alarms",
        ("" if passed else "FAILED\n\n")
        + results.table(rows)
        + "\n\nWhat DCGAN on scenes is told of:\n\n```\n"
        + "\n".join(texts)
        + "\n```",
        THRESHOLD,
        f"{len(failed)} of {len(found)} quickstarts; {len(texts)} warnings",
    )
    return not passed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--systems", type=lambda text: text.split(","), default=SYSTEMS)
    parser.add_argument("--runs", default=None, help="folder to keep the runs in")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(given.systems, given.runs or temporary))
