"""What text-to-image signatures answer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds.text_to_image import TextToImage
from tfgan_apps.vocabulary import Vocabulary


class Histogram(keras.layers.Layer):
    """How often each of the 256 bytes stands in a text."""

    def call(self, text):
        spec = tf.TensorSpec(256, tf.int32)
        return tf.cast(tf.map_fn(self.count, text, fn_output_signature=spec), "float32")

    def count(self, text):
        code = tf.cast(tf.io.decode_raw(text, tf.uint8), tf.int32)
        return tf.math.bincount(code, minlength=256, maxlength=256)

    def compute_output_spec(self, text):
        return keras.KerasTensor((*text.shape, 256))


@pytest.fixture
def served():
    keras.utils.set_random_seed(0)
    text = keras.Input((), dtype="string", name="text")
    encoder = keras.Model(text, keras.layers.Dense(5)(Histogram()(text)))
    embedding, latents = keras.Input((5,), name="embedding"), keras.Input((3,), name="latents")
    both = keras.layers.Concatenate()([embedding, latents])
    image = keras.layers.Dense(4 * 4 * 3, activation="tanh")(both)
    generator = keras.Model([embedding, latents], keras.layers.Reshape((4, 4, 3))(image))
    return TextToImage(generator, encoder)


def test_export_is_the_model(served, tmp_path):
    loaded = tf.saved_model.load(export_saved_model(served, tmp_path / "text"))
    assert set(loaded.signatures) == {"serving_default", "uint8"}
    request = {"text": tf.constant(["a circle", "größer"]), "seed": tf.constant([3, 4])}
    files = loaded.signatures["serving_default"](**request)["image_bytes"]
    images = loaded.signatures["uint8"](**request)["image"]
    for file, image in zip(files, images, strict=True):
        np.testing.assert_array_equal(tf.io.decode_png(file), image)


def test_text_and_seed_alone_decide(served):
    signature = served.signatures()["serving_default"]

    def ask(*pairs):
        texts, seeds = zip(*pairs, strict=True)
        request = {"text": tf.constant(texts), "seed": tf.constant(seeds)}
        return list(signature(request)["image_bytes"].numpy())

    pairs = [("a", 1), ("b", 1), ("a", 2), ("a", 1), ("", 1)]
    together = ask(*pairs)
    assert together == [ask(pair)[0] for pair in pairs]
    assert len(set(together)) == 4


def test_an_interpolation_goes_from_one_text_to_the_other(served):
    columns = served.interpolation("a", "b", seeds=(1, 2), steps=3)
    ask = served.signatures()["uint8"]
    for text, column in (("a", columns[0]), ("b", columns[2])):
        image = ask({"text": tf.constant([text] * 2), "seed": tf.constant([1, 2])})["image"]
        np.testing.assert_allclose((column + 1) * 127.5, image, atol=0.51)
    assert not np.array_equal(columns[1], columns[0])


def test_words_that_no_caption_had_are_told(served, tmp_path):
    vocabulary = Vocabulary(["a", "red", "circle", ","], lower=True, separate_punctuation=True)
    served = TextToImage(served.generator, served.encoder, vocabulary)
    loaded = tf.saved_model.load(export_saved_model(served, tmp_path / "text"))
    texts = tf.constant(["A red circle", "a purple, large circle!", ""])
    words = loaded.signatures["unknown_words"](text=texts)["words"]
    assert words.numpy().tolist() == [b"", b"purple large !", b""]


def test_generator_without_an_embedding_is_refused():
    latents = keras.Input((3,), name="latents")
    with pytest.raises(ValueError, match=r"'embedding'. Received: inputs \['latents'\]"):
        TextToImage(keras.Model(latents, latents), None)


def test_lengths_that_differ_are_named(served):
    signature = served.signatures()["serving_default"]
    expected = r"\[inputs must have one length. Received: text of 2, seed of 3\]"
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        signature({"text": tf.constant(["a", "b"]), "seed": tf.constant([1, 2, 3])})
