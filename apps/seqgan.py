"""Trains a SeqGAN on text, on token ids or on an oracle; samples, evaluates and exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.seqgan --flagfile=apps/flags/seqgan/quickstart.flags

A file of your own, one sequence a line, by words or by characters:
  python -m apps.seqgan --dataset=poems.txt --level=characters --length=24 --batch_size=64 \\
      --run_dir=runs/poems

The same command again resumes where the last checkpoint stands. A later flag wins over an earlier
one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

import functools
import math

import keras
import tensorflow as tf
from absl import app, flags

from apps.command_line import run_flags
from tfgan_apps import input_pipelines, training
from tfgan_apps.datasets import grammar
from tfgan_apps.input_pipelines.token_sequences import LEVELS, TokenSequences
from tfgan_apps.metrics import text as text_metrics
from tfgan_apps.models import Oracle, SeqGAN
from tfgan_apps.models.seqgan.schedule import Schedule

flags.adopt_module_key_flags(run_flags)
LEVEL = flags.DEFINE_enum("level", "words", LEVELS, "What a line of the file is made of.")
LENGTH = flags.DEFINE_integer("length", 20, "Tokens of a sequence.", 2)
TEST = flags.DEFINE_string("test", None, "A second file, held out.")
TEST_FRACTION = flags.DEFINE_float("test_fraction", 0.0, "Of the lines, held out.", 0.0, 0.99)
TRUNCATE = flags.DEFINE_bool("truncate", False, "Lines that are too long are cut, not refused.")
LOWER = flags.DEFINE_bool("lower", False, "Text is turned to lower case.")
SEPARATE_PUNCTUATION = flags.DEFINE_bool(
    "separate_punctuation", False, "Marks and symbols are words of their own."
)
MIN_COUNT = flags.DEFINE_integer("min_count", 1, "Rarer words become the unknown word.", 1)
MAX_WORDS = flags.DEFINE_integer("max_words", None, "So many are kept, the most frequent.", 1)
ORACLE = flags.DEFINE_string(
    "oracle",
    None,
    "Judges the samples of a run on ids: a file of the published arrays, or 'random' for one drawn "
    "by the seed. With --dataset=oracle the sequences are its own.",
)
ORACLE_SEQUENCES = flags.DEFINE_integer("oracle_sequences", 10_000, "With --dataset=oracle.", 1)
EMBEDDING = flags.DEFINE_integer("embedding", 32, "Of the generator.", 1)
HIDDEN = flags.DEFINE_integer("hidden", 32, "Of the generator's LSTM.", 1)
DISCRIMINATOR_EMBEDDING = flags.DEFINE_integer("discriminator_embedding", 64, "", 1)
WINDOWS = flags.DEFINE_string(
    "windows",
    None,
    "Of the discriminator, as 2:100,3:200 for tokens:filters; the authors' if unset.",
)
DROPOUT = flags.DEFINE_float("dropout", 0.25, "Of the discriminator.", 0.0, 0.99)
WEIGHT_DECAY = flags.DEFINE_float("weight_decay", 0.2, "Of the discriminator's last layer.", 0.0)
ROLLOUTS = flags.DEFINE_integer("rollouts", 16, "Continuations of each beginning.", 1)
ROLLOUT_RATE = flags.DEFINE_float(
    "rollout_rate", None, "How much of a delayed roll-out policy stays; unset: not delayed.", 0, 1
)
NEGATIVES = flags.DEFINE_integer("negatives", 9984, "Generated sequences kept for training.", 1)
LIKELIHOOD_STEPS = flags.DEFINE_integer("likelihood_steps", 18_720, "Of the generator.", 0)
PRETRAINING_STEPS = flags.DEFINE_integer("pretraining_steps", 46_800, "Of the discriminator.", 0)
ROUNDS = flags.DEFINE_integer(
    "rounds", 200, "In which both take turns; the last goes on to the end of its epoch.", 0
)
GENERATOR_STEPS = flags.DEFINE_integer("generator_steps", 1, "In a round.", 0)
DISCRIMINATOR_STEPS = flags.DEFINE_integer("discriminator_steps", 4680, "In a round.", 0)
FRESH_STEPS = flags.DEFINE_integer("fresh_steps", 936, "Between fresh negatives.", 1)
LIKELIHOOD_RATE = flags.DEFINE_float("likelihood_learning_rate", 0.01, "", 0.0)
DISCRIMINATOR_RATE = flags.DEFINE_float("discriminator_learning_rate", 1e-4, "", 0.0)
GENERATOR_RATE = flags.DEFINE_float("generator_learning_rate", 0.01, "", 0.0)
TEMPERATURE = flags.DEFINE_float("temperature", 1.0, "Of sheets and of what is served.", 1e-3)
TOP_K = flags.DEFINE_integer("top_k", 0, "Likeliest tokens that are drawn there; 0: all.", 0)
EVALUATION_SAMPLES = flags.DEFINE_integer("evaluation_samples", 9984, "Drawn to be judged.", 2)
EVALUATION_BATCH = 256


def make_schedule():
    """Returns the `Schedule` of the flags."""
    return Schedule(
        LIKELIHOOD_STEPS.value,
        PRETRAINING_STEPS.value,
        GENERATOR_STEPS.value,
        DISCRIMINATOR_STEPS.value,
        FRESH_STEPS.value,
    )


def make_windows():
    """Returns the discriminator's windows of the flags, tokens -> filters, or None."""
    if WINDOWS.value is None:
        return None
    try:
        return dict(map(int, pair.split(":")) for pair in WINDOWS.value.split(","))
    except ValueError as error:
        raise ValueError(
            f"windows must be tokens:filters, as 2:100,3:200. Received: {WINDOWS.value}"
        ) from error


