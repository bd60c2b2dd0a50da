import gc
import itertools
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.input_pipelines import (
    CaptionedImages,
    DataError,
    Images,
    ImagesInMemory,
    captioned_images,
)


def in_memory(labels, test=(), **kwargs):
    """Data whose i-th image is the constant i; image i has i % 3 + 1 captions, "i a", "i b", ..."""
    labels = {"train": list(labels)} | ({"test": list(test)} if test else {})
    images, captions = {}, {}
    for split, found in labels.items():
        arrays = [np.full((8, 8, 3), index, np.uint8) for index in range(len(found))]
        images[split] = Images(ImagesInMemory.from_arrays(arrays))
        captions[split] = [[f"{i} {x}" for x in "abc"[: i % 3 + 1]] for i in range(len(found))]
    return CaptionedImages(images, captions, labels, 8, 8, **{"flip": False} | kwargs)


def batches(data, count, start_step=0):
    return list(itertools.islice(data.train(start_step).as_numpy_iterator(), count))


def values(images):
    return np.rint((images[:, 0, 0, 0] + 1) * 127.5).astype(int)


def joined(found, key):
    return np.concatenate([batch[key] for batch in found])


def test_the_batches_of_training_and_test():
    data = in_memory([0, 0, 1, 1], test=[2, 3], batch_size=2, captions_per_example=3)
    images = tf.TensorSpec((2, 8, 8, 3), tf.float32)
    assert data.train().element_spec == {
        "image": images,
        "wrong_image": images,
        "captions": tf.TensorSpec((2, 3), tf.string),
        "label": tf.TensorSpec((2,), tf.int32),
    }
    assert data.steps_per_epoch == 2 and data.held_out and data.test_length == 2
    (batch,) = data.test(5).as_numpy_iterator()
    np.testing.assert_array_equal(values(batch["image"]), [0, 1])
    assert batch["caption"].tolist() == [b"0 a", b"1 a"]
    assert batch["label"].tolist() == [2, 3]
    assert data.captions("train")[2] == ["2 a", "2 b", "2 c"]


def test_captions_and_labels_are_those_of_the_image():
    data = in_memory([4, 4, 1, 1, 1], batch_size=5, captions_per_example=2)
    found = batches(data, 40)
    index, captions = values(joined(found, "image")), joined(found, "captions")
    assert joined(found, "label").tolist() == [[4, 4, 1, 1, 1][i] for i in index]
    drawn = {i: set(captions[index == i].ravel()) for i in range(5)}
    assert drawn == {i: {b"%d %c" % (i, x) for x in b"abc"[: i % 3 + 1]} for i in range(5)}
    pairs = captions[index == 2]  # drawn with replacement
    assert 5 <= (pairs[:, 0] == pairs[:, 1]).sum() <= 25  # of 40


def test_a_wrong_image_is_any_of_another_class():
    labels = [5, 0, 5, 2, 2, 2, 9]
    data = in_memory(labels, batch_size=7)
    found = batches(data, 150)
    right, wrong = (values(joined(found, key)) for key in ("image", "wrong_image"))
    counts = np.zeros((7, 7), int)
    np.add.at(counts, (right, wrong), 1)
    other = np.not_equal.outer(labels, labels)
    assert not counts[~other].any()
    expected = 150 / other.sum(1, keepdims=True) * np.ones((1, 7))
    assert np.abs(counts - expected)[other].max() < 5 * np.sqrt(expected.max())


def test_without_classes_every_other_image_is_wrong():
    found = batches(in_memory(range(3), batch_size=3), 50)
    right, wrong = (values(joined(found, key)) for key in ("image", "wrong_image"))
    assert set(zip(right, wrong, strict=True)) == set(itertools.permutations(range(3), 2))


def test_one_class_alone_has_no_wrong_images():
    with pytest.raises(DataError, match="all images are of one class: none is wrong. Put .* or"):
        in_memory([3, 3])
    assert "wrong_image" not in batches(in_memory([3, 3], wrong_images=False), 1)[0]


