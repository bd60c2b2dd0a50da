"""What models are asked to draw, and what they draw, as features."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from apps.command_line import evaluating
from tfgan_apps.metrics.features.network import FeatureNetwork
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage

NETWORK = FeatureNetwork("flat", lambda images: images.reshape(len(images), -1), batch_size=7)


def signatures_of(*names, **options):
    """Returns the signatures of a generator of 2 x 2 pixels that takes more than noise."""
    inputs = [keras.Input((4,), name="latents")]
    inputs += [keras.Input((1,) if name == "label" else (2,), name=name) for name in names]
    x = keras.layers.Concatenate()(inputs) if names else inputs[0]
    x = keras.layers.Dense(12, activation="tanh", kernel_initializer="he_normal")(x)
    generator = keras.Model(inputs, keras.layers.Reshape((2, 2, 3), name="image")(x))
    return NoiseToImage(generator, **options).signatures()


def answering(**inputs):
    """Returns signatures with these inputs, name -> dtype, that answer one grey picture each."""
    specs = {name: tf.TensorSpec([None], dtype, name) for name, dtype in inputs.items()}

    @tf.function(input_signature=[specs])
    def serve(request):
        count = tf.size(tf.nest.flatten(request)[0])
        picture = tf.io.encode_png(tf.zeros((2, 2, 3), tf.uint8))
        return {"image_bytes": tf.repeat(picture, count)}

    return {"serving_default": serve}


@pytest.fixture
def real(tmp_path):
    """Returns a folder of one image of class a and three of class b."""
    for name in ("a/0.png", "b/0.png", "b/1.png", "b/2.png"):
        (tmp_path / "real" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (2, 2)).save(tmp_path / "real" / name)
    return str(tmp_path / "real")


def test_images_are_a_function_of_the_seeds():
    signatures = signatures_of()
    first, second, rest = (
        evaluating.drawn(
            signatures, evaluating.request(signatures, None, count, seed, None, None), NETWORK
        )
        for count, seed in ((20, 3), (20, 3), (17, 6))
    )
    assert first.images == 20 and first.features.shape == (20, 12)
    np.testing.assert_array_equal(first.features, second.features)
    np.testing.assert_array_equal(first.features[3:], rest.features)
    assert first.features.std(0).min() > 5


def test_labels_are_as_the_real_images_have_them(real):
    asked = evaluating.request(signatures_of("label", classes=2), None, 8, 5, real, None)
    assert asked["label"].tolist() == [0, 0, 1, 1, 1, 1, 1, 1]
    assert asked["seed"].tolist() == list(range(5, 13))


def test_texts_are_those_of_a_file_in_turn(tmp_path):
    (tmp_path / "texts").write_text("one\n\ntwo\n")
    signatures = answering(seed=tf.int32, text=tf.string)
    asked = evaluating.request(signatures, None, 3, 0, None, str(tmp_path / "texts"))
    assert asked["text"] == ["one", "two", "one"]
    for given, message in ((None, "input must be a file of texts"), ("no", "a text in each line")):
        with pytest.raises(ValueError, match=message):
            evaluating.request(signatures, None, 3, 0, None, given)


def test_all_pictures_of_a_folder_are_translated(real):
    signatures = answering(image_bytes=tf.string)
    asked = evaluating.request(signatures, None, 3, 0, None, real)
    assert len(asked["image_bytes"]) == 4
    assert evaluating.drawn(signatures, asked, NETWORK).images == 4


def test_a_code_of_an_export_is_refused():
    with pytest.raises(
        ValueError, match=r"by label, seed, text, truncation, or translates.*Received.*'code'"
    ):
        evaluating.request(signatures_of("code"), None, 4, 0, None, None)
