"""Images of many domains with references: pictures of a domain whose styles others are to have."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_numbers
from tfgan_apps.input_pipelines.domains import DomainImages, opened_domains
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_data import check_images
from tfgan_apps.input_pipelines.indexed_data import IndexedData
from tfgan_apps.input_pipelines.sources.decoding import resize

# Of crops, as torchvision's RandomResizedCrop has them.
_LEAST_AREA = 0.8
_RATIOS = (0.9, 1.1)  # width over height
_TRIALS = 10  # after which the whole image is taken


def referenced_images(
    dataset: str,
    image_size: int,
    channels: int = 3,
    flip: bool = True,
    crop_probability: float = 0.5,
    test_fraction: float = 0.0,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
):
    """Opens a set of images of which each is of a domain, with references.

    Args:
        dataset: one of
            - "shapes", the package's procedural set of 4 domains, drawn at `image_size`;
            - a folder whose subfolders are the domains, or that has such in its subfolders train
              and test (or val);
            - a TFDS name with the splits train and test and a "label".
        image_size: height and width of what comes out, in pixels, of the middle square of each.
        channels: of the images, 1, 3 or 4.
        flip: whether half of the training images are mirrored.
        crop_probability: with which a training image is a part of the picture, of 80 percent or
            more of its area and a ratio of 0.9 to 1.1.
        test_fraction: share of the images that is held out, where no test is there.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.

    Returns:
        `ReferencedImages`.

    Raises:
        DataError: when images or domains are missing, or do not fit together.
        ValueError: when a number is out of its range.
    """
    check_images(image_size, None, channels, batch_size, seed)
    parts = opened_domains(dataset, image_size, (), channels, test_fraction, data_dir)
    numbers = image_size, flip, batch_size, seed, dataset, crop_probability
    return ReferencedImages(*parts, *numbers)


class ReferencedImages(DomainImages):
    """Batches of `image` and `label`, and of two references of a domain, whose number is `target`.

    All images are float32 in [-1, 1], `reference` and `other_reference`, too. In training each
    domain is drawn as often as the others, and of it each image, with replacement; an epoch has as
    many steps as would visit every image once. Of a test image the references are fixed, and of the
    next domain.

    Args:
        images, labels, classes, image_size, flip, batch_size, seed, name: as for `DomainImages`.
        crop_probability: see `referenced_images`.

    Raises:
        DataError: images have attributes, not a domain each; or as for `DomainImages`.
        ValueError: when a number is out of its range.
    """

    def __init__(
        self,
        images,
        labels,
        classes,
        image_size,
        flip=True,
        batch_size=1,
        seed=0,
        name="memory",
        crop_probability=0.5,
    ):
        check_numbers(0, 1, crop_probability=crop_probability)
        super().__init__(images, labels, classes, image_size, flip, batch_size, seed, name)
        self.crop_probability = crop_probability
        self._members = {split: _Members(values) for split, values in self._labels.items()}

    def _check_labels(self, name, images, labels, classes):
        if not self.exclusive:
            cure = "Take a folder for each domain, or a set with a label."
            problem = f"its images have attributes, and references are of one domain each. {cure}"
            raise DataError(name, [problem])
        super()._check_labels(name, images, labels, classes)
        without = sorted(
            set(range(len(classes))) - set(np.asarray(labels.get("test", ())).tolist())
        )
        if "test" in labels and without:
            cure = "Add some: they are the references of another domain's."
            problems = [
                f"domain {classes[number]} has no test images. {cure}" for number in without
            ]
            raise DataError(name, problems)

    @property
    def takes_vectors(self):
        return False

    def train(self, start_step=0, input_context=None):
        # Crops are of the pictures themselves: small ones are not kept for them.
        return IndexedData.train(self, start_step, input_context)

    def train_example(self, position):
        domains = len(self.classes)
        label, target = (
            self.uniform_index(position, f"domain of the {what}", domains)
            for what in ("image", "reference")
        )
        images = {
            name: self._drawn(position, name, domain)
            for name, domain in (
                ("image", label),
                ("reference", target),
                ("other_reference", target),
            )
        }
        return {**images, "label": tf.cast(label, tf.int32), "target": tf.cast(target, tf.int32)}

    def _drawn(self, position, name, domain):
        """Returns an image of a domain, prepared for training."""
        members = self._members["train"]
        place = self.uniform_index(position, name, members.count(domain))
        image = self.images["train"].read(members.index(domain, place))
        whether, mirrored, *draws = tf.unstack(self.uniform(position, f"{name}'s crop", 4))
        areas, ratios = tf.unstack(
            tf.reshape(self.uniform(position, f"{name}'s", 20), (2, _TRIALS))
        )
        sides = tf.shape(image)[:2]
        size = tf.where(whether < self.crop_probability, _crop_size(sides, areas, ratios), sides)
        free = tf.cast(sides - size + 1, tf.float32)
        top, left = tf.unstack(tf.cast(tf.stack(draws) * free, tf.int32))
        image = resize(image[top : top + size[0], left : left + size[1]], self.image_size)
        if not self.flip:
            return image
        return tf.cond(mirrored < 0.5, lambda: image[:, ::-1], lambda: image)

    def test_example(self, index):
        example = super().test_example(index)
        members = self._members["test" if self.held_out else "train"]
        target = (example["label"] + 1) % len(self.classes)

        def reference(place):
            chosen = members.index(target, place % members.count(target))
            return resize(self._tests.read(chosen), self.image_size)

        references = {"reference": reference(index), "other_reference": reference(index + 1)}
        return {**example, **references, "target": target}

    @property
    def _preparation(self):
        crops = f"a crop with probability {self.crop_probability:g}"
        flip = "flip" if self.flip else "no flip"
        return f"middle square, {crops}, resize {self.image_size}, {flip}"


class _Members:
    """Where the images of each domain are.

    Args:
        labels: int array (count,).
    """

    def __init__(self, labels):
        self._order = np.argsort(labels, kind="stable").astype(np.int64)
        self._counts = np.bincount(labels).astype(np.int64)
        self._starts = np.cumsum(self._counts) - self._counts

    def count(self, domain):
        """Returns how many images a domain has, an int64 scalar tensor."""
        return tf.gather(self._counts, domain)

    def index(self, domain, place):
        """Returns the index of the image at a place of a domain, an int64 scalar tensor."""
        return tf.gather(self._order, tf.gather(self._starts, domain) + place)


def _crop_size(sides, areas, ratios):
    """Returns (height, width) of a crop, int32: of the first trial that fits, else the whole.

    Args:
        sides: int32 tensor (2,), of the image.
        areas, ratios: float tensors (trials,), drawn from [0, 1).
    """
    area = tf.cast(tf.reduce_prod(sides), tf.float32)
    area *= _LEAST_AREA + (1 - _LEAST_AREA) * areas
    low, high = np.log(_RATIOS).astype(np.float32)
    ratio = tf.exp(low + (high - low) * ratios)
    sizes = tf.cast(tf.round(tf.sqrt(tf.stack([area / ratio, area * ratio], 1))), tf.int32)
    candidates = tf.concat([sizes, sides[None]], 0)  # whatever is drawn, the last one fits
    return candidates[tf.argmax(tf.reduce_all(candidates <= sides, 1))]
