"""CIFAR-10 by SAGAN and BigGAN of a CPU's size: quality over time, by class, and by truncation.

    python -m tests.cifar10_systems
    python -m tests.cifar10_systems --jobs=2

--data is the folder of cifar10_subset.npz (of train and test, x, y, and names, which are paths):
5,000 training images, 1,000 held out. Each run is that of the committed
apps/flags/<system>/cifar10_narrow.flags, in a process of its own; with --jobs above 1 each has one
thread. All that is measured, runs measure themselves or `apps.evaluate` does, in the features of a
classifier that is trained here on the same training images, flipped too. What is there already is
kept: the same command again makes what is missing, and writes docs/results/cifar10.md.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
from PIL import Image

from tests import apart
from tests.experiments import results
from tfgan_apps.metrics.features.classifier import classifier_features, train_classifier
from tfgan_apps.metrics.frechet_distance import frechet_distance

NAME, FLAGS, SAMPLES, EPOCHS, SEED = "cifar10-classifier", "cifar10_narrow", 5000, 12, 0
SYSTEMS = {"sagan": (0.0,), "biggan": (0.0, 2.0, 1.0, 0.5)}
"""system -> bounds of the latents that are measured; 0: none."""
COURSE = {
    "step": "step",
    "swd": "swd",
    f"frechet_distance[{NAME}]": "Frechet distance",
    f"class_accuracy[{NAME}]": "class accuracy",
    f"precision[{NAME}]": "precision",
    f"recall[{NAME}]": "recall",
}
"""What a run measures -> column."""
END = {
    "class_accuracy": "class accuracy",
    "precision": "precision",
    "recall": "recall",
    "coverage": "coverage",
    "frechet_distance": "Frechet distance",
    "kernel_distance": "kernel distance",
}
"""What `apps.evaluate` measures -> column."""
SEEN = {
    "sagan": """
A row keeps its outline and most of its colours; the class gives ground and texture: planes and
ships are slim on blue or grey, cars and trucks square and full of edges, frogs mottled. Some ships,
planes, cars and trucks can be read, animals are parts that do not hold together. Up to epoch 12 the
average still held much of the weights that training began with, as the distances say.""",
    "biggan": """
A row keeps its outline, the class changes the ground and what stands on it: hulls and wings on blue
or grey, cabins and red for cars and trucks, brown and white bodies on green or dark ground for
animals, speckles for frogs. Single ships, planes, cars and birds can be read, most things have no
name.""",
}
"""system -> what its sheet shows, by eye."""
MOST = 80  # CPU-minutes: 40 minutes of 2 cores
ABOUT = """
The classifier has {accuracy:.1%} of the held-out images right. Frechet distances in its features
are not to be called FID; training images are {floor:.3g} from the held-out ones. Tables by epoch
are of {few:,} images, as the run itself evaluates; the others of {many:,}, by `apps.evaluate`,
against the held-out ones. One seed. The flags were written before the first run and not tuned;
only their epochs were cut, to keep within the time."""


def arrays(folder):
    """Returns dict of the arrays of cifar10_subset.npz."""
    with np.load(f"{folder}/cifar10_subset.npz") as file:
        return dict(file)


def write_folders(folder, data):
    """Writes PNG files into <folder>/<split>/<class>, where they are not there."""
    for split in ("train", "test"):
        for name, image in zip(data[f"names_{split}"], data[f"x_{split}"], strict=True):
            path = folder / str(name)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(image).save(path)


def classifier(path, data):
    """Returns the classifier's network; trains it, on images and their mirror images, if absent."""
    if not path.exists():
        images = np.concatenate([data["x_train"], data["x_train"][:, :, ::-1]])
        labels = np.tile(np.int64(data["y_train"]), 2)
        train_classifier(images, labels, NAME, EPOCHS).save(path)
    return classifier_features(str(path))


def trained(system, flags):
    """Returns the directory of a system's run, trained if it is not, and the minutes it took."""
    words = f"--dataset={flags.runs / 'images'}", f"--evaluation_features={flags.classifier}"
    own = apart.flagfile(system, FLAGS)
    return apart.trained(flags.runs, own, SEED, int(flags.jobs > 1), *words)


def course(directory):
    """Returns dict, `epoch N` -> what the run measured then."""
    lines = map(json.loads, (directory / "metrics.jsonl").read_text().splitlines())
    return {
        f"epoch {line['epoch']}": {column: line[name] for name, column in COURSE.items()}
        for line in lines
        if f"class_accuracy[{NAME}]" in line
    }


