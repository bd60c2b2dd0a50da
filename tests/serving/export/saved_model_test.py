"""Exports that must hold, and exports that must be refused."""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from absl import logging

from tfgan_apps.models.cyclegan import build_generator
from tfgan_apps.serving.export import ExportError, export_saved_model, saved_model
from tfgan_apps.serving.export.saved_model import ABOUT, versions
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

ROOT = pathlib.Path(__file__).parents[3]


def run(script, *arguments):
    """Runs a script in a new Python and returns what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_versions_count_up_and_an_existing_one_is_kept(inverting, tmp_path):
    served, base_path = ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "tiny"
    assert export_saved_model(served, base_path) == str(base_path / "1")
    assert export_saved_model(served, base_path, version=9) == str(base_path / "9")
    assert export_saved_model(served, base_path) == str(base_path / "10")
    with pytest.raises(FileExistsError, match=r"holds version 9\. Versions there: \[1, 9, 10\]"):
        export_saved_model(served, base_path, version=9)
    assert versions(base_path) == [1, 9, 10]
    assert sorted(os.listdir(base_path)) == ["1", "10", "9"]
    assert (base_path / "1").stat().st_mode & 0o055 == 0o055, "other users' servers have to read it"


@pytest.mark.parametrize("version", [0, -1, "2", 1.5, True])
def test_version_must_be_a_positive_integer(inverting, tmp_path, version):
    with pytest.raises(ValueError, match="version must be a positive integer"):
        export_saved_model(ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "tiny", version)


def test_loaded_signatures_equal_predict(convolutional, picture, tmp_path):
    networks = {"x_to_y": convolutional(0), "y_to_x": convolutional(1)}
    loaded = tf.saved_model.load(export_saved_model(ImageToImage(networks, 16), tmp_path / "tiny"))
    image = picture(16, 16)
    for name, network in networks.items():
        answer = loaded.signatures[name](image_bytes=tf.io.encode_png(image)[None])["image_bytes"][
            0
        ]
        predicted = network.predict(image[None] / np.float32(127.5) - 1, verbose=0)[0]
        difference = np.abs(tf.io.decode_png(answer).numpy() - (predicted + 1) * 127.5)
        assert difference.max() <= 0.501


def test_names_of_inputs_and_outputs_and_the_training_size(inverting, tmp_path):
    path = export_saved_model(ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "tiny")
    about = json.loads((tmp_path / "tiny" / "1" / ABOUT).read_text())
    assert about == {"training_size": {"x_to_y": [16, 16]}, "size_multiple": 4}
    loaded = tf.saved_model.load(path)
    shapes = {"x_to_y": {"image_bytes": [None]}, "uint8": {"image": [None, None, None, 3]}}
    for name, expected in shapes.items():
        _, inputs = loaded.signatures[name].structured_input_signature
        assert {key: spec.shape.as_list() for key, spec in inputs.items()} == expected
        assert list(loaded.signatures[name].structured_outputs) == list(expected)


class ScaleByWeight(keras.layers.Layer):
    """One weight, to be spoiled."""

    def build(self, _):
        self.scale = self.add_weight(shape=(), initializer="ones")

    def call(self, image):
        return image * self.scale


class FromBatch(keras.layers.Layer):
    """What batch statistics do at inference."""

    def call(self, image):
        return image - keras.ops.mean(image, axis=0, keepdims=True)


class FromPythonState(keras.layers.Layer):
    """What cannot be exported: each trace finds another number."""

    calls = 0

    def call(self, image):
        self.calls += 1
        return image + 0.1 * self.calls


def test_non_finite_outputs_are_refused_and_leave_nothing(from_layers, tmp_path):
    network = from_layers([ScaleByWeight()])
    network.set_weights([np.float32(np.nan)])
    with pytest.raises(ExportError, match="must give finite outputs"):
        export_saved_model(ImageToImage({"x_to_y": network}, 16), tmp_path / "tiny")
    assert sorted(os.listdir(tmp_path)) == ["batching.config", "tiny"]
    assert os.listdir(tmp_path / "tiny") == []


def test_outputs_that_depend_on_the_batch_are_refused(from_layers, tmp_path):
    served = ImageToImage({"x_to_y": from_layers([FromBatch()])}, 16)
    expected = "'uint8' must give each example the same answer in any batch"
    with pytest.raises(ExportError, match=expected):
        export_saved_model(served, tmp_path / "tiny")
    assert os.listdir(tmp_path / "tiny") == []


def test_outputs_that_are_not_the_models_are_refused(from_layers, tmp_path):
    served = ImageToImage({"x_to_y": from_layers([FromPythonState()])}, 16)
    with pytest.raises(ExportError, match="must give what the networks give in this process"):
        export_saved_model(served, tmp_path / "tiny")
    assert os.listdir(tmp_path / "tiny") == []


class OfOneSize(keras.layers.Layer):
    """What fails for most pictures."""

    def call(self, image):
        return keras.ops.reshape(image, (-1, 7, 7, 3))

    def compute_output_spec(self, image):
        return keras.KerasTensor((None, 7, 7, 3))


def test_networks_that_fail_are_named(from_layers, tmp_path):
    served = ImageToImage({"x_to_y": from_layers([OfOneSize()])}, 16)
    with pytest.raises(ExportError, match="must answer what signature 'x_to_y' is asked"):
        export_saved_model(served, tmp_path / "tiny")
    assert os.listdir(tmp_path / "tiny") == []


def test_weights_are_those_at_the_export(from_layers, tmp_path):
    network = from_layers([ScaleByWeight()])
    served = ImageToImage({"x_to_y": network}, 16)
    export_saved_model(served, tmp_path / "tiny")
    network.set_weights([np.float32(0.5)])
    export_saved_model(served, tmp_path / "tiny")
    white = tf.fill((1, 4, 4, 3), tf.constant(255, tf.uint8))
    for version, level in (("1", 255), ("2", 191)):
        loaded = tf.saved_model.load(str(tmp_path / "tiny" / version))
        assert set(loaded.signatures["uint8"](image=white)["image"].numpy().flat) == {level}


@pytest.mark.parametrize(
    ("name", "text"), [("models.config", "no list"), ("batching.config", "no sizes")]
)
def test_a_broken_file_of_the_server_leaves_no_version(inverting, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=f"{name} must"):
        export_saved_model(ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "tiny")
    assert os.listdir(tmp_path / "tiny") == []
    assert (tmp_path / name).read_text() == text


def test_exports_at_once_get_versions_of_their_own(inverting, tmp_path):
    names = ["one", "one", "two"]
    served = [ImageToImage({"x_to_y": inverting()}, 16) for _ in names]
    paths = [tmp_path / name for name in names]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = sorted(pool.map(export_saved_model, served, paths))
    assert found == [str(tmp_path / path) for path in ("one/1", "one/2", "two/1")]
    assert (tmp_path / "models.config").read_text().count("config {") == 2


@pytest.mark.skipif(not os.path.exists("/proc/self/cwd"), reason="it is Linux that has /proc")
def test_the_folder_can_move_and_is_found_where_a_server_is_started(
    inverting, tmp_path, monkeypatch
):
    export_saved_model(ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "made" / "tiny")
    (tmp_path / "made").rename(tmp_path / "moved")
    (path,) = re.findall('base_path: "(.*)"', (tmp_path / "moved" / "models.config").read_text())
    assert os.path.isabs(path)  # else TensorFlow Serving does not start
    monkeypatch.chdir(tmp_path / "moved")
    assert tf.io.gfile.listdir(path) == ["1"]  # as TensorFlow Serving looks for versions
    assert "uint8" in tf.saved_model.load(f"{path}/1").signatures


WITHOUT_KERAS = """
import sys
sys.modules["keras"] = sys.modules["tfgan_apps"] = None  # importing either is an error from here on
import tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
answer = loaded.signatures["serving_default"](image_bytes=tf.io.read_file(sys.argv[2])[None])
tf.io.write_file(sys.argv[3], answer["image_bytes"][0])
print(sorted(name for name in sys.modules if name.split(".")[0] in ("keras", "tfgan_apps")))
"""


def test_answers_a_png_in_a_process_that_cannot_import_keras(inverting, picture, tmp_path):
    path = export_saved_model(ImageToImage({"x_to_y": inverting()}, 16), tmp_path / "tiny")
    image = picture(16, 16)
    (tmp_path / "in.png").write_bytes(tf.io.encode_png(image).numpy())
    printed = run(WITHOUT_KERAS, path, tmp_path / "in.png", tmp_path / "out.png")
    assert printed.strip() == "['keras', 'tfgan_apps']"  # only the entries that forbid the import
    answer = tf.io.decode_png((tmp_path / "out.png").read_bytes())
    np.testing.assert_array_equal(answer, 255 - image)


UNDER_A_STRATEGY = """
import sys
import keras
import tensorflow as tf
from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    image = keras.Input((None, None, 3), name="image")
    network = keras.Model(image, keras.layers.Conv2D(3, 3, padding="same")(image))
