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

import keras
import numpy as np
from absl import app, flags

from apps.command_line import run_flags
from tfgan_apps import input_pipelines, training
from tfgan_apps.checkpoints import Checkpoints
from tfgan_apps.metrics.ranking import RankingMetrics
from tfgan_apps.models import IRGAN
from tfgan_apps.models.irgan.games import GAMES, LOSSES, REWARDS

flags.adopt_module_key_flags(run_flags)
TASK = flags.DEFINE_enum("task", "item_recommendation", sorted(GAMES), "The authors' game.")
RELEVANT_FROM = flags.DEFINE_float(
    "relevant_from", None, "Smallest rating (4 if unset) or grade (1) of what is relevant."
)
ITEMS = flags.DEFINE_integer("items", None, "More items than the ratings name.", 1)
FEATURES = flags.DEFINE_integer("features", None, "More features than the documents have.", 1)
LENGTH = flags.DEFINE_integer("length", 200, "Tokens of a question and of an answer.", 5)
POOL = flags.DEFINE_integer("pool", 100, "Answers among which a right one stands.", 2)
VALIDATION = flags.DEFINE_float(
    "validation", 0.1, "Share of what is relevant in training that is held out.", 0.0, 0.9
)
SELECTION = flags.DEFINE_enum(
    "selection", "validation", ["validation", "test"], "The part that chooses the best epoch."
)
START = flags.DEFINE_string(
    "start", None, "An .npz file whose arrays, in their order, are the weights to start from."
)
DIMENSIONS = flags.DEFINE_integer("dimensions", 5, "Of users' and items' embeddings.", 1)
HIDDEN = flags.DEFINE_integer("hidden", 46, "Units of the scorer of features.", 1)
OUTPUT_BIAS = flags.DEFINE_bool("output_bias", None, "Of it; unset: in pointwise games.")
EMBEDDING = flags.DEFINE_integer("embedding", 100, "Of a token.", 1)
FILTERS = flags.DEFINE_integer("filters", 500, "Of each window of tokens.", 1)
PRETRAINING_EPOCHS = flags.DEFINE_integer("pretraining_epochs", 0, "That come first.", 0)
DISCRIMINATOR_EPOCHS = flags.DEFINE_integer("discriminator_epochs", 100, "Of a round.", 0)
GENERATOR_EPOCHS = flags.DEFINE_integer("generator_epochs", 50, "Of a round.", 0)
OPTIMIZER = flags.DEFINE_enum("optimizer", "sgd", ["sgd", "adam"], "Of both players.")
PRETRAINING_OPTIMIZER = flags.DEFINE_enum("pretraining_optimizer", "sgd", ["sgd", "adam"], "Of it.")
PRETRAINING_RATE = flags.DEFINE_float("pretraining_rate", 0.05, "Of a sum over pairs.", 0.0)
DISCRIMINATOR_RATE = flags.DEFINE_float(
    "discriminator_rate", 0.001, "Of a sum over examples or pairs.", 0.0
)
GENERATOR_RATE = flags.DEFINE_float("generator_rate", 0.001, "Of a sum over queries.", 0.0)
TOP = flags.DEFINE_integer("top", 10, "Ranked candidates of a served ranking.", 1)
RULES = {
    "loss": flags.DEFINE_enum("loss", None, LOSSES, "Of the discriminator."),
    "reward": flags.DEFINE_enum("reward", None, REWARDS, "Of the generator."),
    "margin": flags.DEFINE_float("margin", None, "Of the hinge and its reward."),
    "temperature": flags.DEFINE_float("temperature", None, "Of the likelihood.", 1e-6),
    "proposal_temperature": flags.DEFINE_float(
        "proposal_temperature", None, "Of the generator's samples.", 1e-6
    ),
    "negatives_temperature": flags.DEFINE_float(
        "negatives_temperature", None, "Of the discriminator's negatives.", 1e-6
    ),
    "samples": flags.DEFINE_integer("samples_per_relevant", None, "Of the generator.", 1),
    "negatives": flags.DEFINE_integer("negatives", None, "Per relevant candidate.", 1),
    "replacement": flags.DEFINE_bool("replacement", None, "A candidate can be drawn twice."),
    "proposal_relevant": flags.DEFINE_float(
        "proposal_relevant", None, "Share of samples drawn from the relevant ones.", 0.0, 0.99
    ),
    "importance_weights": flags.DEFINE_bool("importance_weights", None, "Samples count p / p_n."),
    "negatives_may_be_relevant": flags.DEFINE_bool(
        "negatives_may_be_relevant", None, "They are drawn from all."
    ),
    "expected": flags.DEFINE_bool(
        "expected", None, "Nothing is drawn: candidates count as often as drawn on average."
    ),
    "generator_penalty": flags.DEFINE_float("generator_penalty", None, "Per query.", 0.0),
    "discriminator_penalty": flags.DEFINE_float(
        "discriminator_penalty", None, "Per example or pair.", 0.0
    ),
    "discriminator_clip": flags.DEFINE_float(
        "discriminator_clip", None, "Largest element of its gradient.", 0.0
    ),
    "pretraining_penalty": flags.DEFINE_float("pretraining_penalty", None, "Per pair.", 0.0),
    "dynamic_negatives": flags.DEFINE_integer(
        "dynamic_negatives", None, "Drawn for a pair of pre-training, which has the best.", 1
    ),
    "common_start": flags.DEFINE_bool("common_start", None, "Both players begin alike."),
    "generator_first": flags.DEFINE_bool("generator_first", None, "It has the first turn."),
    "reported": flags.DEFINE_enum("reported", None, ["generator", "discriminator"], "Who ranks."),
}
"""Options of a `Game`; what is unset is the task's."""


