"""SeqGAN on the published oracle: likelihood to its plateau, then at least 0.2 nats below it.

    python -m tests.experiments.seqgan_oracle

Runs the app with apps/flags/seqgan/oracle.flags on the folder `seqgan` of TFGAN_TEST_DATA, or goes
on with that run, and writes the curve to docs/results/seqgan.md. Fails unless likelihood ends at
9.15 or below, and the game takes the oracle's NLL at least 0.2 below that.
"""

import json
import os
import pathlib
import subprocess
import sys

from tests.experiments import results

COMMAND = "python -m tests.experiments.seqgan_oracle"
TITLE = "SeqGAN on the published oracle (8.736 nats per token in the paper, likelihood 9.038)"
COST = "hours"
DATA = pathlib.Path(os.environ.get("TFGAN_TEST_DATA", "../shared/data")) / "seqgan"
RUN = pathlib.Path("runs/seqgan_oracle")
COLUMNS = ("oracle_nll", "test_nll", "distinct_1", "distinct_2", "reward")


def main():
    """Trains, writes the section, and tells whether a threshold is missed."""
    flags = [
        "--flagfile=apps/flags/seqgan/oracle.flags",
        f"--dataset={DATA / 'real_data.txt'}",
        f"--oracle={DATA / 'target_params.npz'}",
    ]
    subprocess.run([sys.executable, "-m", "apps.seqgan", *flags], check=True)
    epochs = [json.loads(line) for line in (RUN / "metrics.jsonl").open()]
    read = [epoch for epoch in epochs if "oracle_nll" in epoch]
    last_step = int(flag("likelihood_steps"))
    plateau = [epoch["oracle_nll"] for epoch in read if epoch["step"] <= last_step][-1]
    last = read[-1]["oracle_nll"]
    curve = {f"step {e['step']}": {n: e[n] for n in COLUMNS if n in e} for e in read}
    verdict = "Passed" if plateau <= 9.15 and plateau - last >= 0.2 else "FAILED"
    minutes = sum(epoch["seconds"] for epoch in epochs) / 60
    body = f"""
Nats per token. The oracle's NLL is of {flag("evaluation_samples")} generated sequences; test_nll is
the generator's, of held-out sequences of the oracle. {epochs[-1]["step"]} updates; the epochs'
seconds add up to {minutes:.0f} minutes, other work on the machine included.

{results.table(curve)}

{verdict}: likelihood ends at {plateau:.3f} (at most 9.15), the game at {last:.3f},
{plateau - last:.3f} lower (at least 0.2).
"""
    results.write_section(
        TITLE,
        COMMAND,
        body,
        threshold="oracle's NLL: likelihood at most 9.15, the game at least 0.2 lower",
        measured=f"{plateau:.3f}, {plateau - last:.3f} lower",
    )
    print(body)
    return verdict != "Passed"


def flag(name):
    """Returns the value of a flag of the run."""
    lines = (RUN / "flags.txt").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"--{name}="))
    return line.partition("=")[2]


if __name__ == "__main__":
    sys.exit(main())
