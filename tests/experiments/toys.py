"""What experiments of small GANs share: digits of 8 x 8 pixels with a judge, and perceptrons.

The digits are scikit-learn's; the judge is a support vector machine that has learned 70 percent of
them and names 99 percent of the others right.
"""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from scipy.optimize import linear_sum_assignment
from sklearn import datasets, model_selection, svm

from tests.experiments import results
from tfgan_apps.layers import OneHot

SEEDS, SAMPLES, LATENTS, CLASSES = range(3), 2000, 16, 10


@functools.cache
def split():
    """Returns images, uint8 (N, 8, 8, 1), and labels, of training and of testing."""
    found = datasets.load_digits()
    levels = np.round(found.images[..., None] * 255 / 16).astype(np.uint8)
    options = {"train_size": 0.7, "random_state": 0, "stratify": found.target}
    images, others, labels, other_labels = model_selection.train_test_split(
        levels, found.target, **options
    )
    return (images, labels), (others, other_labels)


def flat(images):
    """Returns images as vectors in [-1, 1]: uint8 ones are levels."""
    images = np.asarray(images)
    images = images / 127.5 - 1 if images.dtype == np.uint8 else images
    return images.reshape(len(images), -1)


@functools.cache
def judge():
    """Returns the judge, a fitted classifier of vectors."""
    images, labels = split()[0]
    return svm.SVC(C=10, gamma=0.02).fit(flat(images), labels)


def accuracy(images, labels):
    """Returns the share of images that the judge gives their label."""
    return float((judge().predict(flat(images)) == labels).mean())


def purity(images, codes):
    """Returns the share of images of the digit that is usual for their code, and such digits."""
    counts = np.zeros((CLASSES, CLASSES))
    np.add.at(counts, (codes, judge().predict(flat(images))), 1)
    return float(counts.max(1).sum() / counts.sum()), len(set(counts.argmax(1)))


def matched(codes, labels):
    """Returns the accuracy of codes as labels, each code standing for a digit of its own."""
    counts = np.zeros((CLASSES, CLASSES))
    np.add.at(counts, (codes, labels), 1)
    return float(counts[linear_sum_assignment(-counts)].sum() / counts.sum())


def spread(images, groups):
    """Returns the mean over groups of the root mean square distance to the group's mean."""
    vectors = flat(images)
    found = []
    for group in np.unique(groups):
        own = vectors[groups == group]
        found.append(np.sqrt(np.square(own - own.mean(0)).sum(1).mean()))
    return float(np.mean(found))


def diversity(images, groups):
    """Returns `spread` as a share of that of the real digits."""
    return spread(images, groups) / spread(*split()[0])


def distance(images):
    """Returns the mean distance to the nearest training image."""
    vectors, real = flat(images), flat(split()[0][0])
    squares = np.square(vectors).sum(1)[:, None] + np.square(real).sum(1) - 2 * vectors @ real.T
    return float(np.sqrt(np.maximum(squares, 0)).min(1).mean())


def digits_seen(images):
    """Returns how many digits the judge sees in at least 2 percent of the images each."""
    counts = np.bincount(judge().predict(flat(images)), minlength=CLASSES)
    return int((counts >= 0.02 * len(images)).sum())


def generator(condition=None, latent_size=LATENTS):
    """Returns a generator of digits from `latents` and, by name, a `label` or a `code`."""
    latents = x = layers.Input((latent_size,), name="latents")
    inputs = latents
    if condition:
        kind = {"label": ((), "int32"), "code": ((CLASSES,), "float32")}[condition]
        given = layers.Input(kind[0], dtype=kind[1], name=condition)
        vector = OneHot(CLASSES)(given) if condition == "label" else given
        x = layers.Concatenate()([latents, vector])
        inputs = {"latents": latents, condition: given}
    for _ in range(2):
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(layers.Dense(256)(x))
        x = layers.ReLU()(x)
    image = layers.Reshape((8, 8, 1), name="image")(layers.Dense(64, activation="tanh")(x))
    return keras.Model(inputs, image, name="generator")


def trunk(x, depth=2):
    """Returns features of vectors."""
    for _ in range(depth):
        x = layers.LeakyReLU(negative_slope=0.2)(layers.Dense(256)(x))
    return x


def discriminator(heads=None, with_label=False):
    """Returns a discriminator of digits: logits, or a dict of `heads`, name -> width."""
    image = layers.Input((8, 8, 1), name="image")
    x, inputs = layers.Flatten()(image), image
    if with_label:
        label = layers.Input((), dtype="int32", name="label")
        x = layers.Concatenate()([x, OneHot(CLASSES)(label)])
        inputs = {"image": image, "label": label}
    x = trunk(x)
    outputs = layers.Dense(1, name="logits")(x)
    if heads:
        outputs = {
            name: x if width is None else layers.Dense(width, name=name)(x)
            for name, width in heads.items()
        }
    return keras.Model(inputs, outputs, name="discriminator")


