"""Measures SeqGAN at the published sizes, on request beside the authors' program.

    python -m benchmarks.seqgan --authors=path/to/SeqGAN

An epoch by likelihood (156 batches of 64, of which a few are timed and multiplied), an update of
the discriminator, the rewards of 64 sequences with 16 continuations of each beginning, 9984
samples; beside the machine's own matrix product. Operations are those of the matrix products and
convolutions of the definition, in which the discriminator sees each finished sequence whole; three
times a forward pass where weights are trained.

`--authors` is a clone of https://github.com/LantaoYu/SeqGAN, whose networks a process of its own
runs under `tf.compat.v1`; its files are read, not changed. The two programs take turns, and ratios
are those of medians. Of the authors' 16 equal passes that make rewards one is timed and multiplied.
Processor seconds, of all threads, stand beside: they say more where other programs run as well.
"""

import contextlib
import multiprocessing
import os
import pathlib
import time
import types

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from tfgan_apps.models import SeqGAN
from tfgan_apps.models.seqgan.networks import WINDOWS_20

AUTHORS = flags.DEFINE_string("authors", None, "A clone of the authors' repository.")
ROUNDS = flags.DEFINE_integer("rounds", 5, "Measured, after one that is not.", 1)
BATCH, LENGTH, VOCABULARY, ROLLOUTS = 64, 20, 5000, 16
BATCHES, TIMED = 156, 8  # of an epoch


def main(_):
    """Prints seconds (and those of processors), operations, shares of the peak, ratios."""
    keras.utils.set_random_seed(0)
    with contextlib.ExitStack() as stack:
        programs = {"ours": _ours()}
        if AUTHORS.value:
            programs["authors"] = _start_authors(stack, AUTHORS.value)
        seconds = _measure(programs)
    median = {key: np.median(values, 0) for key, values in seconds.items()}
    peak = 2 * 2048**3 / median["ours", "matrix product"] / 1e9
    print(f"matrix product: {_both(peak, '.0f')} GFLOP/s, {os.cpu_count()} cores")
    for part, flop in _operations().items():
        ours = median["ours", part]
        share = _both(flop / ours / 1e9 / peak, ".0%")
        line = f"{part}: {_both(ours, '.3f')} s, {flop / 1e9:.1f} GFLOP, {share} of the product's"
        if AUTHORS.value:
            authors = median["authors", part]
            line += f"; authors {_both(authors, '.2f')} s, {_both(authors / ours, '.1f')} times"
        print(line)


def _both(values, form):
    """Returns the text of a number by the clock, and of that by the processors."""
    return f"{values[0]:{form}} ({values[1]:{form}})"


def _operations():
    """Returns a dict: part -> operations."""
    token = 2 * (4 * 32 * (32 + 32) + 32 * VOCABULARY)
    filters = sum(WINDOWS_20.values())
    verdict = sum(2 * 64 * w * n * (LENGTH - w + 1) for w, n in WINDOWS_20.items())
    verdict += 2 * filters * (2 * filters + 2)
    drawn = ROLLOUTS * BATCH * LENGTH * (LENGTH - 1) // 2
    return {
        "epoch by likelihood": 3 * BATCHES * BATCH * LENGTH * token,
        "discriminator's update": 3 * BATCH * verdict,
        "rewards": drawn * token + BATCH * (ROLLOUTS * (LENGTH - 1) + 1) * verdict,
        "9984 samples": BATCHES * BATCH * LENGTH * token,
    }


def _measure(programs):
    """Returns a dict: (program, part) -> seconds and processor seconds, of each round."""
    parts = [*_operations(), "matrix product"]
    seconds = {(program, part): [] for program in programs for part in parts}
    for _ in range(ROUNDS.value + 1):
        for part in parts:
            for name, program in programs.items():
                seconds[name, part].append(program(part))
    return {key: values[1:] for key, values in seconds.items()}