def test_an_epoch_visits_every_image_once_and_the_stream_starts_anywhere():
    data = in_memory([0, 1, 2, 3, 4, 5], batch_size=2, captions_per_example=2, seed=3)
    whole, later = batches(data, 7), batches(data, 3, start_step=4)
    assert sorted(values(joined(whole[:3], "image"))) == list(range(6))
    for one, two in zip(whole[4:], later, strict=True):
        for key in one:
            np.testing.assert_array_equal(one[key], two[key])
    other = batches(in_memory([0, 1, 2, 3, 4, 5], batch_size=2, seed=4), 7)
    assert not np.array_equal(joined(whole, "image"), joined(other, "image"))


def test_images_are_cropped_and_flipped_but_those_of_test_are_not():
    ramp = np.broadcast_to(np.arange(0, 256, 16, np.uint8)[:, None], (16, 16, 16)).transpose(
        0, 2, 1
    )
    store = Images(ImagesInMemory.from_arrays(np.repeat(ramp[..., None], 3, -1)[:2]))
    args = {"train": store}, {"train": [["a"], ["b"]]}, {"train": [0, 1]}, 8

    def first_pixels(load_size, flip):
        data = CaptionedImages(*args, load_size, flip=flip, batch_size=2)
        images = joined(batches(data, 20), "image")
        return images[:, 0, 0, 0], images[:, 0, -1, 0]

    left, right = first_pixels(8, flip=False)
    assert len(np.unique(left)) == 1 and (left < right).all()
    left, right = first_pixels(8, flip=True)
    assert 8 < (left > right).sum() < 32
    left, right = first_pixels(10, flip=False)
    assert len(np.unique(left.round(3))) == 3 and (left < right).all()
    (test,) = CaptionedImages(*args, 10).test(2).as_numpy_iterator()
    assert (test["image"][:, 0, 0] < test["image"][:, 0, -1]).all()


def length_encoder():
    """An encoder to (number of bytes, 1)."""
    text = keras.Input((), dtype="string", name="text")

    class Length(keras.layers.Layer):
        def call(self, text):
            length = tf.cast(tf.strings.length(text), tf.float32)
            return tf.stack([length, tf.ones_like(length)], axis=-1)

        def compute_output_spec(self, text):
            return keras.KerasTensor((text.shape[0], 2))

    return keras.Model(text, Length()(text))


def test_embedded_data_are_the_same_with_the_mean_of_the_captions_embeddings():
    data = in_memory(range(12), test=[20, 21], batch_size=4, captions_per_example=3)
    embedded = data.embedded(length_encoder(), batch_size=5)
    for one, two in zip(batches(data, 5, 2), batches(embedded, 5, 2), strict=True):
        assert set(two) == {"image", "wrong_image", "embedding", "label"}
        for key in ("image", "wrong_image", "label"):
            np.testing.assert_array_equal(one[key], two[key])
        lengths = np.vectorize(len)(one["captions"]).mean(1)
        np.testing.assert_allclose(two["embedding"], np.stack([lengths, np.ones(4)], -1))
    (test,) = embedded.test(2).as_numpy_iterator()
    np.testing.assert_array_equal(test["embedding"], [[3, 1], [3, 1]])
    assert set(test) == {"image", "caption", "embedding", "label"}  # sheets show the caption
    assert embedded.fingerprint == data.fingerprint
    assert "captions" in batches(data, 1)[0]  # the first stays as it was


def test_embeddings_mean_what_their_encoder_says_of_a_sentence():
    data = in_memory(range(4))
    assert data.meaning == {}
    sentence = "a small red bird sits on the top of a large white flower"
    embedded = data.embedded(length_encoder())
    assert embedded.meaning == {"text encoder": [float(len(sentence)), 1.0]}
    assert json.loads(json.dumps(embedded.meaning)) == embedded.meaning
    assert embedded.without_wrong_images().meaning == embedded.meaning
    other = data.embedded(lambda texts, training: tf.zeros((len(texts), 2)))
    assert other.meaning == {"text encoder": [0.0, 0.0]}
    assert data.meaning == {}  # the first stays as it was


def test_iterators_share_one_table_of_embeddings():
    embedded = in_memory(range(12)).embedded(length_encoder())
    position = tf.TensorSpec((), tf.int64)
    for example in (embedded.train_example, embedded.test_example):
        captured = tf.function(example).get_concrete_function(position).captured_inputs
        assert tf.float32 not in {tensor.dtype for tensor in captured if tensor.shape.rank == 2}
        assert tf.resource in {tensor.dtype for tensor in captured}
    stream = iter(embedded.train())
    expected = next(iter(embedded.train()))["embedding"]
    del embedded
    gc.collect()
    np.testing.assert_array_equal(next(stream)["embedding"], expected)


