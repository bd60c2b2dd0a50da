"""Trains an IRGAN on ratings, graded documents or questions and answers; evaluates and exports it.

Quickstart, a minute on a CPU and no download:
  python -m apps.irgan --flagfile=apps/flags/irgan/quickstart.flags

MovieLens-100k as the authors split it, from their start point:
  python -m apps.irgan --flagfile=apps/flags/irgan/movielens.flags --dataset=path/to/ml-100k \\
      --start=path/to/ml-100k/model_dns_ori.npz

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.

An epoch visits every query with a relevant candidate once. The model of the epoch that is best on
the validation part (--selection=test: on the test part, as the authors do) is evaluated and served.
"""

import dataclasses
import functools

from apps.command_line.app import App
from apps.command_line.signature_flags import define
from tfgan_apps.arguments import check_integers
from tfgan_apps.evaluations import rankings
from tfgan_apps.input_pipelines import rankings_of
from tfgan_apps.models import IRGAN
from tfgan_apps.models.irgan.games import GAMES, Game
from tfgan_apps.models.irgan.scorers import scorer_of
from tfgan_apps.models.irgan.start import check_draws, load_start


def turns_of(
    steps_per_epoch,
    pretraining_epochs: int = 0,
    discriminator_epochs: int = 100,
    generator_epochs: int = 50,
):
    """Returns the steps of the turns, as IRGAN takes them.

    Args:
        steps_per_epoch: int.
        pretraining_epochs: of pre-training, which comes first.
        discriminator_epochs: of the discriminator in a round.
        generator_epochs: of the generator in a round.
    """
    epochs = {
        "pretraining": pretraining_epochs,
        "discriminator": discriminator_epochs,
        "generator": generator_epochs,
    }
    for turn, number in epochs.items():
        check_integers(0, **{f"{turn}_epochs": number})
    return {f"{turn}_steps": number * steps_per_epoch for turn, number in epochs.items()}


def start_of(start: str | None = None):
    """Returns the file of the weights to start from, or None.

    Args:
        start: an .npz file whose arrays, in their order, are the weights to start from.
    """
    return start


def build(made, data):
    """Returns the model of the flags; the data give it its sizes, the task its game."""
    game = dataclasses.replace(GAMES[made.data.values()["task"]], **made.game.values())
    check_draws(data, game)
    text = {}
    if getattr(data, "vocabulary", None) is not None:
        text = {"vocabulary": data.vocabulary, "length": data.length}
    scorer, turns = made.scorer(data, game.pairwise), made.turns(data.steps_per_epoch)
    model = made.system(scorer=scorer, game=game, **turns, **text)
    if made.start():
        load_start(model, made.start())
    return model


APP = App(
    __name__,
    IRGAN,
    rankings_of,
    rankings.evaluation,
    monitor="selection_loss",
    parts={
        "game": functools.partial(define, Game, unset=True),
        "scorer": scorer_of,
        "turns": turns_of,
        "start": start_of,
    },
    build=build,
    defaults={"export_best": True},
    free=("top",),
)
run = APP.run

if __name__ == "__main__":
    run()