def _ours():
    """Returns a function: part -> seconds and processor seconds."""
    model = SeqGAN(VOCABULARY, LENGTH, rollouts=ROLLOUTS)
    model.compile()
    tokens = tf.constant(_tokens())
    uniform = tf.random.stateless_uniform((BATCHES * BATCH, LENGTH), (0, 0))
    a = tf.random.stateless_normal((2048, 2048), (0, 0))
    likelihood, discriminator = (_step(model, p) for p in ("likelihood", "discriminator"))
    rewards = tf.function(model.rewards)
    product = tf.function(lambda: tf.reduce_sum(a @ a))
    ways = {
        "epoch by likelihood": lambda: [likelihood(tokens) for _ in range(TIMED)],
        "discriminator's update": lambda: discriminator(tokens),
        "rewards": lambda: rewards(tokens, (0, 0)),
        "9984 samples": lambda: model.sample(uniform),
        "matrix product": product,
    }
    return lambda part: _seconds(ways[part], BATCHES / TIMED if "epoch" in part else 1)


def _step(model, phase):
    """Returns a compiled function: a batch -> the losses of a training step."""

    def step(tokens):
        model.phase = phase
        return model.train_step(tokens)

    return tf.function(step)


def _start_authors(stack, path):
    """Returns a function: part -> seconds and processor seconds, of a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve_authors, args=(there, path), daemon=True)
    process.start()
    stack.callback(process.kill)

    def measure(part):
        here.send(part)
        return here.recv()

    return measure


def _serve_authors(connection, path):
    tf.compat.v1.disable_v2_behavior()
    ways = _authors(path)
    while True:
        part = connection.recv()
        factor = {"epoch by likelihood": BATCHES / TIMED, "rewards": ROLLOUTS}.get(part, 1)
        connection.send(_seconds(ways.get(part, lambda: None), factor))


def _authors(path):
    """Returns a dict: part -> function."""
    sizes = (VOCABULARY, BATCH, 32, 32, LENGTH, 0)
    generator = _load(path, "generator").Generator(*sizes)
    windows, filters = zip(*WINDOWS_20.items(), strict=True)
    discriminator = _load(path, "discriminator").Discriminator(
        LENGTH, 2, VOCABULARY, 64, windows, filters, 0.2
    )
    rollout = _load(path, "rollout").ROLLOUT(generator, 0.8)
    session = tf.compat.v1.Session()
    session.run(tf.compat.v1.global_variables_initializer())
    tokens, labels = _tokens(), np.eye(2)[np.arange(BATCH) % 2]
    update = {
        discriminator.input_x: tokens,
        discriminator.input_y: labels,
        discriminator.dropout_keep_prob: 0.75,
    }
    return {
        "epoch by likelihood": lambda: [
            generator.pretrain_step(session, tokens) for _ in range(TIMED)
        ],
        "discriminator's update": lambda: session.run(discriminator.train_op, update),
        "rewards": lambda: rollout.get_reward(session, tokens, 1, discriminator),
        "9984 samples": lambda: [generator.generate(session) for _ in range(BATCHES)],
    }


def _load(path, name):
    """Returns a module of the authors', with TensorFlow 1's names."""
    source = (pathlib.Path(path) / f"{name}.py").read_text()
    source = source.replace("import tensorflow as tf", "import tensorflow.compat.v1 as tf")
    source = source.replace("control_flow_ops.while_loop", "tf.while_loop")
    module = types.ModuleType(name)
    exec(compile(source, name, "exec"), vars(module))
    return module


def _tokens():
    return np.random.default_rng(0).integers(0, VOCABULARY, (BATCH, LENGTH), np.int32)


def _seconds(function, factor):
    start = _clocks()
    tf.nest.map_structure(np.asarray, function())
    return factor * (_clocks() - start)


def _clocks():
    return np.array([time.perf_counter(), time.process_time()])


if __name__ == "__main__":
    app.run(main)