def test_embedded_data_in_the_scope_of_a_strategy(two_cpus):
    data = in_memory(range(4), batch_size=4)
    outside = data.embedded(length_encoder())
    with two_cpus.scope():
        inside = data.embedded(length_encoder())
    (expected,) = batches(outside, 1)
    for each in (inside, outside):
        stream = two_cpus.distribute_datasets_from_function(
            lambda context, each=each: each.train(0, context)
        )
        parts = two_cpus.experimental_local_results(next(iter(stream))["embedding"])
        np.testing.assert_array_equal(tf.concat(parts, 0), expected["embedding"])


def test_data_without_wrong_images_are_otherwise_the_same():
    data = in_memory(range(6), batch_size=3)
    (one,), (two,) = batches(data, 1), batches(data.without_wrong_images(), 1)
    assert set(one) - set(two) == {"wrong_image"}
    for key in two:
        np.testing.assert_array_equal(one[key], two[key])
    assert "wrong_image" in batches(data, 1)[0]  # the first stays as it was


def test_an_epoch_leaves_out_what_does_not_fill_a_batch():
    found = batches(in_memory(range(5), batch_size=2), 2)
    assert len(set(values(joined(found, "image")))) == 4


def test_a_sentence_is_encoded_once():
    encoded = []

    def encoder(texts, training):
        assert not training
        encoded.extend(texts.numpy())
        return tf.zeros((len(texts), 3))

    store = Images(ImagesInMemory.from_arrays(np.zeros((2, 8, 8, 3), np.uint8)))
    same = {"train": [["a", "b"], ["a"]], "test": [["b"], ["c"]]}
    labels = {"train": [0, 1], "test": [0, 1]}
    CaptionedImages(dict.fromkeys(same, store), same, labels, 8, 8).embedded(encoder, 2)
    assert encoded == [b"a", b"b", b"c"]


@pytest.mark.parametrize(
    "result, received",
    [
        (tf.zeros((3,)), r"float32 \(3,\)"),
        (tf.zeros((1, 4)), r"float32 \(1, 4\)"),
        (tf.zeros((3, 4), tf.int32), r"int32 \(3, 4\)"),
    ],
)
def test_an_encoder_that_returns_anything_else_is_refused(result, received):
    message = rf"encoder must map strings \(3,\) to floats \(3, D\). Received: {received}"
    with pytest.raises(ValueError, match=message):
        in_memory([0, 1]).embedded(lambda texts, training: result)


def test_images_without_a_caption_are_refused():
    store = Images(ImagesInMemory.from_arrays(np.zeros((3, 8, 8, 3), np.uint8)))
    with pytest.raises(DataError) as error:
        CaptionedImages({"train": store}, {"train": [["a"], [], [" "]]}, {"train": [0, 1, 2]}, 8, 8)
    assert [problem.split(":")[0] for problem in error.value.problems] == ["image 1", "image 2"]


@pytest.mark.parametrize(
    "kwargs, message",
    [
        ({"image_size": 0}, "image_size must be an integer >= 1. Received: image_size=0$"),
        (
            {"image_size": 16, "load_size": 15},
            "load_size must be an integer >= 16. Received: load_size=15",
        ),
        ({"captions_per_example": 0}, "captions_per_example must be an integer >= 1. Received: "),
        ({"test_fraction": 1.0}, r"test_fraction must be in \[0, 1\).* test_fraction=1.0"),
        ({"held_out_captions": -1}, "held_out_captions must be .* >= 0.* held_out_captions=-1"),
        ({"test_fraction": 0.5, "held_out_captions": 1}, "one of them must be 0"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"seed": -1}, "seed must be an integer >= 0. Received: seed=-1"),
        ({"channels": 2}, "channels must be 1, 3 or 4. Received: channels=2"),
    ],
)
def test_numbers_out_of_range_are_named_before_anything_is_opened(kwargs, message):
    with pytest.raises(ValueError, match=message):
        captioned_images("no such set", **{"image_size": 16} | kwargs)


