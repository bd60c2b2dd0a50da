"""The alarm of a collapse: quickstarts do not raise it, a discriminator of 50 times the rate does.

    python -m tests.collapse_alarms
    python -m tests.collapse_alarms --systems=dcgan,gan,cgan

Runs quickstarts by their commands, minutes each, and DCGAN's with a discriminator whose learning
rate is 50 times what it is, for 3 epochs; writes a section of docs/results/metrics.md.
"""

import argparse
import logging as py_logging
import pathlib
import re
import subprocess
import sys
import tempfile

import keras

from tests.experiments import results
from tfgan_apps import training
from tfgan_apps.input_pipelines import image_set
from tfgan_apps.models import DCGAN

TIMES, EPOCHS = 50, 3
THRESHOLD = f"no quickstart warns; with {TIMES} times the rate, a warning within {EPOCHS} epochs"
WARNING = re.compile(r"collapse\? For|has the discriminator won\? For")


def quickstart(system, folder):
    """Runs a quickstart by its command; returns its row."""
    flagfile = f"--flagfile=apps/flags/{system}/quickstart.flags"
    where = [f"--run_dir={folder}/{system}", f"--saved_model={folder}/saved/{system}"]
    command = [sys.executable, "-m", f"apps.{system}", flagfile, *where]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = pathlib.Path(folder, system, "metrics.jsonl").read_text().splitlines()
    return {"epochs": len(lines), "warnings": len(WARNING.findall(done.stdout + done.stderr))}


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


def main(systems):
    """Runs all, writes the section, and tells whether the threshold is missed."""
    with tempfile.TemporaryDirectory() as folder:
        texts = losing(folder)
        rows = {f"quickstart of {system}": quickstart(system, folder) for system in systems}
    failed = [name for name, row in rows.items() if row["warnings"]]
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
        f"{len(failed)} of {len(systems)} quickstarts; {len(texts)} warnings",
    )
    return not passed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--systems", type=lambda text: text.split(","), default=["dcgan", "gan"])
    sys.exit(main(parser.parse_args().systems))
