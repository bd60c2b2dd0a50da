"""Images with captions: a folder, a TFDS name or the procedural shapes become batches of both."""

import copy
import dataclasses
import functools
import hashlib
import json
import re

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check, check_fraction, check_integers
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_data import ImageData, check_images
from tfgan_apps.input_pipelines.sources.cached_images import cached
from tfgan_apps.input_pipelines.sources.caption_files import open_captions
from tfgan_apps.input_pipelines.sources.captioned_splits import hold_out, hold_out_captions, labels
from tfgan_apps.input_pipelines.sources.decoding import augment, resize
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.input_pipelines.sources.tfds_captions import captioned_shapes, load_captions
from tfgan_apps.vocabulary import Vocabulary

_PROBE = "a small red bird sits on the top of a large white flower"
_SIDES = re.compile(r"\b(left|right)\b", re.IGNORECASE)


def captioned_images(
    dataset: str,
    image_size: int,
    load_size: int | None = None,
    channels: int = 3,
    captions_per_example=1,
    flip: bool = True,
    wrong_images=True,
    test_fraction: float = 0.0,
    held_out_captions: int = 0,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
    cache_images: bool = False,
):
    """Opens a set of images that have one or more captions each.

    Args:
        dataset: one of
            - "shapes", the package's procedural set, drawn at `image_size`; it needs flip=False;
            - a folder of images, in its subfolder images or directly in it, whose subfolders are
              classes, with captions.txt (see `caption_files.open_captions`) or a text file for
              each image; or a folder with the subfolders train and test, each one such folder;
            - a TFDS name with a feature "captions" or "caption" ("coco_captions"), its images
              resized to `load_size` and kept in memory; a feature "label" makes classes.
        image_size: height and width of what comes out, in pixels.
        load_size: the side that training images are resized to before the random crop, in pixels,
            at least image_size; equal to it: no random crop. If not given: image_size * 76 / 64.
        channels: of the images, 1, 3 or 4; 3 for "shapes", whose captions say colours.
        captions_per_example: captions drawn for an image at each visit, with replacement, at
            least 1.
        flip: whether half of the images are mirrored; wrong where captions say left and right.
        wrong_images: bool, add an image of another class to each example. Defaults to True.
        test_fraction: share of the classes (without classes: of the images) that are held out of a
            set without a test split, in [0, 1).
        held_out_captions: captions of each image, the last ones, that are held out instead: the
            images are then the same in training and in testing.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.
        cache_images: whether a folder's images are decoded once, now, and kept in memory at
            `load_size`, as those of TFDS are; test images are resized from there.

    Returns:
        `CaptionedImages`.

    Raises:
        DataError: when images or captions are missing or cannot be used, as far as can be said
            without decoding an image (see `CaptionedImages.check`), or, to cache it, with it.
        ValueError: when a number is out of its range, or not for "shapes".
    """
    check_images(image_size, load_size, channels, batch_size, seed)
    check_integers(1, captions_per_example=captions_per_example)
    _check_held_out(test_fraction, held_out_captions)
    if dataset == "shapes":
        check(not flip, "False for shapes: captions say left", flip=flip)
        check(channels == 3, "3 for shapes: captions say colours", channels=channels)
    load_size = image_size * 76 // 64 if load_size is None else load_size
    splits = _open(dataset, image_size, load_size, channels, data_dir, cache_images)
    splits = _held_out(splits, test_fraction, held_out_captions, dataset)
    return CaptionedImages(
        {split: Images(found.store, channels) for split, found in splits.items()},
        {split: found.captions for split, found in splits.items()},
        labels(splits),
        image_size,
        load_size,
        captions_per_example,
        flip,
        wrong_images,
        batch_size,
        seed,
        dataset,
    )


def _check_held_out(test_fraction, held_out_captions):
    check_fraction(test_fraction=test_fraction)
    check_integers(0, held_out_captions=held_out_captions)
    if test_fraction and held_out_captions:
        raise ValueError(
            "test_fraction and held_out_captions exclude each other: one of them must be 0. "
            f"Received: test_fraction={test_fraction}, held_out_captions={held_out_captions}"
        )


def _held_out(splits, test_fraction, held_out_captions, dataset):
    """Returns the splits, with a test split where one is asked for."""
    if "test" not in splits and test_fraction:
        return hold_out(splits["train"], test_fraction, dataset)
    if "test" in splits and held_out_captions:
        raise ValueError(
            "held_out_captions must be 0 for a set that has a test split. "
            f"Received: held_out_captions={held_out_captions}, dataset={dataset}"
        )
    if held_out_captions:
        return hold_out_captions(splits["train"], held_out_captions, dataset)
    return splits


def _open(dataset, image_size, load_size, channels, data_dir, cache):
    """Returns dict split -> `CaptionedSplit`."""

    def of_folder(folder):
        splits = open_captions(folder)
        return _cached(splits, load_size, channels, dataset) if cache else splits

    return opened(
        dataset,
        {"shapes": lambda: captioned_shapes(image_size, data_dir)},
        folder=of_folder,
        tfds=lambda name: load_captions(name, load_size, channels, data_dir),
    )


