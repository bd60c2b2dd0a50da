"""Photographs by many systems, on a CPU: what the committed small runs come to.

    python -m tests.photograph_runs --studies=simgan
    python -m tests.photograph_runs --studies=pix2pix,spade_cityscapes --jobs=2

--data holds the folders of `STUDIES`. Each run is that of a committed flagfile, in a process of its
own; with --jobs above 1 each has one thread. All that is measured, runs measure themselves, on what
they hold out, before and after. What is there already is kept; the sections of a study's system in
docs/results are written, and its last sheet there. Curves need `.[experiments]`.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import math
import os
import pathlib
import sys

import numpy as np

from tests import apart
from tests.experiments import results

SEED, COLOURS = 0, 192


@dataclasses.dataclass(frozen=True)
class Study:
    """What is run, and what is known of it.

    Args:
        title: of its section.
        flagfile: `<system>/<name>`, of apps/flags.
        folder: of the data.
        most: CPU-minutes that a run may take.
        rows: name -> further words of a run; the first one is the flagfile's own.
        seen: what its sheets show, by eye; what is not yet looked at says so.
        swapped: label, and what it becomes in masks. Defaults to None, no masks.
        curves: of what is logged, the names whose course is drawn. Default to none.
    """

    title: str
    flagfile: str
    folder: str
    most: int
    rows: dict = dataclasses.field(default_factory=lambda: {"run": ()})
    seen: str = "Its sheets were not yet looked at."
    swapped: tuple | None = None
    curves: tuple = ()

    @property
    def system(self):
        """The name of the system, and of its app."""
        return self.flagfile.split("/")[0]


PIX2PIX = {"pix2pix": (), "L1 alone": ("--adversarial_weight=0",)}
STUDIES = {
    "pix2pix": Study(
        "Facades, 128 px",
        "pix2pix/facades_128",
        "facades",
        90,
        PIX2PIX,
        seen="""By eye, one seed: both have windows, doors and floors where the labels say. pix2pix
has windows with frames and panes, contrast and texture of walls, under a weave of squares, with
dark corners; L1 alone a grey-brown blur, smooth as fog, all colours near their mean. That blur is
nearer to held-out photographs pixel by pixel (error, ssim), its patches are further (swd).""",
    ),
    "spade_cityscapes": Study(
        "Cityscapes, 8 streets",
        "spade/cityscapes_128",
        "cityscapes_sample",
        40,
        swapped=(11, 21),
        seen="""By eye, one seed: all eight streets are of training, there are no others. Two of
four come back with the windows of a house and the marks of a road, darker and with a weave over
them; of the others the ground, trees and cars are at their places, blurred.""",
    ),
    "spade_coco": Study(
        "COCO-Stuff, 13 pictures",
        "spade/coco_stuff_128",
        "coco_stuff",
        40,
        swapped=(171, 156),
        seen="""By eye, one seed: of eight pictures that were not trained on, outlines are where the
mask has them, a skier and a rower are darker than snow and water; colours are dull and often not
the picture's, which the mask does not tell, all is blurred under a weave of lines.""",
    ),
    "simgan": Study(
        "52 simulated eyes, 144 real ones",
        "simgan/small_eyes",
        "simgan_eyes",
        20,
        seen="""By eye, one seed: refined eyes have the contrast, the bright whites and the grain of
real ones, and lids and pupils stay where they were; with dark blots at the corners of all and
frames of light at the borders of some, which no real eye has. Their mean is 0.26 from the real
ones', of 0.40 before, where the experiment of bars wants 0.08.""",
    ),
    "stargan": Study("46 faces, 64 px", "stargan/celeba_hq_64", "celeba_hq_sample", 60),
    "stargan_v2": Study("Animals, 128 px", "stargan_v2/afhq_128", "afhq_sample", 60),
    "funit": Study(
        "Animals, 64 px",
        "funit/afhq_64",
        "afhq_sample",
        60,
        seen="""By eye, one seed: no animals. Held-out cats come back, even of their own codes, as
weaves of colours with light and dark where the picture has them; it learned from 18 pictures. There
is one unseen class of five, and so one set of references: diversity has nothing to compare.""",
    ),
    "munit": Study("Facades, 128 px", "munit/facades_128", "facades", 60),
    "unit": Study("Facades, 128 px", "unit/facades_128", "facades", 60),
    "drit": Study(
        "Facades, 64 px",
        "drit/facades_64",
        "facades",
        60,
        seen="""By eye, one seed: in drawn styles photographs become stripes of the labels' colours
that follow ledges and rows of windows, without shapes; in styles of label maps they are blue, with
bands where floors are. Labels become grey walls, woven, with dark and light where labels change,
no windows. Drawn styles differ from each other, those of two references hardly.""",
    ),
    "stylegan2": Study(
        "Animals, 64 px: 28 of them, with augmentation and without",
        "stylegan2/afhq_64_ada",
        "afhq_sample",
        90,
        {"augmented": (), "not augmented": ("--augment_kimg=1e9",)},
        curves=("probability", "overfitting", "swd"),
    ),
    "stylegan3": Study(
        "150 landscapes, 64 px",
        "stylegan3/landscapes_64_t",
        "landscape_photos_256",
        90,
        curves=("swd",),
    ),
    "pggan": Study(
        "150 landscapes, 32 px", "pggan/landscapes_32", "landscape_photos_256", 90, curves=("swd",)
    ),
}