def test_captions_are_not_held_out_of_a_set_with_a_test_split(shapes_dir):
    with pytest.raises(ValueError, match="held_out_captions must be 0 for a set that has a test"):
        captioned_images("shapes", 16, flip=False, held_out_captions=1, data_dir=shapes_dir)


def test_shapes_say_left_and_right():
    with pytest.raises(ValueError, match="flip must be False for shapes.* Received: flip=True"):
        captioned_images("shapes", 16)


@pytest.mark.parametrize("channels", [1, 4])
def test_shapes_say_colours(channels):
    with pytest.raises(ValueError, match=f"channels must be 3 for shapes.*: channels={channels}"):
        captioned_images("shapes", 16, flip=False, channels=channels)


def test_shapes(shapes_dir):
    data = captioned_images("shapes", 16, 16, flip=False, batch_size=8, data_dir=shapes_dir)
    data.check()
    description = data.describe()
    assert description[0] == "data: shapes"
    assert description[1].startswith("  train: 6228 images, 16x16 pixels, as RGB")
    assert description[2].startswith("    31140 captions, ") and " 346 classes" in description[2]
    assert description[-1] == (
        "  training: resize 16, no crop, no flip, captions drawn: 1; batches of 8, 778 steps per "
        "epoch, seed 0"
    )
    assert data.test_length == len(data.captions("test")) == 430


def test_flickr8k(test_data):
    data = captioned_images(str(test_data("flickr8k_1000")), 64, test_fraction=0.1, batch_size=4)
    assert data.load_size == 76
    assert [len(images) for images in data.images.values()] == [900, 100]
    assert {len(texts) for split in data.images for texts in data.captions(split)} == {5}
    data.check()
    description = "\n".join(data.describe())
    assert "900 classes" in description and "resize 76, crop 64, flip" in description
    assert " captions say left or right, which a flip makes wrong" in description
    other = captioned_images(str(test_data("flickr8k_1000")), 64, test_fraction=0.1, seed=7)
    assert other.fingerprint == data.fingerprint  # the split does not follow the seed
    (batch,) = batches(data, 1)
    assert batch["image"].shape == (4, 64, 64, 3) and -1 <= batch["image"].min() < 0


def test_the_fingerprint_follows_images_and_captions(write, tmp_path):
    def fingerprint(caption):
        for name in "12":
            (tmp_path / f"{name}.txt").write_text(caption)
        return captioned_images(str(tmp_path), 16).fingerprint

    write("1.png")
    write("2.png")
    first = fingerprint("a")
    assert fingerprint("a") == first != fingerprint("b")
    write("1.png", size=(40, 40))
    assert fingerprint("a") != first


def test_images_that_cannot_be_decoded_are_found_before_training(write, tmp_path):
    for name in "12":
        write(f"{name}.png", content=b"text" if name == "2" else None)
        write(f"{name}.txt", content=b"text")
    data = captioned_images(str(tmp_path), 16)
    with pytest.raises(DataError, match=r"\n  2.png: is not an image"):
        data.check()


def test_cached_training_images_are_the_same_but_for_rounding(write, tmp_path):
    for name in "1234":
        write(f"{name}.jpg", size=(40, 30))
        write(f"{name}.txt", content=b"text")
    settings = {"image_size": 16, "load_size": 20, "batch_size": 2, "test_fraction": 0.5}
    read, cached = (
        captioned_images(str(tmp_path), **settings, cache_images=c) for c in (False, True)
    )
    for ours, theirs in zip(batches(cached, 3), batches(read, 3), strict=True):
        assert ours["captions"].tolist() == theirs["captions"].tolist()
        for name in ("image", "wrong_image"):
            np.testing.assert_allclose(ours[name], theirs[name], atol=1e-4)
    cached.check()
    assert "20x20 pixels, as RGB" in cached.describe()[1]
    for path in tmp_path.iterdir():
        path.unlink()
    assert len(batches(cached, 1)[0]["image"]) == 2  # files are not read again


def test_what_cannot_be_cached_is_named(write, tmp_path):
    for name in "12":
        write(f"{name}.png", content=b"text" if name == "2" else None)
        write(f"{name}.txt", content=b"text")
    with pytest.raises(DataError, match=r"\n  2.png: is not an image"):
        captioned_images(str(tmp_path), 16, cache_images=True)
