import pathlib

import h5py
import keras
import numpy as np
import pytest

from tfgan_apps import tensorflow_addons
from tfgan_apps.layers import InstanceNormalization

GOLDENS = pathlib.Path(__file__).parent / "goldens" / "tfa"
GENERATOR = GOLDENS / "tfa_cyclegan_generator.h5"


@pytest.fixture(scope="module")
def goldens():
    with np.load(GOLDENS / "tfa_goldens.npz") as arrays:
        return dict(arrays)


@pytest.fixture
def edited(tmp_path):
    """Returns a function: (old, new) -> a copy of the generator's file, its config edited."""

    def edit(old, new):
        path = tmp_path / "edited.h5"
        path.write_bytes(GENERATOR.read_bytes())
        with h5py.File(path, "r+") as file:
            config = file.attrs["model_config"]
            assert old in config
            file.attrs["model_config"] = config.replace(old, new)
        return path

    return edit


def test_instance_normalization_equals_the_addons_layer(goldens):
    epsilon = float(goldens["instance_norm_epsilon"])
    layer = InstanceNormalization(epsilon=epsilon, center=True, scale=True)
    outputs = layer(goldens["instance_norm_input"])
    np.testing.assert_allclose(outputs, goldens["instance_norm_output"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("path", [GENERATOR, str(GENERATOR)], ids=["path", "str"])
def test_loaded_generator_gives_the_stored_outputs(goldens, path):
    generator = tensorflow_addons.load_model(path)
    outputs = generator.predict(goldens["generator_input"], verbose=0)
    np.testing.assert_allclose(outputs, goldens["generator_output"], rtol=0, atol=1e-5)


def test_a_model_of_mixed_precision_keeps_its_policy(goldens, edited):
    policy = (
        '"trainable": true, "dtype": {"class_name": "Policy", "config": {"name": "mixed_float16"}}'
    )
    path = edited('"trainable": true, "dtype": "float32"', policy)
    generator = tensorflow_addons.load_model(path)
    assert {layer.dtype_policy.name for layer in generator.layers[1:]} == {"mixed_float16"}
    outputs = generator.predict(goldens["generator_input"], verbose=0)
    np.testing.assert_allclose(outputs, goldens["generator_output"], rtol=0, atol=0.02)


def test_loaded_generator_keeps_every_weight():
    generator = tensorflow_addons.load_model(GENERATOR)
    with h5py.File(GENERATOR) as file:
        for layer in generator.layers:
            stored = file["model_weights"][layer.name]
            for variable in layer.weights:
                array = stored[layer.name][f"{variable.name}:0"]
                np.testing.assert_array_equal(variable, array, err_msg=variable.path)


def test_loaded_generator_trains_and_is_saved_as_keras_3(goldens, tmp_path):
    generator = tensorflow_addons.load_model(GENERATOR)
    images = goldens["generator_input"]
    generator.compile(optimizer="adam", loss="mae")
    losses = generator.fit(images, images, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]

    generator.save(tmp_path / "generator.keras")
    loaded = keras.saving.load_model(tmp_path / "generator.keras")
    np.testing.assert_array_equal(
        loaded.predict(images, verbose=0), generator.predict(images, verbose=0)
    )


def test_loaded_generator_takes_another_image_size():
    generator = tensorflow_addons.load_model(GENERATOR)
    free = keras.models.clone_model(generator, keras.Input((None, None, 3), name="image"))
    free.set_weights(generator.get_weights())
    assert free.predict(np.zeros((1, 48, 64, 3)), verbose=0).shape == (1, 48, 64, 3)


def test_unsupported_layers_are_named(edited):
    path = edited('"Addons>InstanceNormalization"', '"Addons>Maxout"')
    with pytest.raises(ValueError, match=r"only InstanceNormalization.*\['Addons>Maxout'\]"):
        tensorflow_addons.load_model(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"axis": -1', '"axis": 1', "over the last axis. Received: axis=1"),
        (
            '"gamma_constraint": null',
            '"gamma_constraint": {"class_name": "NonNeg", "config": {}}',
            "has no gamma_constraint",
        ),
    ],
)
def test_settings_that_our_layer_lacks_are_refused(edited, old, new, message):
    with pytest.raises(ValueError, match=message):
        tensorflow_addons.load_model(edited(old, new))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Keras \.h5 file.*absent\.h5"):
        tensorflow_addons.load_model(tmp_path / "absent.h5")


def test_file_that_is_not_hdf5_is_refused(tmp_path):
    path = tmp_path / "text.h5"
    path.write_text("no model")
    with pytest.raises(ValueError, match=r"not HDF5: .*text\.h5"):
        tensorflow_addons.load_model(path)


def test_file_of_weights_alone_is_refused(tmp_path):
    path = tmp_path / "only.weights.h5"
    tensorflow_addons.load_model(GENERATOR).save_weights(path)
    with pytest.raises(ValueError, match=r"whole model.*only weights"):
        tensorflow_addons.load_model(path)
