"""Text encoders of one's own: what is accepted, and that what holds them can be exported."""

import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.caption_encoder_test import COLOURS, Patches
from tfgan_apps import text_encoders, training
from tfgan_apps.evaluations import retrieval
from tfgan_apps.models import CaptionEncoder
from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds.served_model import tables_of
from tfgan_apps.serving.kinds.text_to_image import TextToImage
from tfgan_apps.text_encoders import embedding_size, load_text_encoder

TEXT = tf.TensorSpec([None], tf.string, "text")
TEXTS = tf.constant(["red", "green red", "", "größer"])


class WordVectors(tf.Module):
    """The mean of learned vectors of known words; it owns a lookup table."""

    def __init__(self):
        words = tf.lookup.KeyValueTensorInitializer(["red", "green"], tf.constant([1, 2]))
        self.table = tf.lookup.StaticHashTable(words, 0)
        self.vectors = tf.Variable(np.random.default_rng(0).normal(size=(3, 4)), dtype=tf.float32)

    @tf.function(input_signature=[TEXT])
    def __call__(self, text):
        words = tf.strings.split(tf.strings.join([text, " ."])).to_tensor("")
        return tf.reduce_mean(tf.gather(self.vectors, self.table.lookup(words)), 1)


class LengthVectors(tf.Module):
    """Callable in two ways, so that TensorFlow makes no signature of it."""

    def __init__(self):
        self.vectors = tf.Variable(np.random.default_rng(0).normal(size=(3, 4)), dtype=tf.float32)

    @tf.function
    def __call__(self, text, training=False):
        return tf.gather(self.vectors, tf.strings.length(text) % 3)


def saved_module(path):
    module = WordVectors()
    tf.saved_model.save(module, str(path))
    return module


def saved_callable(path):
    module = LengthVectors()
    module.__call__.get_concrete_function(TEXT)
    tf.saved_model.save(module, str(path))
    assert not tf.saved_model.load(str(path)).signatures
    return module


def words_model():
    vocabulary = ["red", "green"]
    words = keras.layers.TextVectorization(vocabulary=vocabulary, output_sequence_length=3)
    text = keras.Input((), dtype="string", name="text")
    vectors = keras.layers.Embedding(4, 5)(words(text))
    return keras.Model(text, keras.layers.GlobalAveragePooling1D()(vectors))


def exported_keras(path):
    model = words_model()
    model(TEXTS)
    model.export(path, verbose=False)
    return model


def keras_file(path):
    model = words_model()
    model.save(path)
    return model


def caption_encoder(**kwargs):
    sizes = {"embedding_size": 5, "length": 57, "filters": (4, 4, 4), "image_filters": 2}
    model = CaptionEncoder(8, **sizes, **kwargs)
    model.compile()
    return model


SAVERS = {
    "module": saved_module,
    "callable": saved_callable,
    "exported": exported_keras,
    "file.keras": keras_file,
}


@pytest.fixture(params=SAVERS)
def saved(request, tmp_path):
    """A text encoder in each form that is taken, and its path."""
    path = tmp_path / request.param
    return SAVERS[request.param](path), str(path)


def test_what_is_loaded_is_what_was_saved(saved):
    encoder, path = saved
    loaded = load_text_encoder(path)
    np.testing.assert_allclose(loaded(TEXTS), encoder(TEXTS), rtol=1e-6)
    assert embedding_size(loaded) == encoder(TEXTS).shape[1]
    assert len(tables_of(loaded)) == (0 if path.endswith("callable") else 1)
    assert loaded.variables and not loaded.trainable_variables


def generator_of(size):
    inputs = [keras.Input((size,), name="embedding"), keras.Input((3,), name="latents")]
    image = keras.layers.Dense(48, "tanh")(keras.layers.Concatenate()(inputs))
    return keras.Model(inputs, keras.layers.Reshape((4, 4, 3))(image))


ANSWER = """
import sys, tensorflow as tf
serve = tf.saved_model.load(sys.argv[1]).signatures["uint8"]
answer = serve(text=tf.constant(["red", "green red"]), seed=tf.constant([1, 1]))["image"]
print(answer.numpy().tobytes().hex())
"""


def test_an_export_has_its_tables_and_needs_nothing_else(tmp_path):
    """A fresh process, without the SavedModel that the encoder came from, gives the same images."""
    saved_module(tmp_path / "module")
    encoder = load_text_encoder(str(tmp_path / "module"))
    served = TextToImage(generator_of(4), encoder)
    path = export_saved_model(served, tmp_path / "export")
    request = {"text": tf.constant(["red", "green red"]), "seed": tf.constant([1, 1])}
    images = served.signatures()["uint8"](request)["image"].numpy()
    assert np.any(images[0] != images[1])
    shutil.rmtree(tmp_path / "module")
    program = [sys.executable, "-c", ANSWER, path]
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.stdout.strip() == images.tobytes().hex(), done.stderr


def test_the_text_encoder_of_a_caption_encoder(tmp_path):
    model = caption_encoder()
    expected = model(TEXTS)
    model.save(tmp_path / "whole.keras")
    model.text_encoder.save(tmp_path / "text_encoder.keras")
    for path in (tmp_path / "whole.keras", tmp_path, tmp_path / "text_encoder.keras"):
        np.testing.assert_array_equal(load_text_encoder(str(path))(TEXTS), expected)


