"""SeqGAN on COCO's captions: BLEU and Self-BLEU by Texygen's protocol, of likelihood and the game.

    python -m tests.experiments.seqgan_coco

Runs the app with apps/flags/seqgan/coco.flags on the folder `texygen` of TFGAN_TEST_DATA, or goes
on with that run, and writes the table to docs/results/seqgan.md.
"""

import json
import os
import pathlib
import subprocess
import sys

from tests.experiments import results
from tfgan_apps import input_pipelines
from tfgan_apps.metrics import text

COMMAND = "python -m tests.experiments.seqgan_coco"
TITLE = "SeqGAN on COCO captions: BLEU against the test set, Self-BLEU"
COST = "hours"
DATA = pathlib.Path(os.environ.get("TFGAN_TEST_DATA", "../shared/data")) / "texygen"
TRAIN, TEST = DATA / "image_coco.txt", DATA / "testdata" / "test_coco.txt"
RUN = pathlib.Path("runs/seqgan_coco")
LIKELIHOOD_STEPS = 6240  # of the flagfile
METRICS = [f"{name}_{n}" for name in ("bleu", "self_bleu") for n in text.ORDERS]
PUBLISHED = {
    "MLE, Texygen": [0.731, 0.497, 0.305, 0.189, 0.916, 0.769, 0.583, 0.408],
    "SeqGAN, Texygen": [0.745, 0.498, 0.294, 0.180, 0.950, 0.840, 0.670, 0.489],
}


def main():
    """Trains and writes the section."""
    flags = ["--flagfile=apps/flags/seqgan/coco.flags", f"--dataset={TRAIN}", f"--test={TEST}"]
    subprocess.run([sys.executable, "-m", "apps.seqgan", *flags], check=True)
    epochs = [json.loads(line) for line in (RUN / "metrics.jsonl").open()]
    read = [epoch for epoch in epochs if "bleu_2" in epoch]
    likelihood = [epoch for epoch in read if epoch["step"] <= LIKELIHOOD_STEPS][-1]
    columns = [*METRICS, "distinct_2", "test_nll"]
    rows = {
        "real captions": real(),
        "likelihood": {name: likelihood[name] for name in columns},
        "SeqGAN": {name: read[-1][name] for name in columns},
        **{n: dict(zip(METRICS, values, strict=True)) for n, values in PUBLISHED.items()},
    }
    minutes = sum(epoch["seconds"] for epoch in epochs) / 60
    body = f"""
10,000 generated captions against the 10,000 of the test file; Self-BLEU each against all others.
`likelihood` is after {likelihood["step"]} updates, `SeqGAN` after {read[-1]["step"]} of both;
the epochs' seconds add up to {minutes:.0f} minutes, other work on the machine included.
Real captions are those of the training file. Texygen's networks and schedule are other ones.

{results.table(rows)}
"""
    bleu, self_bleu = (
        ", ".join(f"{rows['SeqGAN'][f'{name}_{n}']:.4g}" for n in text.ORDERS)
        for name in ("bleu", "self_bleu")
    )
    measured = f"BLEU-2 to 5 {bleu}; Self-BLEU {self_bleu}"
    results.write_section(TITLE, COMMAND, body, threshold="none", measured=measured)
    print(body)


def real():
    """Returns the metrics of the training captions."""
    options = {"lower": True, "separate_punctuation": True}
    data = input_pipelines.token_sequences(str(TRAIN), 37, test=str(TEST), **options)
    train, test = (text.sentences(data.tokens[split]) for split in ("train", "test"))
    return {**text.bleu(train, test), **text.self_bleu(train), **text.distinct(train, (2,))}


if __name__ == "__main__":
    sys.exit(main())
