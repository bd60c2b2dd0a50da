"""Points in the plane: mixtures of Gaussians, drawn as they are needed, and images beside them."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_choice
from tfgan_apps.datasets.mixtures import MIXTURES
from tfgan_apps.input_pipelines.image_sets import image_set
from tfgan_apps.input_pipelines.indexed_data import IndexedData

_EPOCH, _TESTS = 25_600, 1000


def images_or_points(
    dataset: str,
    image_size: int,
    channels: int,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
):
    """Opens a set of images, or a mixture of Gaussians in the plane.

    Args:
        dataset: "ring", 8 Gaussians, or "grid", 25 of them; or images: "scenes", "shapes", a folder
            of images or of MNIST's idx files, or a TFDS name with the splits train and test.
        image_size: height and width of what comes out, in pixels; of no effect on points.
        channels: of the images, 1, 3 or 4.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.

    Returns:
        `Points` or `ImageSet`.
    """
    if dataset in MIXTURES:
        return Points(dataset, batch_size, seed)
    return image_set(dataset, image_size, channels, batch_size, seed, data_dir)


class Points(IndexedData):
    """Batches of points of a mixture, float32 (batch, 2); none comes twice.

    An epoch has 25,600 points, and there are 1,000 to test on.

    Args:
        mixture: "ring" or "grid".
        batch_size: int >= 1, over all replicas. Defaults to 1.
        seed: int >= 0. Defaults to 0.

    Raises:
        ValueError: when a number is out of its range, or the mixture is unknown.
    """

    def __init__(self, mixture, batch_size=1, seed=0):
        check_choice(tuple(MIXTURES), mixture=mixture)
        super().__init__(_EPOCH, batch_size, seed)
        self.name, self.mixture = mixture, MIXTURES[mixture]

    def train_example(self, position):
        step, place = position // self.batch_size, position % self.batch_size
        return self._points(step, "points", self.batch_size)[place]

    def test_example(self, index):
        return self._points(index, "test points", 1)[0]

    @property
    def test_length(self):
        return _TESTS

    @property
    def fingerprint(self):
        return self.name

    def describe(self):
        """Returns lines that say what was found."""
        modes = len(self.mixture.centers)
        found = f"data: {self.name}, {modes} Gaussians in the plane"
        return [found, f"  training: {self._batches}"]

    def _stream(self, start_step, first, share):
        # A whole batch at a time, of which this worker has its share: a point alone costs as much.
        def points(step):
            return self._points(step, "points", self.batch_size)[first : first + share]

        return tf.data.Dataset.counter(start_step).map(points).unbatch()

    def _points(self, index, purpose, count):
        """Returns the points of a step, or of a test example, (count, 2)."""
        drawn = self.uniform(index, purpose, 3 * count)
        mode, radius, angle = tf.unstack(tf.reshape(drawn, (3, -1)))
        centers = tf.constant(self.mixture.centers)
        center = tf.gather(centers, tf.cast(mode * len(self.mixture.centers), tf.int32))
        # Box and Muller: two uniform numbers become two normal ones.
        radius, angle = tf.sqrt(-2 * tf.math.log(1 - radius)), 2 * np.pi * angle
        normal = radius[:, None] * tf.stack([tf.cos(angle), tf.sin(angle)], -1)
        return center + self.mixture.deviation * normal