def test_a_model_that_holds_a_saved_model_is_loaded_on_request_only(tmp_path):
    saved_module(tmp_path / "module")
    text = keras.Input((), dtype="string", name="text")
    encoder = load_text_encoder(str(tmp_path / "module"))
    model = keras.Model(text, encoder(text))
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="safe_mode=False"):
        keras.saving.load_model(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=False)
    np.testing.assert_array_equal(loaded(TEXTS), model(TEXTS))


class Broken(tf.Module):
    """A SavedModel with one fault."""

    def __init__(self, fault):
        self.fault = fault

    def serve(self, text, other=None):
        length = tf.cast(tf.strings.length(text), tf.float32)[:, None]
        return {
            "two outputs": {"a": length, "b": length},
            "integers": {"a": tf.cast(length, tf.int32)},
            "rank 3": {"a": length[..., None]},
            "two inputs": {"a": length},
        }[self.fault]

    def save(self, path):
        more = [tf.TensorSpec([None], tf.string, "other")] if self.fault == "two inputs" else []
        serve = tf.function(self.serve, input_signature=[TEXT, *more])
        tf.saved_model.save(self, path, signatures={"only": serve})


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("two outputs", "returns 2 outputs"),
        ("integers", "int32"),
        ("rank 3", r"\(2, 1, 1\)"),
        ("two inputs", "which fails"),
    ],
)
def test_a_saved_model_that_is_no_text_encoder(fault, words, tmp_path):
    Broken(fault).save(str(tmp_path))
    with pytest.raises(ValueError, match=f"must take strings .* float32 .*Received: .*{words}"):
        load_text_encoder(str(tmp_path))


def test_a_keras_model_that_is_no_text_encoder(tmp_path):
    image = keras.Input((4,))
    keras.Model(image, keras.layers.Dense(2)(image)).save(tmp_path / "images.keras")
    with pytest.raises(ValueError, match="must take strings .* Received: .*images.keras"):
        load_text_encoder(str(tmp_path / "images.keras"))


def test_a_path_with_nothing_to_load(tmp_path):
    (tmp_path / "notes.txt").write_text("no model")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "saved_model.pb").write_text("no model")
    names = ("", "absent.keras", "notes.txt", "broken")
    for path in (tmp_path / name for name in names):
        with pytest.raises(ValueError, match="must be a .keras file or a SavedModel's directory"):
            load_text_encoder(str(path))
    several = {name: tf.function(lambda text: text, input_signature=[TEXT]) for name in "ab"}
    tf.saved_model.save(tf.Module(), str(tmp_path / "several"), signatures=several)
    with pytest.raises(ValueError, match=r"signature serving_default.* \['a', 'b'\]"):
        load_text_encoder(str(tmp_path / "several"))


class CaptionedPatches(Patches):
    """Its captions as a list, too."""

    def captions(self, split):
        return [[f"all of it is {colour}", "no caption of it"] for colour in COLOURS]


def finished(run_dir, **kwargs):
    """Returns a `CaptionEncoder` as its training leaves it, and the run directory that it wrote."""
    run_dir.mkdir()
    model = caption_encoder(**kwargs)
    model.step.assign(6)
    changed = text_encoders.finish(model, CaptionedPatches(), training.RunOptions(str(run_dir)))
    assert changed == kwargs.get("whiten", False)
    return model


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("whiten", [False, True])
def test_embeddings_are_float32_under_any_policy(policy, whiten, tmp_path):
    def load(name):
        return load_text_encoder(str(tmp_path / name))

    whole = finished(tmp_path / "float32", whiten=whiten).finished_encoder(TEXTS)
    keras.mixed_precision.set_global_policy(policy)
    try:
        half = finished(tmp_path / "half", whiten=whiten).finished_encoder(TEXTS)
        np.testing.assert_array_equal(load("half")(TEXTS), half)
        np.testing.assert_array_equal(load("float32")(TEXTS), whole)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert half.dtype == whole.dtype == tf.float32
    np.testing.assert_array_equal(load("half")(TEXTS), half)


def answers(model, request):
    return model.serving().predict("serving_default", {"text": np.array(request)})["embedding"]


def test_a_finished_encoder_serves_its_file_and_is_in_its_checkpoint(tmp_path):
    request = [b"red", b"green"]
    early = caption_encoder(whiten=True)
    early.step.assign(3)
    with pytest.raises(ValueError, match="before the end of its training.* Received: whiten=True"):
        early.serving()
    model = finished(tmp_path / "run", whiten=True)
    kept = load_text_encoder(str(tmp_path / "run"))
    assert kept.name.startswith("whitened") and not kept.trainable_variables
    np.testing.assert_allclose(answers(model, request), kept(tf.constant(request)), rtol=1e-5)
    assert np.abs(answers(model, request) - model(tf.constant(request))).max() > 1e-3
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(TEXTS), model(TEXTS))
    np.testing.assert_array_equal(answers(loaded, request), answers(model, request))
    assert not loaded.whiten(["a", "b"])  # it has been, after this very step
    loaded.step.assign(7)
    with pytest.raises(ValueError, match="before the end of its training"):
        loaded.serving()
    plain = caption_encoder()
    np.testing.assert_allclose(answers(plain, request), plain(tf.constant(request)), rtol=1e-5)


def test_evaluations_compare_a_limited_number_of_examples():
    """Of one example the first answer is the right one."""
    model = caption_encoder()
    model.text_encoder.get_layer("network").layers[-2].kernel.assign(np.zeros((4, 5)))
    found = retrieval.evaluation(model, Patches(), evaluation_images=1)()
    assert found["test_text_to_image_median_rank"] == 1
    assert retrieval.evaluation(model, Patches())() != found
