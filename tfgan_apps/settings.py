"""settings: frozen dataclasses that Keras can save, for options that belong together."""

import dataclasses

import keras


def settings(cls):
    """Makes a class a frozen dataclass that configs, `.keras` files and JSON can hold.

    Args:
        cls: class with annotated fields.
    """
    cls = dataclasses.dataclass(frozen=True)(cls)
    cls.get_config = dataclasses.asdict
    cls.from_config = classmethod(lambda cls, config: cls(**config))
    return keras.saving.register_keras_serializable(package="tfgan_apps")(cls)
