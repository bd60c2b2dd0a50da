"""Images of classes, some of which training never sees: those are known by a few images each."""

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_integers
from tfgan_apps.datasets import hues
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_data import check_images
from tfgan_apps.input_pipelines.indexed_data import IndexedData
from tfgan_apps.input_pipelines.labelled import LabelledImages, open_labelled
from tfgan_apps.input_pipelines.sources.decoding import augment, resize
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.stores import PixelsInMemory


def few_shot_images(
    dataset: str,
    image_size: int,
    unseen: list[str] = (),
    shots: int = 5,
    load_size: int | None = None,
    channels: int = 3,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
):
    """Opens a set of images of classes, of which some are not trained on.

    Args:
        dataset: one of
            - "hues", the package's procedural set of 16 hues, of which 4 are unseen;
            - a folder whose subfolders are the classes, or that has such in its subfolders train
              and test (or val);
            - a TFDS name with the splits train and test and a "label".
        image_size: height and width of what comes out, in pixels.
        unseen: a class that training does not see; may be given several times.
        shots: images of an unseen class that a test example has.
        load_size: the side that training images, of each the middle square, are resized to before
            the random crop, in pixels, at least image_size. If not given: image_size * 140 / 128.
        channels: of the images, 1, 3 or 4.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.

    Returns:
        `FewShotImages`.

    Raises:
        DataError: when images or classes are missing, or do not fit together.
        ValueError: when a number is out of its range.
    """
    check_images(image_size, load_size, channels, batch_size, seed)
    check_integers(1, shots=shots)
    if dataset == "hues":
        stores, labels = _hues(image_size)
        classes, unseen = hues.CLASSES, unseen or hues.UNSEEN
    else:
        stores, labels, classes = open_labelled(dataset, image_size, data_dir)
    stores, labels, seen = _divided(dataset, stores, labels, classes, list(unseen))
    images = {split: Images(store, channels, square=True) for split, store in stores.items()}
    numbers = image_size, load_size, shots, batch_size, seed, dataset
    return FewShotImages(images, labels, seen, tuple(unseen), *numbers)


class FewShotImages(LabelledImages):
    """Batches of `image` and `label`, and of `reference` and its label `target`: of seen classes.

    An epoch visits every image once, in a new order each time; references are drawn with
    replacement. Both are resized, cropped and flipped independently. A test example has, besides,
    `references`, images (shots, height, width, channels) of an unseen class, and its number
    `unseen`.

    `classes`: tuple of str, the seen ones. `unseen`: tuple of str.

    Args:
        images: dict split -> `Images`; train, test if held out, and unseen.
        labels: dict split -> int array; those of `unseen` are numbers of unseen classes.
        classes, unseen: sequences of str.
        image_size, load_size, shots, batch_size, seed: see `few_shot_images`.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        DataError: a class has no images, an unseen one fewer than shots.
        ValueError: when a number is out of its range.
    """

    def __init__(
        self,
        images,
        labels,
        classes,
        unseen,
        image_size,
        load_size=None,
        shots=5,
        batch_size=1,
        seed=0,
        name="memory",
    ):
        load_size = round(image_size * 140 / 128) if load_size is None else load_size
        check_images(image_size, load_size, 3, batch_size, seed)
        super().__init__(images, labels, classes, image_size, batch_size, seed, name)
        self.unseen, self.shots, self.load_size = tuple(unseen), shots, load_size
        self._shots = self._chosen()

    def _chosen(self):
        """Returns of each test example which images of the unseen ones are its references."""
        members = [np.flatnonzero(self._labels["unseen"] == n) for n in range(len(self.unseen))]
        pairs = zip(self.unseen, members, strict=True)
        cure = "Add some, or ask for fewer shots."
        problems = [
            f"unseen class {name} has {len(found)} images, fewer than {self.shots}. {cure}"
            for name, found in pairs
            if len(found) < self.shots
        ]
        if problems:
            raise DataError(self.name, problems)
        rows = [members[i % len(members)] for i in range(self.test_length)]
        starts = [self.shots * (i // len(members)) for i in range(self.test_length)]
        order = np.arange(self.shots)
        return np.stack([r[(s + order) % len(r)] for r, s in zip(rows, starts, strict=True)])

    @classmethod
    def _check_labels(cls, name, images, labels, classes):
        seen = {split: values for split, values in labels.items() if split != "unseen"}
        super()._check_labels(name, images, seen, classes)

    @property
    def takes_vectors(self):
        return False

    def train(self, start_step=0, input_context=None):
        self.images["train"].keep(self.load_size)
        return IndexedData.train(self, start_step, input_context)

    def train_example(self, position):
        count = len(self.images["train"])
        index = self.shuffled_index(position) % count
        other = self.uniform_index(position, "index of the reference", count)
        return {
            "image": self._augmented(index, position, "augment the image"),
            "label": tf.gather(self._labels["train"], index),
            "reference": self._augmented(other, position, "augment the reference"),
            "target": tf.gather(self._labels["train"], other),
        }

    def _augmented(self, index, position, purpose):
        draws = self.uniform(position, purpose, 3)
        return augment(self.images["train"].read(index), self.load_size, self.image_size, draws)

    def test_example(self, index):
        example = super().test_example(index)
        other = super().test_example((index + 1) % self.test_length)
        of_unseen = self.images["unseen"]
        chosen = tf.unstack(tf.gather(self._shots, index))
        references = [resize(of_unseen.read(each), self.image_size) for each in chosen]
        return {
            **example,
            "reference": other["image"],
            "target": other["label"],
            "references": tf.stack(references),
            "unseen": tf.cast(index % len(self.unseen), tf.int32),
        }

    @property
    def meaning(self):
        return super().meaning | {"unseen": ", ".join(self.unseen)}

    def describe(self):
        """Returns lines that say what was found."""
        first, classes, *rest = super().describe()
        line = f"  {len(self.unseen)} that training does not see: {', '.join(self.unseen[:10])}"
        return [first, classes, line, *rest]

    @property
    def _preparation(self):
        return f"middle square, {self._crop}, flip"


def _hues(image_size):
    splits = hues.drawn(image_size)
    stores = {split: PixelsInMemory(images) for split, (images, _) in splits.items()}
    return stores, {split: labels for split, (_, labels) in splits.items()}


def _divided(name, stores, labels, classes, unseen):
    """Returns stores and labels of train, test and unseen, and the names of the seen classes."""
    strange = [each for each in unseen if each not in classes]
    problems = [f"it has no class {each}, only {', '.join(classes[:10])}." for each in strange]
    if not unseen:
        problems = [f"no class is unseen. Say --unseen, one of {', '.join(classes[:10])}."]
    seen = tuple(each for each in classes if each not in unseen)
    if len(seen) < 2:
        problems += [f"training sees {len(seen)} classes, and needs 2. Name fewer as unseen."]
    if problems:
        raise DataError(name, problems)
    parts, numbers = {}, {}
    for split, store in stores.items():
        names = np.array(classes)[np.asarray(labels[split])]
        rows = np.flatnonzero(np.isin(names, seen))
        parts[split] = store.subset(rows.tolist())
        numbers[split] = np.array([seen.index(each) for each in names[rows]])
    split = "test" if "test" in stores else "train"  # of what is unseen nothing is trained on
    names = np.array(classes)[np.asarray(labels[split])]
    rows = np.flatnonzero(np.isin(names, unseen))
    parts["unseen"] = stores[split].subset(rows.tolist())
    numbers["unseen"] = np.array([unseen.index(each) for each in names[rows]])
    return parts, numbers, seen
