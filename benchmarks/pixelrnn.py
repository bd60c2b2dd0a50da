"""Measures PixelRNN's sampling with caches against one full forward pass per value, and its step.

    python -m benchmarks.pixelrnn

The paper's 7-layer Diagonal BiLSTM at 28 x 28, batch 16. Both ways of sampling take turns in one
process, in a compiled function each; a forward pass is timed several times and multiplied with the
784 that sampling takes. The step is timed with and without XLA, beside the machine's own matrix
product; operations are those of the matrix products, three times a forward pass.

What bounds the step is seen by leaving out: the step and one layer's recurrence, forward and
backward, take turns with its matrix products alone, in the same loops over the same lines, and with
these loops alone, which read and write lines and compute nothing. What products and loops leave is
element-wise. Of a Diagonal BiLSTM's places nearly half lie beside the image, for a row begins one
diagonal after the one above it.
"""

import functools
import statistics
import time

import keras
import numpy as np
import tensorflow as tf
from absl import app, flags

from tfgan_apps.layers.lstm_scan import lstm_scan, scan
from tfgan_apps.models import PixelRNN

KIND = flags.DEFINE_string("kind", "diagonal_bilstm", "pixelcnn, row_lstm or diagonal_bilstm.")
DEPTH = flags.DEFINE_integer("depth", 7, "Layers.", 1)
FILTERS = flags.DEFINE_integer("filters", 16, "h.", 1)
BATCH = flags.DEFINE_integer("batch_size", 16, "Images.", 1)
ROUNDS = flags.DEFINE_integer("rounds", 5, "Each way is timed so many times.", 1)
SIZE = 28
RECURRENCES = {  # lines, networks side by side, neighbours of a place, input channels / h
    "diagonal_bilstm": (2 * SIZE - 1, 2, (-1, 0), 2),
    "row_lstm": (SIZE, 1, (-1, 0, 1), 4),
}


def main(_):
    """Prints the comparisons."""
    keras.utils.set_random_seed(0)
    model = PixelRNN(KIND.value, SIZE, 1, DEPTH.value, FILTERS.value)
    shape = (BATCH.value, SIZE, SIZE, 1)
    uniform = tf.random.stateless_uniform(shape, (0, 0))
    image = model.sample(uniform)
    _sampling(model, uniform, image)
    peak = _peak()
    for jit_compile in (False, True):
        _step(model, image, jit_compile, peak)


def _sampling(model, uniform, image):
    cached, forward = tf.function(model.sample), tf.function(lambda x: model.network(x))
    ways = {"cached": lambda: cached(uniform), "forward": lambda: forward(image)}
    times = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(ROUNDS.value):
        for name, way in ways.items():
            times[name].append(_seconds(way))
    cached, forward = (statistics.median(times[name]) for name in ways)
    naive = forward * SIZE * SIZE
    print(
        f"{BATCH.value} samples: {cached:.3f} s with caches; {forward:.4f} s a forward pass, "
        f"{naive:.1f} s for the {SIZE * SIZE} of them: {naive / cached:.0f} times as fast"
    )


def _step(model, image, jit_compile, peak):
    model.compile(jit_compile=jit_compile)
    step = tf.function(model.train_step, jit_compile=jit_compile)
    step(image)
    seconds = statistics.median(_seconds(functools.partial(step, image)) for _ in range(10))
    # Every weight of a matrix is used once per pixel, forward, and twice backward.
    weights = sum(int(np.prod(w.shape)) for w in model.network.weights if "bias" not in w.name)
    flop = 3 * 2 * weights * SIZE * SIZE * BATCH.value
    rate = flop / seconds / 1e9
    print(
        f"train step, XLA {'on' if jit_compile else 'off'}: {seconds:.3f} s, {flop / 1e9:.1f} "
        f"GFLOP, {rate:.1f} GFLOP/s, {rate / peak:.0%} of a matrix product's {peak:.0f}"
    )
    if KIND.value in RECURRENCES:
        _bounds(jit_compile, functools.partial(step, image))


def _bounds(jit_compile, step):
    lines, networks, offsets, channels = RECURRENCES[KIND.value]
    h, places = FILTERS.value, (lines, networks, BATCH.value * SIZE)
    seen, gates, state = (_draw(*places, n * h) for n in (channels + len(offsets), 4, 1))
    kernel = _draw(networks, seen.shape[-1], 4 * h)

    def products():
        forward = scan(lambda _, line: ((), (line[0] @ kernel,)), (), seen)
        transposed = tf.transpose(kernel, (0, 2, 1))
        backward = scan(lambda _, line: ((), (line[0] @ transposed,)), (), gates)
        return forward, backward, tf.matmul(seen, gates, transpose_a=True)

    def loops():
        forward = scan(lambda _, line: ((), tuple(line)), (), state, state, gates)
        return forward, scan(lambda _, line: ((), (line[3],)), (), state, state, state, gates)

    ways = (_recurrence(lines, networks, offsets, channels), products, loops)
    ways = [step, *(tf.function(way, jit_compile=jit_compile) for way in ways)]
    times = [[_seconds(way) for way in ways] for _ in range(ROUNDS.value + 1)][1:]
    step, whole, products, loops = map(statistics.median, zip(*times, strict=True))
    flop = 3 * 2 * seen.shape[-1] * 4 * h * np.prod(places)
    print(
        f"  in recurrences: {DEPTH.value * whole / step:.0%}; of one, {whole * 1e3:.1f} ms, "
        f"element-wise {1 - products / whole:.0%}, products {(products - loops) / whole:.0%}, "
        f"reading and writing lines {loops / whole:.0%}; {flop / 1e9:.2f} GFLOP at "
        f"{np.prod(places) * 4 * 13 * h / 1e6:.0f} MB of lines, "
        f"{1 - SIZE / lines:.0%} of them beside the image"
    )


def _recurrence(lines, networks, offsets, channels):
    """Returns a function that computes a layer's hidden states and all gradients."""
    h, places = FILTERS.value, (lines, networks, BATCH.value, SIZE)
    upstream, inputs = _draw(*places, h), _draw(*places, channels * h)
    rows = [(channels * h,), (len(offsets) * h,), (1, 1)]
    weights = [_draw(networks, *n, 4 * h) for n in rows]

    def gradients():
        with tf.GradientTape() as tape:
            tape.watch([inputs, *weights])
            hidden = lstm_scan(inputs, weights, offsets)
        return tape.gradient(hidden, [inputs, *weights], upstream)

    return gradients


def _draw(*shape):
    return tf.random.stateless_normal(shape, (0, 0)) * 0.1


def _peak():
    a = tf.random.stateless_normal((2048, 2048), (0, 0))
    product = tf.function(lambda: tf.reduce_sum(a @ a))
    product()
    return 2 * 2048**3 / statistics.median(_seconds(product) for _ in range(10)) / 1e9


def _seconds(function):
    start = time.perf_counter()
    tf.nest.map_structure(lambda tensor: tensor.numpy(), function())
    return time.perf_counter() - start


if __name__ == "__main__":
    app.run(main)
