"""The way out of tensorflow-addons: loads models that were trained and saved with it.

tensorflow-addons cannot be imported beside Keras 3. A model saved whole with it, as Keras 2 `.h5`,
becomes a Keras 3 model made of this package's layers:

    from tfgan_apps import tensorflow_addons
    generator = tensorflow_addons.load_model("generator.h5")
    generator.save("generator.keras")
"""

import contextlib
import json
import os
import shutil
import tempfile

import h5py
import keras

from tfgan_apps.layers import InstanceNormalization


def load_model(path):
    """Loads a functional or sequential Keras 2 model with layers of tensorflow-addons.

    Gives what the saved model gave, and can be trained, saved, exported and served. Optimizer and
    losses are not loaded: `compile` sets them. Own layers are found when they are registered
    (`keras.saving.register_keras_serializable`) or named in a `keras.saving.custom_object_scope`.

    Args:
        path: str or path of a `.h5` file that `model.save` of Keras 2 wrote.

    Returns:
        Uncompiled `keras.Model`. One input or output is a tensor, several are lists, in the order
        they were saved.

    Raises:
        FileNotFoundError: when there is no such file.
        ValueError: when the file is not a whole model in HDF5, or has layers of
            tensorflow-addons other than `InstanceNormalization`, which are named.
    """
    config = _read_config(path)
    _check_layers(config, path)
    with _with_config(path, _with_named_policies(config)) as readable:
        model = keras.saving.load_model(readable, custom_objects=_KERAS_2_LAYERS, compile=False)
    if isinstance(model, keras.Sequential):
        return model
    # Keras 3 reads the single input of a Keras 2 model as a list, and warns in every call.
    return keras.Model(_one(model.inputs), _one(model.outputs), name=model.name)


def _read_config(path):
    if not os.path.isfile(path):
        raise FileNotFoundError(f"path must be a Keras .h5 file. Received: path={str(path)!r}")
    if not h5py.is_hdf5(path):
        raise ValueError(f"path must be a Keras .h5 file. Received, not HDF5: path={str(path)!r}")
    with h5py.File(path) as file:
        config = file.attrs.get("model_config")
    if config is None:
        raise ValueError(
            "path must hold a whole model as `model.save` writes it. Received, without a "
            f"`model_config` (only weights?): path={str(path)!r}"
        )
    return json.loads(config)


def _with_named_policies(config):
    """Returns a config whose dtype policies are names, which Keras 3 reads, not objects."""
    if isinstance(config, list):
        return list(map(_with_named_policies, config))
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "Policy":
        return config["config"]["name"]
    return {name: _with_named_policies(value) for name, value in config.items()}


@contextlib.contextmanager
def _with_config(path, config):
    """Gives the path of a copy of a file with another config, which is removed after the block."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(path, os.path.join(folder, "model.h5"))
        os.chmod(copy, 0o600)
        with h5py.File(copy, "r+") as file:
            file.attrs["model_config"] = json.dumps(config)
        yield copy


def _check_layers(config, path):
    unknown = _addons(config) - set(_KERAS_2_LAYERS)
    if unknown:
        raise ValueError(
            "Of tensorflow-addons only InstanceNormalization can be loaded. "
            f"Received: {sorted(unknown)} in path={str(path)!r}"
        )


def _addons(config):
    """Returns the class names of all tensorflow-addons' objects in a nested config."""
    if isinstance(config, list):
        return set().union(*map(_addons, config))
    if not isinstance(config, dict):
        return set()
    name = str(config.get("class_name"))
    own = {name} if name.startswith("Addons>") else set()
    return own.union(*map(_addons, config.values()))


def _instance_normalization(groups, axis=-1, **config):
    """Returns our layer for a config of tensorflow-addons, which stores channels as `groups`."""
    if axis not in (-1, 3):
        raise ValueError(f"InstanceNormalization is over the last axis. Received: axis={axis}")
    for part in ("beta", "gamma"):
        for kind in ("regularizer", "constraint"):
            given = config.pop(f"{part}_{kind}", None)
            if given is not None:
                raise ValueError(f"InstanceNormalization has no {part}_{kind}. Received: {given}")
    return InstanceNormalization(**config)


def _conv_2d_transpose(groups=1, **config):
    """Returns the layer without the `groups` that Keras 2 wrote and could not use."""
    return keras.layers.Conv2DTranspose(**config)


_KERAS_2_LAYERS = {
    "Addons>InstanceNormalization": _instance_normalization,
    "Conv2DTranspose": _conv_2d_transpose,
}


def _one(tensors):
    return tensors[0] if len(tensors) == 1 else tensors