def perceptron(takes, size, width, depth=3, activation="relu", name=None, start=None):
    """Returns a network from vectors of one size to such of another."""
    start = start or ("he_normal" if activation == "relu" else "glorot_uniform")
    inputs = x = layers.Input((takes,))
    for _ in range(depth):
        x = layers.Dense(width, activation, kernel_initializer=start)(x)
    return keras.Model(inputs, layers.Dense(size)(x), name=name)


def adam(rate, beta_1=0.5, beta_2=0.999):
    """Returns Adam with the usual numbers of GANs."""
    return keras.optimizers.Adam(rate, beta_1, beta_2, epsilon=1e-8)


def of_all_classes(model, given, numbers):
    """Returns generated images, of each of the classes as many.

    Args:
        model: called with `latents` and a label or a code.
        given: str, the name of the latter.
        numbers: of the images, those of classes or categories.
    """
    latents = np.array(model.noise((SAMPLES, model.latent_size), (7, model.seed)))
    value = np.eye(CLASSES, dtype=np.float32)[numbers] if given == "code" else numbers
    return model.predict({"latents": latents, given: value}, verbose=0)


def class_readings(model):
    """Returns what the judge says of a model that is told the class."""
    labels = np.arange(SAMPLES, dtype=np.int32) % CLASSES
    images = of_all_classes(model, "label", labels)
    others = np.random.default_rng(0).permutation(labels)
    return {
        "accuracy": accuracy(images, labels),
        "of other labels": accuracy(images, others),
        "diversity": diversity(images, labels),
    }


def adams():
    """Returns the optimizers of digits: the generator's rate is five times the discriminator's."""
    return {"generator_optimizer": adam(1e-3), "discriminator_optimizer": adam(2e-4)}


def fitted(model, data, steps, **optimizers):
    """Returns the model after some steps, with its optimizers."""
    model.compile(**optimizers)
    model.fit(data.train(), steps_per_epoch=steps, shuffle=False, verbose=0)
    return model


class Batches:
    """Examples in batches, each once, that are read as data of a run are: much faster.

    Args:
        examples: array (count, ...), or a dict of them.
        batch_size: int.
    """

    def __init__(self, examples, batch_size):
        self.batches = tf.nest.map_structure(
            lambda x: x.reshape(-1, batch_size, *x.shape[1:]), examples
        )

    def train(self, start_step=0):
        """Returns the batches from a step on, and then again."""
        rolled = tf.nest.map_structure(lambda x: np.roll(x, -start_step, 0), self.batches)
        return tf.data.Dataset.from_tensor_slices(rolled).repeat()


def digits(seed, steps, with_labels=False, batch_size=64):
    """Returns batches of the training digits, as often and in another order each time."""
    images, labels = split()[0]
    rng, count = np.random.default_rng(seed), steps * batch_size
    orders = [rng.permutation(len(images)) for _ in range(count // len(images) + 1)]
    order = np.concatenate(orders)[:count]
    chosen = (images[order] / 127.5 - 1).astype(np.float32)
    examples = {"image": chosen, "label": labels[order].astype(np.int32)}
    return Batches(examples if with_labels else chosen, batch_size)


def report(title, module, rows, bounds, note=""):
    """Writes the section of an experiment and tells whether it failed.

    Args:
        title: str, the heading.
        module: str, the experiment's `__spec__.name`, or file.
        rows: dict, name of a row -> dict of readings.
        bounds: dict, name of a reading -> (least, most), None where there is none; rows that lack
            it are not asked.
        note: str, Markdown, below the table. Defaults to none.
    """
    found = {n: [row[n] for row in rows.values() if n in row] for n in bounds}
    fits = {
        n: (low is None or min(found[n]) >= low) and (high is None or max(found[n]) <= high)
        for n, (low, high) in bounds.items()
    }
    passed = all(fits.values())
    wanted = {n: _range(*bound) for n, bound in bounds.items()}
    bad = ", ".join(n for n, fit in fits.items() if not fit)
    verdict = "Passed: thresholds as above." if passed else f"FAILED: {bad}."
    results.write_section(
        title,
        f"python -m tests.experiments.{module}",
        f"{results.table(rows)}\n\n{verdict} {note}".rstrip(),
        threshold="of every row that has it: " + ", ".join(f"{n} {w}" for n, w in wanted.items()),
        measured=", ".join(f"{n} {min(v):.3g} to {max(v):.3g}" for n, v in found.items()),
    )
    return not passed


def _range(low, high):
    if high is None:
        return f"at least {low:g}"
    return f"at most {high:g}" if low is None else f"{low:g} to {high:g}"