def make_data():
    """Opens the data of the flags."""
    dataset = run_flags.DATASET.value
    shared = {"batch_size": run_flags.BATCH_SIZE.value, "seed": run_flags.SEED.value}
    shared["validation"] = VALIDATION.value
    if TASK.value == "question_answering":
        return input_pipelines.question_answers(
            dataset, length=LENGTH.value, pool=POOL.value, **shared
        )
    relevant = {} if RELEVANT_FROM.value is None else {"relevant_from": RELEVANT_FROM.value}
    if TASK.value == "item_recommendation":
        return input_pipelines.rated_items(dataset, items=ITEMS.value, **relevant, **shared)
    return input_pipelines.graded_documents(dataset, features=FEATURES.value, **relevant, **shared)


def make_game():
    """Returns the `Game` of the flags."""
    given = {name: flag.value for name, flag in RULES.items() if flag.value is not None}
    return dataclasses.replace(GAMES[TASK.value], **given)


def make_scorer(data, game):
    """Returns the kind and the sizes of the scorers.

    Args:
        data: from `make_data`.
        game: `Game`.
    """
    if TASK.value == "question_answering":
        sizes = {"vocabulary": len(data.vocabulary), "embedding": EMBEDDING.value}
        return {"kind": "tokens", **sizes, "filters": FILTERS.value}
    if TASK.value == "item_recommendation":
        queries, candidates = data.valid.shape
        sizes = {"queries": queries, "candidates": candidates, "dimensions": DIMENSIONS.value}
        return {"kind": "factorization", **sizes}
    bias = not game.pairwise if OUTPUT_BIAS.value is None else OUTPUT_BIAS.value
    sizes = {"features": data.inputs["features"].shape[-1], "hidden": HIDDEN.value}
    return {"kind": "features", **sizes, "output_bias": bias}


def build_model(steps_per_epoch):
    """Returns the compiled IRGAN of the flags; the data give it its sizes."""
    return make_model(make_data(), steps_per_epoch)


def make_model(data, steps_per_epoch=None):
    """Returns the compiled IRGAN of the flags, with the weights of --start.

    Args:
        data: from `make_data`.
        steps_per_epoch: int. Defaults to that of the data.
    """
    game = make_game()
    check_draws(data, game)
    steps = steps_per_epoch or data.steps_per_epoch
    text = {}
    if TASK.value == "question_answering":
        text = {"vocabulary": data.vocabulary, "length": data.length}
    model = IRGAN(
        make_scorer(data, game),
        game,
        PRETRAINING_EPOCHS.value * steps,
        DISCRIMINATOR_EPOCHS.value * steps,
        GENERATOR_EPOCHS.value * steps,
        top=TOP.value,
        seed=run_flags.SEED.value,
        **text,
    )
    if START.value:
        load_start(model, START.value)
    kinds = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
    optimizers = {
        "pretraining_optimizer": kinds[PRETRAINING_OPTIMIZER.value](PRETRAINING_RATE.value),
        "discriminator_optimizer": kinds[OPTIMIZER.value](DISCRIMINATOR_RATE.value),
        "generator_optimizer": kinds[OPTIMIZER.value](GENERATOR_RATE.value),
    }
    if not PRETRAINING_EPOCHS.value:
        del optimizers["pretraining_optimizer"]
    model.compile(jit_compile=run_flags.jit_compile(), **optimizers)
    return model


