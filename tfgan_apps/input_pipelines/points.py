"""Points in the plane: mixtures of Gaussians, drawn as they are needed, and images beside them."""

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
        dataset: "ring", 8 Gaussians, or "grid", 25 of them; or images: "scenes", a folder of images
            or of MNIST's idx files, or a TFDS name with the splits train and test.
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
        return self._point(position, "point")

    def test_example(self, index):
        return self._point(index, "test point")

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

    def _point(self, position, purpose):
        mode, radius, angle = tf.unstack(self.uniform(position, purpose, 3))
        centers = tf.constant(self.mixture.centers)
        center = tf.gather(centers, tf.cast(mode * len(self.mixture.centers), tf.int32))
        # Box and Muller: two uniform numbers become two normal ones.
        radius, angle = tf.sqrt(-2 * tf.math.log(1 - radius)), 2 * 3.14159265358979 * angle
        normal = radius * tf.stack([tf.cos(angle), tf.sin(angle)])
        return center + self.mixture.deviation * normal
