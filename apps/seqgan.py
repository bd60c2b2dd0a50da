"""Trains a SeqGAN on text, on token ids or on an oracle; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.seqgan --flagfile=apps/flags/seqgan/quickstart.flags

A file of your own, one sequence a line, by words or by characters:
  python -m apps.seqgan --dataset=poems.txt --level=characters --length=24 --batch_size=64 \\
      --run_dir=runs/poems

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

import math

from apps.command_line.app import App
from tfgan_apps.arguments import check_integers
from tfgan_apps.evaluations import sequences as evaluations
from tfgan_apps.models import SeqGAN
from tfgan_apps.models.seqgan.data import sequences
from tfgan_apps.models.seqgan.schedule import Schedule


def rounds_of(rounds: int = 200):
    """Returns the rounds of a run.

    Args:
        rounds: in which both players take turns, after pre-training; the last goes on to the end of
            its epoch.
    """
    check_integers(0, rounds=rounds)
    return rounds


def build(made, data):
    """Returns the model of the flags, for the vocabulary of the data."""
    found = {"vocabulary": data.vocabulary, "vocabulary_size": data.vocabulary_size}
    return made.system(schedule=made.schedule(), **found)


def prepare(job):
    """Gives the run the epochs that follow from the schedule."""
    steps = job.made.schedule().steps(job.made.rounds())
    epochs = math.ceil(steps / job.data.steps_per_epoch)
    return APP.of_epochs(job, epochs, "they follow from --rounds and the other steps")


APP = App(
    __name__,
    SeqGAN,
    sequences,
    evaluations.evaluation,
    parts={"schedule": Schedule, "rounds": rounds_of},
    build=build,
    prepare=prepare,
    free=("temperature", "top_k"),
)
run = APP.run

if __name__ == "__main__":
    run()
