"""Text to image from end to end: sentences about shapes that no image in training ever showed.

    python -m tests.experiments.text_to_image_shapes

Runs the app with apps/flags/text_to_image/quickstart.flags, or goes on with that run, and writes
the table to docs/results/text_to_image.md and the last sample sheet to docs. Of the images that are
generated for held-out captions, whose combinations of attributes training has not, at least 0.9
must have the right colour, and 0.8 the right shape and the right position.
"""

import json
import pathlib
import shutil
import subprocess
import sys

from tests.experiments import results

COMMAND = "python -m tests.experiments.text_to_image_shapes"
TITLE = "Text to image: GAN-CLS on procedural shapes, held-out combinations of attributes"
COST = "minutes"
DATA = None
RUN = pathlib.Path("runs/text_to_image_quickstart")
SHEET = pathlib.Path("docs/text_to_image_shapes.png")
THRESHOLDS = {"color": 0.9, "kind": 0.8, "position": 0.8}
ATTRIBUTES = ("kind", "color", "size", "position")


def main():
    """Trains, writes the section and the sheet, and tells whether a threshold is missed."""
    flagfile = "--flagfile=apps/flags/text_to_image/quickstart.flags"
    subprocess.run([sys.executable, "-m", "apps.text_to_image", flagfile], check=True)
    found = json.loads((RUN / "evaluation.json").read_text())
    epochs = [json.loads(line) for line in (RUN / "metrics.jsonl").open()]
    encoder = [json.loads(line) for line in (RUN / "caption_encoder" / "metrics.jsonl").open()]
    read = [epoch for epoch in epochs if "kind" in epoch]
    curve = {f"epoch {e['epoch']}": {name: e[name] for name in ATTRIBUTES} for e in read}
    retrieval = {"caption encoder": {n: v for n, v in encoder[-1].items() if "text_to_image" in n}}
    minutes = [sum(epoch["seconds"] for epoch in stage) / 60 for stage in (encoder, epochs)]
    trained = found["last"]
    missed = [name for name, least in THRESHOLDS.items() if trained[name] < least]
    verdict = f"FAILED: {', '.join(missed)}" if missed else "Passed"
    body = f"""
Shares of images, drawn for one caption of each of the held-out images, whose attributes, as
the renderer's inverse reads them, are those that the caption names. The two stages' epochs took
{minutes[0]:.1f} and {minutes[1]:.1f} minutes, other work on the machine included.

{results.table(found)}

As it learned:

{results.table(curve)}

The first stage, held-out captions that find their image among the held-out ones:

{results.table(retrieval)}

{verdict}: colour at least 0.9, kind and position at least 0.8.
"""
    results.write_section(
        TITLE,
        COMMAND,
        body,
        threshold="held-out captions drawn right: colour at least 0.9, kind and position at least "
        "0.8",
        measured=", ".join(f"{trained[name]:.4g}" for name in THRESHOLDS),
    )
    shutil.copy(sorted((RUN / "samples").glob("*.png"))[-1], SHEET)
    print(body)
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
