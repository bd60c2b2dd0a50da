"""Generative adversarial networks as Keras models: train, call from Keras, serve.

Importing the package is fast: TensorFlow is loaded by the modules that need it
(`tfgan_apps.models`, `tfgan_apps.training`, ...), and by the first class that is asked for
(`from tfgan_apps import AdversarialModel, CycleGAN`).
"""

__version__ = "0.1.0"


def __getattr__(name):
    """Loads a system, or their base, when it is asked for."""
    if name == "AdversarialModel":
        from tfgan_apps.adversarial_model import AdversarialModel

        return AdversarialModel
    if name[:1].isupper():  # modules are asked for here too, and must not load all systems
        from tfgan_apps import models

        if hasattr(models, name):
            return getattr(models, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
