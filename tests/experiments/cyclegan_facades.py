"""CycleGAN on real pictures: facades and their label maps, unpaired, about an hour on 2 CPU cores.

  python -m tests.experiments.cyclegan_facades

Runs the app with apps/flags/cyclegan/facades.flags on the folder `facades` of TFGAN_TEST_DATA, or
goes on with that run, and writes its losses and held-out distances to docs/results/cyclegan.md.
"""

import json
import os
import pathlib
import subprocess
import sys

from tests.experiments import results

COST = "hours"
DATA = pathlib.Path(os.environ.get("TFGAN_TEST_DATA", "../shared/data")) / "facades"
RUN = pathlib.Path("runs/facades")
LOSSES = ("generator_loss", "discriminator_loss", "adversarial_x", "adversarial_y")
LOSSES += ("cycle_x", "cycle_y", "identity_x", "identity_y")
HELD_OUT = ("x_to_y/swd", "y_to_x/swd", "x_to_y/error", "y_to_x/error", "cycle_error")


def main():
    flagfile = "--flagfile=apps/flags/cyclegan/facades.flags"
    command = [sys.executable, "-m", "apps.cyclegan", flagfile, f"--dataset={DATA}"]
    subprocess.run(command, check=True)
    epochs = [json.loads(line) for line in (RUN / "metrics.jsonl").open()]
    losses = {f"epoch {e['epoch']}": {name: e[name] for name in LOSSES} for e in epochs}
    evaluation = json.loads((RUN / "evaluation.json").read_text())
    held_out = {row: {n: values[n] for n in HELD_OUT} for row, values in evaluation.items()}
    minutes = sum(epoch["seconds"] for epoch in epochs) / 60
    body = f"""
x: photographs, y: label maps. {epochs[-1]["step"]} steps; the epochs' seconds add up to
{minutes:.0f} minutes, other work on the machine included; what was trained of an epoch before a
stop is not. On the 100 test pictures (`swd`: sliced Wasserstein distance of translated to real
test pictures over Laplacian patches, x 1000; `error`: mean absolute difference to the true
counterpart, which the game never saw):

{results.table(held_out)}

Losses, means over each epoch:

{results.table(losses)}
"""
    swd = {
        row: f"{held_out[row]['x_to_y/swd']:.4g} and {held_out[row]['y_to_x/swd']:.4g}"
        for row in ("last", "identity")
    }
    results.write_section(
        "CycleGAN on facades",
        "python -m tests.experiments.cyclegan_facades",
        body,
        threshold="none",
        measured=f"swd {swd['last']}, untouched pictures {swd['identity']}",
    )


if __name__ == "__main__":
    main()
