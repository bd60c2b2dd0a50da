"""Three pictures by SinGAN on a CPU: what it knows of them, what it makes of them, wider, painted.

    python -m tests.singan_pictures
    python -m tests.singan_pictures --jobs=2

--data is a folder of the authors' inputs (Images, Paint, Harmonization). Each run is that of the
committed apps/flags/singan/picture.flags, in a process of its own; with --jobs above 1 each has one
thread. It measures itself, in the features of --classifier, which `tests.cifar10_systems` trains.
Then `apps.manipulate` makes what docs/results/singan.md shows. What is there already is kept.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

from tests import apart
from tests.experiments import results

PICTURES = ("tree", "starry_night", "cows")  # the longest first
MADE = {
    "cows": ("--mode=paint", "Paint/cows.png"),
    "starry_night": ("--mode=harmonize", "Harmonization/starry_night_naive.png"),
}
"""Picture -> what else is made of its run, and of which file."""
START = {"cows": 1, "starry_night": 3}
COLUMNS = {
    "reconstruction_error": "error of the reconstruction",
    "diversity": "diversity",
    "single_image_distance": "single image distance in cifar10-classifier features",
}
MOST, SEED, COLOURS = 40, 0, 128  # CPU-minutes: 20 minutes of 2 cores
SEEN = {
    "cows": "Herds of the picture's colours stand elsewhere in each sample, small ones far away;"
    " near ones run together or lack legs. From the second scale on samples are the picture but for"
    " hairs. Painted blots become cows of their colours, with shadows; at the right border one"
    " makes a dark stripe. Wider, more cows, of the same size.",
    "starry_night": "From the coarsest scale the cypress breaks, comes twice or hangs in the sky,"
    " and the moon may be missing; strokes, hills and the brightness of places stay. The ship that"
    " was pasted takes the painting's colours, its edges become strokes. Wider, five pieces of"
    " cypresses, of which two hang in the sky, and a long moon.",
    "tree": "One crown each, of other outlines and widths, over the field, in one sample torn from"
    " its trunk; the sky is plain, with a light edge around the crown; the fixed noise's crown is"
    " smoother than the real one. Wider, one crown as broad as two, on several short trunks.",
}
"""Picture -> what its sheets show, by eye."""
ABOUT = """
Of 50 samples of the last checkpoint; one seed. Diversity is the paper's, who has 0.5 in the mean of
50 pictures. The single image distance is that of SIFID in other features, of half the sides: not to
be called SIFID, nor compared with it; smaller is nearer. Sheets: from coarse to fine, the picture,
the fixed noise's, noise from the first scales on; then a sample of one and a half times the
width. The flags' `--decay_start` was chosen by sheets of the tree, not of the others."""


def trained(name, flags):
    """Returns the directory of a picture's run, trained if it is not, and the minutes it took."""
    words = (
        f"--dataset={flags.data / 'Images' / name}.png",
        f"--evaluation_features={flags.classifier}",
    )
    own = apart.flagfile("singan", "picture")
    return apart.trained(flags.runs / name, own, SEED, int(flags.jobs > 1), *words)


def manipulated(directory, *words):
    """Returns the path of what `apps.manipulate` writes of a run."""
    command = [sys.executable, "-m", "apps.manipulate", f"--run_dir={directory}", *words]
    done = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE)
    return done.stdout.split()[-1]


def write_picture(source, name):
    """Writes docs/results/singan_<name>.png."""
    results.write_picture(source, f"singan_{name}.png", COLOURS)


def section(name, directory, minutes, flags):
    """Returns a picture's part of the page, and its readings."""
    found = json.loads((directory / "evaluation.json").read_text())["last"]
    readings = {
        column: value
        for metric, column in COLUMNS.items()
        for key, value in found.items()
        if key.split("[")[0] == metric
    }
    readings["CPU-minutes"] = minutes["CPU-minutes"]
    write_picture(max((directory / "samples").glob("epoch_*.png")), name)
    width = json.loads((directory / "model.json").read_text())["config"]["image_size"][1]
    wide = f"--width={3 * width // 2}", "--seeds=1"
    write_picture(manipulated(directory, "--mode=samples", *wide), f"{name}_wide")
    shown = [f"![{name}](singan_{name}.png)", f"![{name}, wider](singan_{name}_wide.png)"]
    if name in MADE:
        mode, file = MADE[name]
        words = [mode, f"--input={flags.data / file}", f"--start_scale={START[name]}"]
        if mode == "--mode=harmonize":
            words.append(f"--mask={flags.data / file.replace('.png', '_mask.png')}")
        what = mode.split("=")[1]
        write_picture(manipulated(directory, *words), f"{name}_{what}")
        shown.append(f"![{name}, {what}](singan_{name}_{what}.png)")
    return "\n\n".join([f"### {name}", *shown, SEEN[name]]), readings


def main(flags):
    """Runs, measures, writes the page; returns whether all was within its bounds."""
    with concurrent.futures.ThreadPoolExecutor(flags.jobs) as pool:
        runs = dict(zip(PICTURES, pool.map(lambda n: trained(n, flags), PICTURES), strict=True))
    parts = {name: section(name, *run, flags) for name, run in runs.items()}
    longest = max(readings["CPU-minutes"] for _, readings in parts.values())
    passed = longest <= MOST
    table = results.table({name: readings for name, (_, readings) in parts.items()})
    body = "\n\n".join([ABOUT.strip(), table, *(text for text, _ in parts.values())])
    results.write_page_section(
        "singan",
        "Three pictures",
        f"python -m tests.singan_pictures --jobs={flags.jobs}",
        ("" if passed else "FAILED\n\n") + body,
        f"at most {MOST} CPU-minutes each (20 of 2 cores)",
        f"longest {longest:.0f} CPU-minutes",
    )
    return passed


if __name__ == "__main__":
    data = os.path.join(os.environ.get("TFGAN_TEST_DATA", "../shared/data"), "singan")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=1, help="runs at once, with a thread each")
    parser.add_argument("--runs", type=pathlib.Path, default="runs/singan_pictures")
    parser.add_argument("--classifier", type=pathlib.Path, default="cifar10-classifier.keras")
    parser.add_argument("--data", type=pathlib.Path, default=data)
    sys.exit(not main(parser.parse_args()))
