import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from tfgan_apps.datasets import shape_renderer
from tfgan_apps.input_pipelines import DataError
from tfgan_apps.input_pipelines.sources import tfds_captions


def as_coco(builder, split, **kwargs):
    """Returns examples as coco_captions has them, the split's name in the captions."""
    image = tf.io.encode_jpeg(np.zeros((40, 30, 3), np.uint8)).numpy()
    examples = [
        {"image": image, "captions": {"text": [f"{split} {n}"] * n, "id": [0] * n}} for n in (5, 6)
    ]
    signature = {
        "image": tf.TensorSpec((), tf.string),
        "captions": {"text": tf.TensorSpec(None, tf.string), "id": tf.TensorSpec(None, tf.int64)},
    }
    return tf.data.Dataset.from_generator(lambda: examples, output_signature=signature)


def test_coco_captions_are_kept_at_the_size_they_are_needed():
    with tfds.testing.mock_data(as_dataset_fn=as_coco):
        train = tfds_captions.load_captions("coco_captions", 19, 3)["train"]
    assert train.store.names == ["train[0]", "train[1]"]
    assert tf.io.decode_png(train.store.load(0)).shape == (19, 19, 3)
    assert train.captions == [["train 5"] * 5, ["train 6"] * 6] and train.classes is None


def test_a_set_without_captions_is_refused_before_anything_is_downloaded():
    with pytest.raises(DataError) as error:
        tfds_captions.load_captions("mnist", 28, 1)
    assert error.value.problems == [
        "it has no images with captions, only image, label. Take a set with an image and captions."
    ]


def test_an_unknown_name_is_refused():
    with pytest.raises(DataError, match="neither a folder nor a TFDS name. Did you mean coco_capt"):
        tfds_captions.load_captions("coco_caption", 64, 3)


@pytest.mark.parametrize(
    "feature",
    [
        {"caption": tf.constant("a")},
        {"captions": tf.constant(["a"])},
        {"captions": {"text": tf.constant(["a"]), "id": tf.constant([1])}},
    ],
)
def test_the_forms_that_captions_have_in_tfds(feature):
    image = tf.io.encode_png(np.zeros((8, 8, 3), np.uint8))
    examples = tf.data.Dataset.from_tensors({"image": image, "label": 4} | feature)
    split = tfds_captions.kept("data", {"train": examples})["train"]
    assert (split.captions, split.classes) == ([["a"]], [4])


def test_a_prepared_set_is_opened_by_its_name_with_its_test_split_and_labels(shapes_dir):
    found = tfds_captions.load_captions("captioned_shapes/16px", 8, 1, shapes_dir)
    assert [len(split.store) for split in found.values()] == [346 * 18, 86 * 5]
    assert list(found) == ["train", "test"]
    assert tf.io.decode_png(found["test"].store.load(3)).shape == (8, 8, 1)
    assert shape_renderer.is_held_out(found["test"].classes[0])


@pytest.fixture(scope="module")
def shapes(shapes_dir):
    return tfds_captions.captioned_shapes(16, shapes_dir)


def test_shapes_have_five_true_captions_each(shapes):
    assert [len(split.store) for split in shapes.values()] == [346 * 18, 86 * 5]
    for split in shapes.values():
        for label, texts in zip(split.classes, split.captions, strict=True):
            shape = shape_renderer.SHAPES[label]
            assert len(set(texts)) == 5
            assert all(f" {shape.kind}" in f" {text}" and shape.size in text for text in texts)
    assert {shape_renderer.is_held_out(label) for label in shapes["train"].classes} == {False}
    assert {shape_renderer.is_held_out(label) for label in shapes["test"].classes} == {True}
    assert len(set(shapes["train"].classes) | set(shapes["test"].classes)) == 432


def test_shapes_are_drawn_as_they_are_labelled(shapes):
    test = shapes["test"]
    images = np.stack([tf.io.decode_png(test.store.load(i)) for i in range(len(test.store))])
    found = shape_renderer.read_attributes(images / 127.5 - 1)
    truth = shape_renderer.true_attributes(test.classes)
    for name in ("color", "size", "position"):
        np.testing.assert_array_equal(found[name], truth[name])
