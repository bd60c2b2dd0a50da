"""What PyTorch's steps share: their flags, and the median of their seconds."""

import argparse
import statistics
import time

import torch


def arguments(description, **further):
    """Returns the parsed flags; PyTorch has as many threads as they say.

    Args:
        description: str, the program's docstring.
        **further: other flags' defaults, str.
    """
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    for name, default in {"image_size": 64, "batch_size": 64, "steps": 8, "threads": 2}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, default in further.items():
        parser.add_argument(f"--{name}", default=default)
    parser.add_argument("--bfloat16", action="store_true")
    found = parser.parse_args()
    torch.set_num_threads(found.threads)
    return found


def report(step, args):
    """Prints the median seconds of a step, after two that warm up.

    Args:
        step: function without arguments.
        args: from `arguments`.
    """
    seconds = []
    for _ in range(args.steps + 2):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    print(f"torch {torch.__version__}: median {statistics.median(seconds[2:]):.4f} s")
