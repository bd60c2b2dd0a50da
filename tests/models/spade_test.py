"""SPADE: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tests.model_test_case import ModelTestCase
from tfgan_apps.input_pipelines import from_arrays
from tfgan_apps.models import SPADE
from tfgan_apps.networks import spade

TINY = {"image_size": (32, 32), "classes": 2, "vgg_weight": 0.0}
TINY |= {"discriminator_filters": 2, "discriminator_layers": 2}
STYLED = {"latent_size": 3, "encoder_size": 128}


def arrays(count, seed=0):
    rng = np.random.default_rng(seed)
    maps = rng.integers(0, 3, (2, count, 32, 32), np.int32)
    images = rng.integers(0, 256, (count, 32, 32, 3), np.uint8)
    return {"label_map": maps[0], "instances": maps[1]}, images


def build_generator(latent_size=3):
    """Returns a generator of one block: that of the paper takes a minute to be traced."""
    semantics = layers.Input((32, 32, 4), name="semantics")
    latents = layers.Input((latent_size,), name="latents")
    x = layers.Reshape((16, 16, 2))(layers.Dense(512)(latents))
    x = layers.UpSampling2D(2)(spade.residual_block(x, semantics, 3, "head"))
    image = layers.Activation("tanh", dtype="float32")(x)
    return keras.Model({"semantics": semantics, "latents": latents}, image, name="generator")


def build_encoder():
    """Returns an encoder of one layer."""
    image = layers.Input((128, 128, 3), name="image")
    x = layers.GlobalAveragePooling2D()(image)
    outputs = {n: layers.Dense(3, dtype="float32")(x) for n in ("mean", "log_variance")}
    return keras.Model(image, outputs, name="encoder")


class TestSPADE(ModelTestCase):
    def build(self, **kwargs):
        networks = {"generator": build_generator(), "encoder": build_encoder()}
        model = SPADE(**TINY, **STYLED, **networks)
        model.compile(**kwargs)
        return model

    def data(self):
        return from_arrays(arrays(8), batch_size=2)