def check_draws(data, game):
    """Raises `ValueError` when a game draws more different candidates than a query has.

    Args:
        data: from `make_data`.
        game: `Game`.
    """
    drawn = data.most_relevant * max(game.samples, game.negatives)
    if not game.replacement and drawn > data.candidates:
        raise ValueError(
            f"pool, the candidates of a query, must be at least {drawn} to draw so many without "
            f"replacement. Received: {data.candidates}"
        )


def load_start(model, path):
    """Gives the generator, and with a common start the discriminator too, the weights of a file.

    Args:
        model: `IRGAN`.
        path: str, an .npz file.

    Raises:
        ValueError: the file cannot be read, or its arrays are not the network's weights.
    """
    try:
        with np.load(path) as file:
            arrays = [file[name] for name in file.files]
    except OSError as error:
        raise ValueError(f"start must be an .npz file. Received: {path} ({error})") from error
    expected = [tuple(weight.shape) for weight in model.generator.weights]
    if [array.shape for array in arrays] != expected:
        raise ValueError(
            f"start must hold arrays of the shapes {expected}. "
            f"Received: {[array.shape for array in arrays]} in {path}"
        )
    model.generator.set_weights(arrays)
    if model.game.common_start:
        model.discriminator.set_weights(arrays)


def cutoffs():
    """Returns the k of P@k and NDCG@k; the first is what chooses the best epoch."""
    return (1, 3, 5) if TASK.value == "question_answering" else (5, 3, 10)


def measure(model, data, split):
    """Returns the metrics of the reported ranking on a held-out part: name -> float.

    Args:
        model: `IRGAN`.
        data: from `make_data`.
        split: `"validation"` or `"test"`.
    """
    metrics = RankingMetrics(sorted(cutoffs()))
    for batch in data.held_out(split, 4 if TASK.value == "question_answering" else 256):
        metrics.add(model(batch), batch["relevant"], batch["valid"])
    return metrics.result()


def evaluation(model, data):
    """Returns a function without arguments that measures `model` as training goes on.

    `selection_loss` is smallest for the best epoch: -P@k, and at equal P@k by NDCG@k. The function
    raises `ValueError` where no query has k candidates.
    """
    splits = ["validation", "test"] if VALIDATION.value else ["test"]

    def measured():
        found = {split: measure(model, data, split) for split in splits}
        k, chosen = cutoffs()[0], found[SELECTION.value]
        if np.isnan(chosen[f"p@{k}"]):
            raise ValueError(
                f"selection must be of a part where a query has at least {k} candidates. "
                f"Received: selection={SELECTION.value}"
            )
        named = {f"{split}_{n}": value for split in splits for n, value in found[split].items()}
        return {**named, "selection_loss": -chosen[f"p@{k}"] - 1e-6 * chosen[f"ndcg@{k}"]}

    return measured


def main(argv):
    """Trains, or resumes, and prints the test metrics of the start, the last and the best epoch."""
    if len(argv) > 1:
        raise app.UsageError(f"flags are expected, not words. Received: {argv[1:]}")
    if SELECTION.value == "validation" and not VALIDATION.value:
        raise ValueError(
            "validation must be more than 0 with --selection=validation. Received: validation=0.0"
        )
    strategy = run_flags.make_strategy()
    data = make_data()
    options = run_flags.options(__name__, monitor="selection_loss")
    build = functools.partial(make_model, data)
    if run_flags.DRY_RUN.value:
        model = training.build(build, options, strategy)
        print(run_flags.describe(model, data, __name__))
        return
    # Not the last epoch's model is served, but the best one's.
    trained = training.run(
        build,
        data,
        dataclasses.replace(options, saved_model=None),
        strategy,
        functools.partial(evaluation, data=data),
    )
    if training.is_chief(strategy):
        start, best = training.build(build, options), training.build(build, options)
        Checkpoints(options.path("checkpoints")).load(best, "best")
        models = {"start": start, "last epoch": trained, "best epoch": best}
        run_flags.report({n: measure(m, data, "test") for n, m in models.items()}, options)
        if options.saved_model:
            training.export_once(best, options)


def run():
    """Starts the app."""
    run_flags.start(main)


if __name__ == "__main__":
    run()
