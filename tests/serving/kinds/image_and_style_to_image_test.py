"""What image-and-style signatures answer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.serving.client import client_files
from tfgan_apps.serving.client.examples import combinations
from tfgan_apps.serving.client.in_process import InProcess
from tfgan_apps.serving.kinds.image_and_style_to_image import ImageAndStyleToImage

SIZE, NAMES = 8, ("dark", "middle", "bright")


def served(exclusive=True):
    """Gives the input's red, and green by the label: -1, 0, 1, or the share of attributes."""
    image = keras.Input((None, None, 3), name="image")
    label = keras.Input(() if exclusive else (3,), dtype="int32", name="label")
    level = keras.ops.cast(label, "float32") - 1
    level = level if exclusive else keras.ops.mean(level + 1, -1)
    green = keras.ops.zeros_like(image[..., :1]) + keras.layers.Reshape((1, 1, 1))(level[:, None])
    out = keras.ops.concatenate([image[..., :1], green, image[..., :1]], -1)
    network = keras.Model({"image": image, "label": label}, out)
    return ImageAndStyleToImage(network, NAMES, exclusive, SIZE)


def files(*sizes):
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (*size, 3), np.uint8) for size in sizes]
    return images, tf.constant([tf.io.encode_png(image).numpy() for image in images])


def ask(model, signature, image_bytes, label, **inputs):
    label = tf.constant(label, tf.int32)
    answer = model.signatures()[signature](image_bytes=image_bytes, label=label, **inputs)
    return [tf.io.decode_png(file).numpy() for file in answer["image_bytes"]]


def test_each_picture_is_of_its_size_and_its_own_domain():
    images, image_bytes = files((8, 8), (5, 9), (20, 12))
    found = ask(served(), "serving_default", image_bytes, [2, 0, 1])
    assert [image.shape for image in found] == [image.shape for image in images]
    assert [set(image[..., 1].flat) for image in found] == [{255}, {0}, {128}]
    np.testing.assert_array_equal(found[0][..., 0], images[0][..., 0])


def test_attributes_are_vectors_and_a_fit_may_be_given():
    images, image_bytes = files((12, 12))
    fit = tf.constant(["original"])
    (found,) = ask(served(False), "fit", image_bytes, [[1, 1, 1]], fit=fit)
    assert set(found[..., 1].flat) == {255}
    np.testing.assert_array_equal(found[..., 0], images[0][..., 0])


@pytest.mark.parametrize(
    ("exclusive", "label", "expected"),
    [
        (True, [3], "label must be 0 to 2. Received:"),
        (False, [[0, 2, 0]], "label must be 0 to 1. Received:"),
        (True, [0, 1], "inputs must have one length. Received: image_bytes of 1, label of 2"),
    ],
)
def test_a_label_that_does_not_exist_is_named(exclusive, label, expected):
    _, image_bytes = files((8, 8))
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        ask(served(exclusive), "serving_default", image_bytes, label)


def test_a_sheet_has_a_column_for_each_domain():
    images, image_bytes = files((8, 8), (8, 8))
    columns = served().sheet(list(image_bytes.numpy()), [2, 0])
    assert list(columns) == ["input", "bright", "dark"]
    np.testing.assert_allclose(columns["input"], np.stack(images) / 127.5 - 1, atol=1e-6)
    assert set(np.ravel(columns["bright"][..., 1])) == {1.0}
    columns = served(False).sheet(list(image_bytes.numpy()), [1])
    assert np.ravel(columns["middle"][..., 1]) == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="label must be below 3. Received: label=3"):
        served().sheet(list(image_bytes.numpy()), [3])


def test_a_client_brings_a_folder_to_one_domain(tmp_path):
    model, (_, image_bytes) = served(), files((8, 8), (6, 8))
    for name, content in zip("ab", image_bytes.numpy(), strict=True):
        (tmp_path / f"{name}.png").write_bytes(content)
    client, examples = InProcess(model.signatures()), combinations(tmp_path)
    outcome = client_files.ask(client, examples, tmp_path / "made", further={"label": 2})
    assert (outcome.written, outcome.failed) == (2, {})
    assert tf.io.decode_png((tmp_path / "made" / "b.png").read_bytes()).shape == (6, 8, 3)
    assert model.about["classes"] == list(NAMES) and model.about["exclusive"]
