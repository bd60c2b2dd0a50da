"""Generative adversarial networks as Keras models: train, call from Keras, serve.

Importing the package is fast: TensorFlow is loaded by the modules that need it
(`tfgan_apps.models`, `tfgan_apps.training`, ...).
"""

__version__ = "0.1.0"
