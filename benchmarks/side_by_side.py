"""What benchmarks of one operation share: it and a PyTorch program of the same take turns."""

import argparse
import statistics
import subprocess
import sys
import time

import tensorflow as tf


def there_and_back(function, *sources):
    """Returns a function without arguments that goes forward and back once.

    Args:
        function: function without arguments -> tensor.
        *sources: `tf.Variable`s that the mean square is derived by.
    """

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(function()))
        return [tf.reduce_sum(gradient) for gradient in tape.gradient(loss, sources)]

    return step


def seconds(step, times):
    """Returns the seconds of each of several calls, until their values are there."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        tf.nest.map_structure(lambda value: value.numpy(), step())
        found.append(time.perf_counter() - start)
    return found


def medians(step, program, given, *words):
    """Returns our median seconds and PyTorch's, both programs taking turns.

    Args:
        step: function without arguments.
        program: path of PyTorch's, which prints its median.
        given: from `arguments`.
        *words: further flags of the program.
    """
    seconds(step, 2)  # builds the graph and the kernels
    command = [given.torch_python, program, f"--steps={given.steps}", *words]
    ours, theirs = [], []
    for _ in range(given.rounds):
        ours += seconds(step, given.steps)
        printed = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout
        theirs.append(float(printed.split("median")[1].split()[0]))
    return statistics.median(ours), statistics.median(theirs)


def arguments(description, batch_size, **further):
    """Returns the parsed flags.

    Args:
        description: str, the program's docstring.
        batch_size: int, by default.
        **further: other flags' defaults, str.
    """
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    for name, default in {"torch_python": sys.executable, **further}.items():
        parser.add_argument(f"--{name}", default=default)
    for name, default in {"batch_size": batch_size, "rounds": 3, "steps": 8}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()