assert type(network.weights[0].value).__name__ == "MirroredVariable"
path = export_saved_model(ImageToImage({"x_to_y": network}, 16), sys.argv[1])
try:
    with strategy.scope():
        export_saved_model(ImageToImage({"x_to_y": network}, 16), sys.argv[1])
except RuntimeError as error:
    print(error)
print(path)
"""


def test_export_of_variables_under_a_strategy(tmp_path):
    printed = run(UNDER_A_STRATEGY, tmp_path / "tiny")
    assert "outside of a strategy's scope. Received: the scope of a MirroredStrategy" in printed
    assert printed.strip().endswith(str(tmp_path / "tiny" / "1"))
    assert versions(tmp_path / "tiny") == [1]


def test_an_export_says_nothing_of_gradients(tmp_path, caplog):
    """Layers with gradients of their own; nobody differentiates what is served."""
    generator = build_generator(filters=2, residual_blocks=1)
    path = export_saved_model(ImageToImage({"x_to_y": generator}, 16), tmp_path / "tiny")
    assert "custom gradients" not in caplog.text
    tf.saved_model.load(path)  # the filter is gone again
    assert "custom gradients" in caplog.text


def test_only_what_is_said_of_gradients_is_dropped(monkeypatch, caplog):
    def load(path):
        if path == "outer":  # a load that begins and ends inside another one
            saved_model._loaded("inner")
        logging.warning("Importing a function (f) with ops with unsaved custom gradients.")
        logging.warning("%s is loaded", path)

    monkeypatch.setattr(tf.saved_model, "load", load)
    saved_model._loaded("outer")
    assert caplog.messages == ["inner is loaded", "outer is loaded"]