def evaluated(directory, bound, flags):
    """Returns what a run draws with latents within a bound: (metric, of which class) -> value."""
    path = directory.with_name(f"{directory.name}_{bound:g}.json")
    if not path.exists():
        words = f"--run_dir={directory}", f"--real={flags.runs / 'images' / 'test'}"
        words += f"--features={flags.classifier}", f"--samples={SAMPLES}", f"--output={path}"
        bounded = [f"--truncation={bound}"] if bound else []
        command = [sys.executable, "-m", "apps.evaluate", *words, *bounded]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    found = {}
    for each in json.loads(path.read_text()):
        metric, options = each["protocol"]["metric"], each["protocol"]["options"]
        of_class = options.split(":")[0].removeprefix("of ") if ": " in options else None
        found[metric.split("[")[0], of_class] = each["value"]
    return found


def write_sheet(system, directory):
    """Writes docs/results/cifar10_<system>.png: each class by eight seeds."""
    folder = directory.with_name(f"{directory.name}_sheet")
    words = f"--run_dir={directory}", "--seeds=1,2,3,4,5,6,7,8", f"--output={folder}"
    classes = f"--labels={','.join(map(str, range(10)))}"
    command = [sys.executable, "-m", "apps.generate", *words, classes]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    results.write_picture(folder / "sheet.png", f"cifar10_{system}.png", colours=256)


def section(system, directory, minutes, flags):
    """Returns a system's part of the page, and its class accuracy."""
    found = {bound: evaluated(directory, bound, flags) for bound in SYSTEMS[system]}
    bounds = {
        f"latents within {bound:g}" if bound else "all latents": {
            column: values[name, None] for name, column in END.items()
        }
        for bound, values in found.items()
    }
    shares = {
        of_class: {"class accuracy": value}
        for (name, of_class), value in found[0.0].items()
        if name == "class_accuracy" and of_class
    }
    tables = [results.table(rows) for rows in (bounds, course(directory), shares)]
    text = f"""### {system}

{minutes["CPU-minutes"]:.0f} CPU-minutes, [the flags](../../apps/flags/{system}/{FLAGS}.flags).

![{system}, a column for each class](cifar10_{system}.png)
{SEEN[system]}"""
    return "\n\n".join([text, *tables]), found[0.0]["class_accuracy", None]


def main(flags):
    """Runs, measures, writes the page; returns whether all was within its bounds."""
    flags.runs.mkdir(parents=True, exist_ok=True)
    data = arrays(flags.data)
    write_folders(flags.runs / "images", data)
    network = classifier(flags.classifier, data)
    found = {split: network(data[f"x_{split}"]) for split in ("train", "test")}
    accuracy = (found["test"]["logits"].argmax(1) == data["y_test"]).mean()
    floor = frechet_distance(*(found[split]["features"] for split in ("test", "train")))
    with concurrent.futures.ThreadPoolExecutor(flags.jobs) as pool:
        runs = dict(zip(SYSTEMS, pool.map(lambda s: trained(s, flags), SYSTEMS), strict=True))
    for system, (directory, _) in runs.items():
        write_sheet(system, directory)
    parts = {system: section(system, *run, flags) for system, run in runs.items()}
    told = {"accuracy": accuracy, "floor": floor, "few": len(data["x_test"]), "many": SAMPLES}
    longest = max(minutes["CPU-minutes"] for _, minutes in runs.values())
    least = min(share for _, share in parts.values())
    passed = longest <= MOST and least > 0.1
    body = "\n\n".join([ABOUT.format(**told).strip(), *(text for text, _ in parts.values())])
    results.write_page_section(
        "cifar10",
        "CIFAR-10 by systems of classes",
        f"python -m tests.cifar10_systems --jobs={flags.jobs}",
        ("" if passed else "FAILED\n\n") + body,
        f"at most {MOST} CPU-minutes (40 of 2 cores); class accuracy above chance, 0.1",
        f"longest {longest:.0f} CPU-minutes; "
        + ", ".join(f"{system} {share:.3f}" for system, (_, share) in parts.items()),
    )
    return passed


if __name__ == "__main__":
    data = os.path.join(os.environ.get("TFGAN_TEST_DATA", "../shared/data"), "cifar10")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=1, help="runs at once, with a thread each")
    parser.add_argument("--runs", type=pathlib.Path, default="runs/cifar10_systems")
    parser.add_argument("--classifier", type=pathlib.Path, default=f"{NAME}.keras")
    parser.add_argument("--data", default=data)
    sys.exit(not main(parser.parse_args()))