def make_oracle():
    """Returns the `Oracle` of the flags, or None."""
    if ORACLE.value != "random":
        try:
            return ORACLE.value and Oracle.from_file(ORACLE.value)
        except OSError as error:
            raise ValueError(
                f"oracle must be an npz file, or 'random'. Received: {ORACLE.value} ({error})"
            ) from error
    keras.utils.set_random_seed(run_flags.SEED.value)
    return Oracle()


def make_data(oracle):
    """Returns the `TokenSequences` of the flags.

    Args:
        oracle: `Oracle` or None. With --dataset=oracle all sequences are its own; else it draws
            those that are held out, where neither --test nor --test_fraction does.
    """
    shared = {"batch_size": run_flags.BATCH_SIZE.value, "seed": run_flags.SEED.value}
    if run_flags.DATASET.value != "oracle":
        data = _read_data(oracle, shared)
        if oracle is None or data.held_out:
            return data
        train = data.tokens["train"]
    elif oracle is None:
        raise ValueError("oracle must be given with --dataset=oracle. Received: oracle=None")
    else:
        if TEST.value or TEST_FRACTION.value or TRUNCATE.value:
            raise ValueError(
                "test, test_fraction and truncate must be left out with --dataset=oracle. "
                f"Received: {TEST.value}, {TEST_FRACTION.value} and {TRUNCATE.value}"
            )
        train = _drawn(oracle, 0)
    tokens = {"train": train, "test": _drawn(oracle, 1)}
    name = run_flags.DATASET.value
    return TokenSequences(tokens, oracle.sizes["vocabulary_size"], name=name, **shared)


def _read_data(oracle, shared):
    return input_pipelines.token_sequences(
        run_flags.DATASET.value,
        LENGTH.value,
        level=LEVEL.value,
        test=TEST.value,
        test_fraction=TEST_FRACTION.value,
        truncate=TRUNCATE.value,
        lower=LOWER.value,
        separate_punctuation=SEPARATE_PUNCTUATION.value,
        min_count=MIN_COUNT.value,
        max_words=MAX_WORDS.value,
        vocabulary_size=oracle and oracle.sizes["vocabulary_size"],
        **shared,
    )


def _drawn(oracle, split):
    shape = (ORACLE_SEQUENCES.value, LENGTH.value)
    seed = (run_flags.SEED.value, split)
    return oracle.sample(tf.random.stateless_uniform(shape, seed)).numpy()