def _cached(splits, size, channels, name):
    """Returns the splits with their images in memory."""
    return {
        split: dataclasses.replace(found, store=cached(found.store, size, channels, name))
        for split, found in splits.items()
    }


class CaptionedImages(ImageData):
    """Batches of images with captions, dicts of

    - `image`: float32 (batch, image_size, image_size, channels) in [-1, 1];
    - `wrong_image`: the same of an image of another class, drawn uniformly from all of them;
    - `captions`: strings (batch, captions_per_example), drawn with replacement; in `embedded` data
      instead `embedding`: float32 (batch, D), the mean of theirs;
    - `label`: int32 (batch,), the class of `image`.

    Test batches have `image`, not augmented, `caption`: strings (batch,), each image's first one
    (and its `embedding`), and `label`. Without a test split the training images stand in for it;
    `held_out` and `describe()` say so. An epoch visits every image once, in a new order each time,
    but for those that do not fill a batch.

    The authors draw two classes uniformly and then a file of each, so that images of small classes
    are seen more often. Captions they draw with replacement for flowers and birds, as here; for
    COCO without.

    Args:
        images: dict split -> `Images`; train, and test if held out.
        captions: dict split -> list of lists of str, the captions of each image.
        labels: dict split -> list of int >= 0, the class of each image.
        image_size, load_size, captions_per_example, flip, wrong_images, batch_size, seed: see
            `captioned_images`.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        ValueError: when a number is out of its range.
        DataError: when an image has no caption, or an empty one; or all images are of one class
            and wrong images are wanted.
    """

    def __init__(
        self,
        images,
        captions,
        labels,
        image_size,
        load_size,
        captions_per_example=1,
        flip=True,
        wrong_images=True,
        batch_size=1,
        seed=0,
        name="memory",
    ):
        check_integers(1, captions_per_example=captions_per_example)
        count = len(images["train"])
        super().__init__(images, count, image_size, load_size, batch_size, seed, name)
        self.captions_per_example = captions_per_example
        self.flip = flip
        self.held_out = "test" in images
        self._captions = captions
        self._check_captions()
        self._texts = {split: _Texts(lists) for split, lists in captions.items()}
        self._labels = {split: tf.constant(found, tf.int32) for split, found in labels.items()}
        self.encoder = None
        self._embeddings = None
        self._wrong = self._other_classes(labels["train"]) if wrong_images else None

    def _check_captions(self):
        """Refuses images without a caption: they would be shown with that of the next one."""
        problems = [
            f"{name}: has no caption, or an empty one. Write one, or remove the image."
            for split, images in self.images.items()
            for name, texts in zip(images.store.names, self._captions[split], strict=True)
            if not texts or not all(text.strip() for text in texts)
        ]
        if problems:
            raise DataError(self.name, problems)

    def _other_classes(self, labels):
        """Returns what `_wrong_index` draws from, three int64 tensors (images,).

        They are the images in the order of their classes, and of each image, where in this order
        its class begins and how many are of it.
        """
        if len(set(labels)) < 2:
            cure = "Put the images of each class in a subfolder, or pass wrong_images=False."
            raise DataError(self.name, [f"all images are of one class: none is wrong. {cure}"])
        order = np.argsort(labels, kind="stable")
        ordered = np.array(labels)[order]
        first = np.searchsorted(ordered, labels, "left")
        count = np.searchsorted(ordered, labels, "right") - first
        return [tf.constant(array, tf.int64) for array in (order, first, count)]

    @property
    def _test_split(self):
        return "test" if self.held_out else "train"

    def train_example(self, position):
        index = self.shuffled_index(position) % len(self.images["train"])
        example = {"image": self._augmented(index, position, "augment image")}
        if self._wrong:
            wrong = self._wrong_index(index, position)
            example["wrong_image"] = self._augmented(wrong, position, "augment wrong image")
        draws = self.uniform(position, "captions", self.captions_per_example)
        said = self._said("train", self._texts["train"].drawn(index, draws))
        return example | said | {"label": tf.gather(self._labels["train"], index)}

    def _augmented(self, index, position, purpose):
        image = self.images["train"].read(index)
        draws = self.uniform(position, purpose, 3)
        return augment(image, self.load_size, self.image_size, draws, self.flip)

    def _wrong_index(self, index, position):
        """Draws an image that is not of the class of the one at `index`."""
        order, first, count = self._wrong
        first, count = tf.gather(first, index), tf.gather(count, index)
        place = self.uniform_index(position, "wrong image", len(order) - count)
        return tf.gather(order, place + tf.where(place < first, tf.zeros_like(count), count))

    def _said(self, split, chosen):
        """Returns the captions at places of a split's list, or the mean of their embeddings."""
        texts = self._texts[split]
        if self._embeddings is None:
            return {"captions": tf.gather(texts.strings, chosen)}
        embeddings = tf.gather(self._embeddings, tf.gather(texts.rows, chosen))
        return {"embedding": tf.reduce_mean(embeddings, axis=0)}

    def test_example(self, index):
        split = self._test_split
        first = tf.gather(self._texts[split].first, index)
        said = {"caption": tf.gather(self._texts[split].strings, first)}
        if self._embeddings is not None:
            said |= self._said(split, first[None])
        image = resize(self.images[split].read(index), self.image_size)
        return {"image": image} | said | {"label": tf.gather(self._labels[split], index)}

    @property
    def test_length(self):
        return len(self.images[self._test_split])

    def without_wrong_images(self):
        """Returns the same data without `wrong_image`; all draws are the same."""
        data = copy.copy(self)
        data._wrong = None
        return data

    def embedded(self, encoder, batch_size=256):
        """Returns the same data with `embedding` in place of captions; all draws are the same.

        Every sentence is encoded once, now, and kept; `encoder` becomes the data's attribute.

        Args:
            encoder: `keras.Model`, or anything called like one, from strings (B,) to floats (B, D).
            batch_size: int >= 1, sentences encoded at a time. Defaults to 256.

        Raises:
            ValueError: when the encoder returns anything else.
        """
        sentences = sorted({text for texts in self._texts.values() for text in texts.flat})
        batches = [sentences[i : i + batch_size] for i in range(0, len(sentences), batch_size)]
        embedded = [_embedding(encoder, batch) for batch in batches]
        data = copy.copy(self)
        data.encoder = encoder
        # A variable: iterators copy the constants that their functions read, here gigabytes.
        with tf.device("CPU:0"):
            data._embeddings = tf.Variable(tf.concat(embedded, axis=0), trainable=False)
        rows = {text: row for row, text in enumerate(sentences)}
        data._texts = {split: texts.with_rows(rows) for split, texts in self._texts.items()}
        return data

    def captions(self, split):
        """Returns the captions of each image of a split, "train" or "test", a list of lists."""
        return self._captions[split]

    @functools.cached_property
    def vocabulary(self):
        """`Vocabulary` of the training captions, in lower case, marks apart."""
        texts = self._texts["train"].flat
        return Vocabulary.from_texts(texts, lower=True, separate_punctuation=True)

    @property
    def meaning(self):
        """What embeddings mean is told by how their encoder embeds a fixed text."""
        if self.encoder is None:
            return {}
        return {
            "text encoder": _embedding(self.encoder, [_PROBE])[0].numpy().astype(float).tolist()
        }

    @property
    def fingerprint(self):
        """str that changes when the images, as their files tell, their captions or classes do."""
        digest = hashlib.sha256()
        for split, images in self.images.items():
            digest.update(images.store.fingerprint().encode())
            digest.update(json.dumps(self._captions[split]).encode())
            digest.update(self._labels[split].numpy().tobytes())
        return digest.hexdigest()

    def describe(self):
        """Returns lines that say what was found."""
        lines = [f"data: {self.name}"]
        for split, images in self.images.items():
            texts, classes = self._texts[split].flat, len(set(self._labels[split].numpy()))
            said = f"{len(texts)} captions, {len(set(texts))} different, {classes} classes"
            lines += [f"  {split}: {images.describe()}", f"    {said}"]
        lines += self._stand_in("test images")
        sided = sum(bool(_SIDES.search(text)) for text in self._texts["train"].flat)
        if self.flip and sided:
            lines += [f"  {sided} captions say left or right, which a flip makes wrong"]
        drawn = f"{'flip' if self.flip else 'no flip'}, captions drawn: {self.captions_per_example}"
        return [*lines, f"  training: {self._crop}, {drawn}; {self._batches}"]


