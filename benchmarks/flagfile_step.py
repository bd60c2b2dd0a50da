"""Times the steps of a flagfile's run on random batches: what its header says of a run not made.

    python -m benchmarks.flagfile_step acgan apps/flags/acgan/cifar10.flags --steps=4
    python -m benchmarks.flagfile_step pggan apps/flags/pggan/landscapes_32.flags --steps=12 \
        --stable_kimg=0.016 --fade_kimg=0.016

The system and optimizers are those of the flags and of further ones; reading data, sheets,
evaluations and checkpoints are not counted. Freed memory is kept, as a run keeps it, unless
--give_memory_back. Prints seconds and CPU-seconds a step after as many steps that are not counted.
"""

import argparse
import importlib
import json
import time

import keras
import numpy as np
import tensorflow as tf
from absl import flags

from tfgan_apps.process_memory import keep_freed_memory

EDGE = 256  # pixels of images that may have any size


def random_batch(spec, size):
    """Returns random values of a model's `batch_spec`.

    Args:
        spec: structure of `batches.Values`.
        size: int, examples.
    """
    random = np.random.default_rng(0)

    def values(part):
        shape = (size, *(edge or EDGE for edge in part.shape))
        if part.dtype == "integer":
            return random.integers(part.low, part.high, shape, np.int32, endpoint=True)
        return random.uniform(part.low, part.high, shape).astype(part.dtype)

    return tf.nest.map_structure(values, spec)


def compiled(system, flagfile, given, words):
    """Returns the compiled model of a flagfile and further flags, and its batch size.

    Args:
        system: str, the app's name.
        flagfile: path.
        given: dict, arguments of the system that its app takes from the data.
        words: list of further flags.
    """
    made = importlib.import_module(f"apps.{system}").APP.define()
    flags.FLAGS(["benchmark", f"--flagfile={flagfile}", *words])
    model = made.system(**given)
    model.compile(**made.optimizers.values())
    return model, flags.FLAGS.batch_size


def parse(parser):
    """Returns what a command's own flags say of a flagfile's run: those here and of `parser`.

    Returns:
        Dict of them, and the list of further ones, which are the app's.
    """
    parser.add_argument("system", help="the app's name")
    parser.add_argument("flagfile")
    described = "arguments of the system that its app takes from the data, as JSON"
    parser.add_argument("--given", type=json.loads, default={}, help=described)
    own, words = parser.parse_known_args()
    return vars(own), words


def main(system, flagfile, given, words, steps, give_memory_back):
    """Prints what a step takes."""
    if not give_memory_back:
        keep_freed_memory()
    keras.utils.set_random_seed(0)
    model, size = compiled(system, flagfile, given, words)
    data = tf.data.Dataset.from_tensors(random_batch(model.batch_spec, size)).repeat()
    for _ in range(2):  # the first time is not counted
        clocks = time.monotonic, time.process_time
        begun = [clock() for clock in clocks]
        model.fit(data, steps_per_epoch=steps, verbose=0, shuffle=False)
        wall, cpu = [(clock() - start) / steps for clock, start in zip(clocks, begun, strict=True)]
    print(f"{flagfile}: batches of {size}, {wall:.3g} s and {cpu:.3g} CPU-seconds a step")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--give_memory_back", action="store_true", help="as glibc does by itself")
    parser.add_argument("--steps", type=int, default=4, help="timed steps")
    own, words = parse(parser)
    main(**own, words=words)
