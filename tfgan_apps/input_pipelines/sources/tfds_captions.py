"""Images with captions of TensorFlow Datasets, kept in memory."""

import tensorflow as tf

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.captioned_splits import CaptionedSplit
from tfgan_apps.input_pipelines.sources.decoding import decode_checked, resize
from tfgan_apps.input_pipelines.sources.tfds_images import (
    keep_examples,
    load_examples,
    prepared_examples,
    set_info,
)

_TEST_SPLITS = ("test", "val", "validation")  # the first one that the set has


def captioned_shapes(image_size, data_dir=None):
    """Returns dict split -> `CaptionedSplit` of the procedural shapes."""
    from tfgan_apps.datasets import captioned_shapes  # Imported late: it imports TFDS.

    builder = captioned_shapes.builder(image_size, data_dir)
    return kept("shapes", prepared_examples(builder, ["train", "test"]))


def load_captions(dataset, size, channels, data_dir=None):
    """Reads a TFDS set with captions; its images are resized, so that large sets fit in memory.

    Args:
        dataset: str, a TFDS name. Its feature "captions" is a sequence of texts, or of dicts with
            "text"; or "caption" is a text. An integer "label" makes classes.
        size: int, the side in pixels that images are resized to.
        channels: 1, 3 or 4.
        data_dir: str, where TFDS keeps its data. Defaults to TFDS's own (~/tensorflow_datasets).

    Returns:
        dict "train" and, of a set with test, val or validation, "test" -> `CaptionedSplit`.

    Raises:
        DataError: when there is no such set, or it has no images, captions or split train, cannot
            be prepared or is too large to be kept in memory.
    """
    features = set_info(dataset, data_dir).features
    if "image" not in features or not {"captions", "caption"} & set(features):
        listed = ", ".join(features)
        cure = "Take a set with an image and captions."
        raise DataError(dataset, [f"it has no images with captions, only {listed}. {cure}"])
    examples = load_examples(dataset, ["train"], data_dir)
    known = set_info(dataset, data_dir).splits  # Known now that the set is prepared.
    test = next((split for split in _TEST_SPLITS if split in known), None)
    if test:
        examples["test"] = load_examples(dataset, [test], data_dir)[test]

    def small(example):
        pixels = (resize(decode_checked(example["image"], channels), size) + 1) * 127.5
        encoded = tf.io.encode_png(tf.cast(tf.round(pixels), tf.uint8))
        return example | {"image": encoded}

    return kept(
        dataset,
        {
            split: found.map(small, tf.data.AUTOTUNE, deterministic=True)
            for split, found in examples.items()
        },
    )


def kept(dataset, examples):
    """Reads captioned examples into memory.

    Args:
        dataset: str that errors name the data by.
        examples: dict split -> `tf.data.Dataset` of what TFDS gives, images encoded.

    Returns:
        dict split -> `CaptionedSplit`.

    Raises:
        DataError: when the images take too much memory.
    """
    needed = {split: found.map(_columns) for split, found in examples.items()}
    return {
        split: CaptionedSplit(
            columns["image"],
            [[text.decode() for text in texts] for texts in columns["captions"]],
            [int(label) for label in columns["label"]] if "label" in columns else None,
        )
        for split, columns in keep_examples(dataset, needed).items()
    }


def _columns(example):
    """Returns an example's image, captions and, if it has one, label."""
    captions = example["captions"] if "captions" in example else example["caption"]
    captions = captions["text"] if isinstance(captions, dict) else captions
    columns = {"image": example["image"], "captions": tf.reshape(captions, [-1])}
    label = example.get("label")
    has_label = label is not None and label.dtype.is_integer and label.shape.rank == 0
    return columns | ({"label": label} if has_label else {})
