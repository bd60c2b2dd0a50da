"""Shows whether training steps are rounded alike on a busy machine: several processes at once.

    python -m benchmarks.same_steps cyclegan 128 --steps=7
    python -m benchmarks.same_steps singan 128 --steps=4

Each process makes the same steps of a system of `train_step`, from one seed, with the threads that
TensorFlow takes by itself. Prints a digest of all weights for each; their number is what counts.
"""

import argparse
import hashlib
import multiprocessing

import keras
import tensorflow as tf

from benchmarks.train_step import SYSTEMS


def digest(name, size, steps):
    """Returns eight digits that tell a model's weights after training steps.

    Args:
        name: str, of `SYSTEMS`.
        size: int, pixels.
        steps: int.
    """
    keras.utils.set_random_seed(0)
    system = SYSTEMS[name]
    model = system.model(size)
    model.compile()
    shape = (system.batch_size, size, size, 3)
    batch = system.batch(tf.random.stateless_uniform(shape, (0, 0), -1, 1))
    data = tf.data.Dataset.from_tensors(batch).repeat()
    model.fit(data, steps_per_epoch=steps, verbose=0)
    weights = b"".join(weight.tobytes() for weight in model.get_weights())
    return hashlib.sha256(weights).hexdigest()[:8]


def main(system, size, steps, processes):
    """Prints what each process found."""
    jobs = [(system, size, steps)] * processes
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        found = pool.starmap(digest, jobs, chunksize=1)
    print(f"{system}, {size} px, {steps} steps: {len(set(found))} of {processes}", *found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("size", type=int, help="pixels")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--processes", type=int, default=3)
    main(**vars(parser.parse_args()))