def trained(study, words, flags):
    """Returns the directory of a run, trained if it is not, and the minutes it took."""
    own = apart.flagfile(*study.flagfile.split("/"))
    folder = flags.runs / "_".join([study.folder, *(word.strip("-") for word in words)])
    words = f"--dataset={flags.data / study.folder}", *words
    return apart.trained(folder, own, SEED, int(flags.jobs > 1), *words)


def logged(directory):
    """Returns what a run has logged, a list of dicts."""
    return [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]


def finite(directory):
    """Returns whether all that a run has logged is finite."""
    values = [v for line in logged(directory) for v in line.values() if isinstance(v, int | float)]
    return bool(values) and all(map(math.isfinite, values))


def draw_curves(study, runs, name):
    """Writes docs/results/<name>: each of `study.curves` over steps, a line for each run."""
    from matplotlib import pyplot

    size = {"figsize": (4 * len(study.curves), 3), "squeeze": False}
    figure, axes = pyplot.subplots(1, len(study.curves), **size)
    for axis, curve in zip(axes.flat, study.curves, strict=True):
        for row, (directory, _) in runs.items():
            lines = [line for line in logged(directory) if curve in line]
            axis.plot([line["step"] for line in lines], [line[curve] for line in lines], label=row)
        axis.set(title=curve, xlabel="step")
    figure.legend(*axis.get_legend_handles_labels(), loc="upper right")
    figure.tight_layout()
    figure.savefig(results.RESULTS / name, dpi=80)


def swaps(study, directory, flags):
    """Returns by how much images change where a label of their masks is swapped, and elsewhere."""
    from tests import spade_swap  # loads TensorFlow

    masks = directory, str(flags.data / study.folder), *study.swapped
    there, elsewhere = (np.array(changes) for changes in spade_swap.measured(*masks))
    means = {"change there": there.mean(), "change elsewhere": elsewhere.mean()}
    return {"masks swapped": len(there)} | means


def readings(study, runs, flags):
    """Returns the rows of a study's table: before, and each of its runs."""
    rows = {}
    for row, (directory, minutes) in runs.items():
        found = json.loads((directory / "evaluation.json").read_text())
        before = {name: values for name, values in found.items() if name not in ("last", "best")}
        rows = before | rows
        rows[row] = found["last"] | {"CPU-minutes": minutes["CPU-minutes"]}
        if study.swapped:
            rows[row] |= swaps(study, directory, flags)
    return rows


def pictures(study, runs):
    """Writes each run's last sheet, and curves, into docs/results; returns their Markdown."""
    shown, start = {}, f"{study.system}_{study.folder}"
    for row, (directory, _) in runs.items():
        name = f"{start}_{row.replace(' ', '_')}.png" if shown else f"{start}.png"
        sheet = max((directory / "samples").glob("epoch_*.png"))
        results.write_picture(sheet, name, COLOURS)
        shown[f"{row}, the last sheet"] = name
    if study.curves:
        name = f"{start}_curves.png"
        draw_curves(study, runs, name)
        shown[f"{', '.join(study.curves)} over steps"] = name
    return [f"![{what}]({name})" for what, name in shown.items()]


def section(name, study, flags):
    """Writes a study's section and its pictures; returns whether all was within its bounds."""
    runs = {row: trained(study, words, flags) for row, words in study.rows.items()}
    whole = all(finite(directory) for directory, _ in runs.values())
    longest = max(minutes["CPU-minutes"] for _, minutes in runs.values())
    passed = whole and longest <= study.most
    told = f"Of [the flags](../../apps/flags/{study.flagfile}.flags), one seed, not tuned."
    table = results.table(readings(study, runs, flags))
    body = "\n\n".join([told, table, *pictures(study, runs), study.seen])
    results.write_page_section(
        study.system,
        study.title,
        f"python -m tests.photograph_runs --studies={name} --jobs={flags.jobs}",
        ("" if passed else "FAILED\n\n") + body,
        f"all that is logged finite, at most {study.most} CPU-minutes",
        f"{'finite' if whole else 'not finite'}, longest {longest:.0f} CPU-minutes",
    )
    return passed


def main(flags):
    """Runs the studies, writes their sections; returns whether all were within their bounds."""
    chosen = {name: STUDIES[name] for name in flags.studies.split(",")}
    runs = [(study, words) for study in chosen.values() for words in study.rows.values()]
    with concurrent.futures.ThreadPoolExecutor(flags.jobs) as pool:
        list(pool.map(lambda run: trained(*run, flags), runs))
    return all([section(name, study, flags) for name, study in chosen.items()])


if __name__ == "__main__":
    data = os.environ.get("TFGAN_TEST_DATA", "../shared/data")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--studies", default=",".join(STUDIES), help="separated by commas")
    parser.add_argument("--jobs", type=int, default=1, help="runs at once, with a thread each")
    parser.add_argument("--runs", type=pathlib.Path, default="runs/photograph_runs")
    parser.add_argument("--data", type=pathlib.Path, default=data)
    sys.exit(not main(parser.parse_args()))
