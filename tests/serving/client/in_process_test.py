"""Answers of a model in this process, of a run and of a SavedModel."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.serving.client import client_files, in_process
from tfgan_apps.serving.client.errors import ServingError
from tfgan_apps.serving.client.examples import InputError, combinations
from tfgan_apps.serving.client.in_process import InProcess
from tfgan_apps.serving.kinds.image_to_image import ImageToImage


def saying():
    """The signature of a served model that repeats what it is given."""
    specs = [tf.TensorSpec([None], tf.string, "text"), tf.TensorSpec([None], tf.int32, "seed")]

    @tf.function(input_signature=[{spec.name: spec for spec in specs}])
    def serve(request):
        return {"said": request["text"] + ":" + tf.strings.as_string(request["seed"])}

    return serve


def test_each_example_has_its_own_answer_whatever_its_batch(tmp_path):
    serve = saying()
    tf.saved_model.save(tf.Module(), str(tmp_path / "3"), signatures=serve)
    (tmp_path / "notes").mkdir()
    examples = combinations(texts=["a", "b"], seeds=range(10))
    expected = [f"{text}:{seed}".encode() for text in "ab" for seed in range(10)]
    for signatures in (
        {"serving_default": serve},
        in_process.load(str(tmp_path)),
        in_process.load(str(tmp_path / "3")),
    ):
        answered = list(in_process.answers(InProcess(signatures), examples))
        assert [example for example, _, _ in answered] == examples
        assert {name for _, name, _ in answered} == {"said"}
        assert [value for _, _, value in answered] == expected


def test_a_path_without_a_saved_model_is_named(tmp_path):
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError, match=f"saved_model must hold .* Received: {path}"):
            in_process.load(str(path))


def test_an_error_is_the_graphs_sentence(inverting):
    model = InProcess(ImageToImage({"x_to_y": inverting()}, 16).signatures())
    with pytest.raises(ServingError) as error:
        model.predict({"image_bytes": [b"no picture"]})
    assert str(error.value) == (
        "INVALID_ARGUMENT: image_bytes must hold JPEG or PNG files. "
        "Received: broken files at index 0"
    )


def test_pictures_are_asked_with_a_fit(inverting, picture, tmp_path):
    image = picture(30, 17)
    (tmp_path / "a.png").write_bytes(tf.io.encode_png(image).numpy())
    signatures = ImageToImage({"x": inverting(), "y": inverting()}, 16).signatures()
    for signature, fit, largest in (
        ("serving_default", "training", 30),
        ("x", "original", 0),
        ("y", "pad", 30),
        ("y", "original", 0),
    ):
        model, folder = InProcess(signatures, signature), tmp_path / f"{signature}_{fit}"
        outcome = client_files.ask(model, combinations(tmp_path / "a.png"), folder, fit=fit)
        assert (outcome.written, outcome.failed) == (1, {})
        answer = tf.io.decode_png((folder / "a.png").read_bytes()).numpy()
        difference = np.abs(answer - (255.0 - image)).max()
        assert (difference > 0) == (largest > 0) and difference <= largest


def test_a_fit_of_a_model_without_one(tmp_path):
    model = InProcess({"serving_default": saying()})
    expected = "fit must be left out for a model without .* Received: a model with serving_default"
    with pytest.raises(InputError, match=expected):
        client_files.ask(model, combinations(texts="a", seeds=[1]), tmp_path, fit="pad")