class _Texts:
    """The captions of a split in one list, `flat`.

    `first`: int64 tensor (images,), where the captions of each image begin in it.

    Args:
        captions: list of lists of str, those of each image.
    """

    def __init__(self, captions):
        counts = [len(texts) for texts in captions]
        self.flat = [text for texts in captions for text in texts]
        self.strings = tf.constant(self.flat, tf.string)
        self.first = tf.constant(np.cumsum([0, *counts[:-1]]), tf.int64)
        self._counts = tf.constant(counts, tf.float32)
        self.rows = None

    def with_rows(self, rows):
        """Returns the same texts with their rows in a table, given as dict text -> int."""
        texts = copy.copy(self)
        texts.rows = tf.constant([rows[text] for text in self.flat], tf.int64)
        return texts

    def drawn(self, index, draws):
        """Returns the places in `flat` of drawn captions of the image at an index.

        Args:
            index: int64 scalar tensor.
            draws: float32 tensor (k,) in [0, 1).
        """
        places = tf.cast(draws * tf.gather(self._counts, index), tf.int64)
        return tf.gather(self.first, index) + places


def _embedding(encoder, texts):
    embedding = tf.convert_to_tensor(encoder(tf.constant(texts), training=False))
    if embedding.shape.rank != 2 or len(embedding) != len(texts) or not embedding.dtype.is_floating:
        raise ValueError(
            f"encoder must map strings ({len(texts)},) to floats ({len(texts)}, D). "
            f"Received: {embedding.dtype.name} {tuple(embedding.shape)}"
        )
    return tf.cast(embedding, tf.float32)
