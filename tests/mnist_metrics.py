"""Metrics in the features of a classifier of MNIST: what they say of digits, noise and blur.

    python -m tests.mnist_metrics

Trains the classifier where --classifier is not there (two minutes on two cores), and writes
docs/results/metrics.md.
"""

import argparse
import gzip
import os
import pathlib
import sys
import time

import numpy as np
from PIL import Image, ImageFilter

from tests.experiments import results
from tfgan_apps.input_pipelines.image_sets import read_idx
from tfgan_apps.metrics.features.classifier import classifier_features, train_classifier
from tfgan_apps.metrics.frechet_distance import frechet_distance
from tfgan_apps.metrics.inception_score import inception_score
from tfgan_apps.metrics.kernel_distance import kernel_distance, kernel_distance_of_subsets
from tfgan_apps.metrics.neighbourhoods import density_coverage, precision_recall

NOISE = (0.1, 0.2, 0.4, 0.8, 1.6)  # standard deviation, in [-1, 1]
BLUR = (0.5, 1.0, 1.5, 2.0, 3.0)  # standard deviation, in pixels
THRESHOLD = (
    "accuracy >= 0.99; mean kernel distance of 100 splits within 2 standard errors of 0; Frechet "
    "distance grows with five strengths of noise, and of blur; that of noise alone is > 100 times "
    "that of two halves"
)


def digits(folder, part):
    """Returns images (N, 28, 28, 1) and labels of a part of MNIST."""
    images = read_idx(f"{folder}/{part}-images-idx3-ubyte.gz")[..., None]
    labels = gzip.decompress(pathlib.Path(f"{folder}/{part}-labels-idx1-ubyte.gz").read_bytes())
    return images, np.frombuffer(labels[8:], np.uint8).astype(np.int64)


def trained(path, images, labels):
    """Returns the classifier's network, and what its training took."""
    if os.path.exists(path):
        return classifier_features(path), "It was trained before."
    start, before = time.time(), sum(os.times()[:2])
    train_classifier(images, labels, "mnist-classifier").save(path)
    wall, used = time.time() - start, sum(os.times()[:2]) - before
    return classifier_features(path), f"Training took {wall:.0f} s, {used:.0f} CPU-seconds."


def noisy(images, strength):
    """Returns images with normal noise, as bytes."""
    noise = np.random.RandomState(0).randn(*images.shape) * strength * 127.5
    return np.uint8(np.clip(np.rint(images + noise), 0, 255))


def blurred(images, radius):
    """Returns images after a Gaussian filter."""
    blur = ImageFilter.GaussianBlur(radius)
    return np.stack([np.asarray(Image.fromarray(i).filter(blur)) for i in images[..., 0]])[
        ..., None
    ]


def compared(train, test):
    """Returns dict, name -> images that are compared with the first half of the test images."""
    half = test[5000:]
    noise = np.random.RandomState(1).randint(0, 256, half.shape, dtype=np.uint8)
    return {
        "the other half": half,
        "5,000 training images": train[:5000],
        **{f"noise {strength}": noisy(half, strength) for strength in NOISE},
        **{f"blur {strength}": blurred(half, strength) for strength in BLUR},
        "ten images, 500 times each": np.repeat(half[:10], 500, 0),
        "noise alone": noise,
    }


def measured(network, real, images):
    """Returns the row of a set of images."""
    found = network(images)
    kernel = kernel_distance_of_subsets(real, found["features"], subsets=20)
    return {
        "Frechet": frechet_distance(real, found["features"]),
        "kernel": kernel["mean"],
        "kernel std": kernel["std"],
        "score": inception_score(found["logits"])["mean"],
        **precision_recall(real, found["features"]),
        **density_coverage(real, found["features"]),
    }


def standard_errors(features, splits=100, size=1000):
    """Returns how many standard errors the mean over random splits is from 0, as it should be."""
    random = np.random.RandomState(0)
    found = []
    for _ in range(splits):
        rows = features[random.choice(len(features), 2 * size, False)]
        found.append(kernel_distance(rows[:size], rows[size:]))
    return abs(np.mean(found)) / (np.std(found, ddof=1) / np.sqrt(splits))


def main(flags):
    """Measures and writes the page; returns whether every threshold was met."""
    images, labels = digits(flags.data, "train")
    test, test_labels = digits(flags.data, "t10k")
    network, training = trained(flags.classifier, images, labels)
    accuracy = (network(test)["logits"].argmax(1) == test_labels).mean()
    halves = (network(part)["features"] for part in (test[:5000], test[5000:]))
    by_place = frechet_distance(*halves)
    # By place the halves are of other writers: the first has the cleaner digits.
    test = test[np.random.RandomState(0).permutation(len(test))]
    real = network(test[:5000])["features"]
    rows = {name: measured(network, real, each) for name, each in compared(images, test).items()}
    errors = standard_errors(network(test)["features"])
    distance = {name: row["Frechet"] for name, row in rows.items()}
    same = distance["the other half"]
    steps = [[f"noise {s}" for s in NOISE], [f"blur {s}" for s in BLUR]]
    grows = [bool((np.diff([same, *(distance[n] for n in names)]) > 0).all()) for names in steps]
    times = distance["noise alone"] / same
    passed = accuracy >= 0.99 and errors < 2 and all(grows) and times > 100
    results.write_page_section(
        "metrics",
        "MNIST, in the features of a classifier",
        "python -m tests.mnist_metrics",
        ("" if passed else "FAILED\n\n")
        + f"The classifier has {accuracy:.2%} of the test images right. {training}\n\n"
        "Each set against a random half of the test images, in the classifier's features: not to "
        "be called FID, nor Inception Score. (The first and the last 5,000 test images are of "
        "other writers, and the metrics see it: their Frechet distance is "
        f"{by_place:.3g}.)\n\n" + results.table(rows),
        THRESHOLD,
        f"{accuracy:.4f}; {errors:.2f} standard errors; noise {'grows' if grows[0] else 'DOES NOT'}"
        f", blur {'grows' if grows[1] else 'DOES NOT'}; {times:.0f} times",
    )
    return passed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--classifier", default="mnist-classifier.keras")
    parser.add_argument("--data", default="../shared/data/mnist")
    sys.exit(not main(parser.parse_args()))
