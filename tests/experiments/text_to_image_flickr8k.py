"""Text to image on real photographs: the whole way, and whether held-out captions find their image.

    python -m tests.experiments.text_to_image_flickr8k

Runs the app with apps/flags/text_to_image/flickr8k.flags on the folder `flickr8k_1000` of
TFGAN_TEST_DATA, or goes on with that run, and writes docs/results/text_to_image.md. One of the
five captions of each image is held out; its embedding must rank that image among the first 10 of
all at least 10 times as often as chance does.
"""

import json
import os
import pathlib
import subprocess
import sys

from tests.experiments import results

COMMAND = "python -m tests.experiments.text_to_image_flickr8k"
TITLE = "Text to image on 1,000 photographs of Flickr8k"
COST = "hours"
DATA = pathlib.Path(os.environ.get("TFGAN_TEST_DATA", "../shared/data")) / "flickr8k_1000"
RUN = pathlib.Path("runs/text_to_image_flickr8k")
IMAGES = 1000


def main():
    """Trains, writes the section, and tells whether the threshold is missed."""
    flags = ["--flagfile=apps/flags/text_to_image/flickr8k.flags", f"--dataset={DATA}"]
    subprocess.run([sys.executable, "-m", "apps.text_to_image", *flags], check=True)
    epochs = [json.loads(line) for line in (RUN / "metrics.jsonl").open()]
    encoder = [json.loads(line) for line in (RUN / "caption_encoder" / "metrics.jsonl").open()]
    read = [epoch for epoch in encoder if "test_text_to_image_r@10" in epoch]
    names = [name for name in read[-1] if name.startswith("test_text_to_image")]
    curve = {f"epoch {e['epoch']}": {name: e[name] for name in names} for e in read}
    minutes = [sum(epoch["seconds"] for epoch in stage) / 60 for stage in (encoder, epochs)]
    times = read[-1]["test_text_to_image_r@10"] / (10 / IMAGES)
    verdict = "Passed" if times >= 10 else "FAILED"
    losses = {name: v for name, v in epochs[-1].items() if name not in ("epoch", "step")}
    body = f"""
The caption encoder: where each of the 1,000 held-out captions, one of every image, ranks its own
image among the 1,000.

{results.table(curve)}

{verdict}: R@10 is {times:.1f} times that of chance (at least 10).

The GAN after it: {epochs[-1]["step"]} steps of batch 64 at 64 px. The stages' epochs took
{minutes[0]:.1f} and {minutes[1]:.1f} minutes, other work on the machine included:

{results.table({"last epoch": losses})}
"""
    results.write_section(
        TITLE,
        COMMAND,
        body,
        threshold="R@10 of held-out captions at least 10 times that of chance",
        measured=f"{times:.1f} times",
    )
    print(body)
    return verdict != "Passed"


if __name__ == "__main__":
    sys.exit(main())