def build_model(steps_per_epoch):
    """Returns the compiled SeqGAN of the flags, whose learning rates are constant."""
    return make_model(make_data(make_oracle()))


def make_model(data):
    """Returns the compiled SeqGAN of the flags.

    Args:
        data: `TokenSequences`, whose vocabulary it learns.
    """
    model = SeqGAN(
        vocabulary_size=data.vocabulary_size,
        length=LENGTH.value,
        embedding=EMBEDDING.value,
        hidden=HIDDEN.value,
        discriminator_embedding=DISCRIMINATOR_EMBEDDING.value,
        windows=make_windows(),
        dropout=DROPOUT.value,
        weight_decay=WEIGHT_DECAY.value,
        rollouts=ROLLOUTS.value,
        rollout_rate=ROLLOUT_RATE.value,
        negatives=NEGATIVES.value,
        schedule=make_schedule(),
        vocabulary=data.vocabulary,
        temperature=TEMPERATURE.value,
        top_k=TOP_K.value,
        seed=run_flags.SEED.value,
    )
    rates = LIKELIHOOD_RATE.value, DISCRIMINATOR_RATE.value, GENERATOR_RATE.value
    model.compile(*map(keras.optimizers.Adam, rates), jit_compile=run_flags.jit_compile())
    return model


def set_epochs(data):
    """Gives --epochs the value that follows from the schedule.

    Args:
        data: `TokenSequences`, whose passes are epochs.

    Raises:
        ValueError: the command line has another value.
    """
    epochs = math.ceil(make_schedule().steps(ROUNDS.value) / data.steps_per_epoch)
    if flags.FLAGS["epochs"].present and run_flags.EPOCHS.value != epochs:
        raise ValueError(
            f"epochs must be left out, or {epochs}: it follows from --rounds and the other steps. "
            f"Received: epochs={run_flags.EPOCHS.value}"
        )
    flags.FLAGS["epochs"].value = epochs


def evaluation(model, data, oracle):
    """Returns a function without arguments that judges `model` and what it draws.

    Samples are drawn from the model as it is, whatever the temperature of the sheets.
    """

    def measure():
        shape = (EVALUATION_SAMPLES.value, LENGTH.value)
        tokens = model.sample(tf.random.stateless_uniform(shape, (run_flags.SEED.value, 7)), 1.0, 0)
        test = model.evaluate(data.test(EVALUATION_BATCH), verbose=0, return_dict=True)
        found = {"test_nll": float(test["nll"])}
        if oracle:
            found["oracle_nll"] = oracle.nll(tokens)
        end = 0 if data.vocabulary else None
        drawn = text_metrics.sentences(tokens, end)
        found |= text_metrics.distinct(drawn)
        if data.vocabulary:
            split = "test" if data.held_out else "train"
            found |= text_metrics.bleu(drawn, text_metrics.sentences(data.tokens[split]))
            found |= text_metrics.self_bleu(drawn)
        if run_flags.DATASET.value == "grammar":
            text = [each.decode() for each in model.text(tokens).numpy()]
            found["valid"] = sum(map(grammar.is_valid, text)) / len(text)
        return found

    return measure


def main(argv):
    """Trains, or resumes, and prints the held-out metrics beside the untrained ones."""
    if len(argv) > 1:
        raise app.UsageError(f"flags are expected, not words. Received: {argv[1:]}")
    strategy = run_flags.make_strategy()
    oracle = make_oracle()
    data = make_data(oracle)
    set_epochs(data)
    options = run_flags.options(__name__)
    build = functools.partial(make_model, data)
    if run_flags.DRY_RUN.value:
        model = training.build(build, options, strategy)
        print(run_flags.describe(model, data, __name__))
        return
    measure = functools.partial(evaluation, data=data, oracle=oracle)
    model = training.run(build, data, options, strategy, measure)
    if training.is_chief(strategy):
        models = {"untrained": training.build(build, options), "trained": model}
        run_flags.report({name: measure(m)() for name, m in models.items()}, options)


def run():
    """Starts the app."""
    run_flags.start(main)


if __name__ == "__main__":
    run()
