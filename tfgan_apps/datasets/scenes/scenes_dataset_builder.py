"""TFDS builder of two unpaired domains of procedural scenes whose true mapping is known."""

import numpy as np
import tensorflow_datasets as tfds

from tfgan_apps.datasets import scene_renderer
from tfgan_apps.datasets.sizes import ImageSizeConfig, builder_of_size

TRAIN_SCENES = 600
TEST_SCENES = 64


class SceneConfig(ImageSizeConfig):
    """Configuration of one image size, at least 8 pixels."""

    smallest = 8


class Builder(tfds.core.GeneratorBasedBuilder):
    """Scenes (A) and other scenes under a cyclic permutation of the colour channels (B).

    `testB[i]` is `hidden_map(testA[i])`. `builder(image_size)` makes one of any size.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "Initial release."}
    BUILDER_CONFIGS = [SceneConfig(image_size=size) for size in (32, 64, 128, 256)]

    def _info(self):
        size = self.builder_config.image_size
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(size, size, 3), encoding_format="png"),
                    "label": tfds.features.ClassLabel(names=["A", "B"]),
                }
            ),
            supervised_keys=("image", "label"),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # Nothing to download.
        return {
            "trainA": self._generate_examples("A", first=0, count=TRAIN_SCENES),
            "trainB": self._generate_examples("B", first=TRAIN_SCENES, count=TRAIN_SCENES),
            "testA": self._generate_examples("A", first=2 * TRAIN_SCENES, count=TEST_SCENES),
            "testB": self._generate_examples("B", first=2 * TRAIN_SCENES, count=TEST_SCENES),
        }

    def _generate_examples(self, label, first, count):
        for index in range(first, first + count):
            scene = scene_renderer.random_scene(np.random.default_rng(index))
            image = scene_renderer.draw(scene, self.builder_config.image_size)
            if label == "B":
                image = scene_renderer.hidden_map(image)
            # A key is an int, because TFDS keeps the order of int keys: testA and testB align.
            yield index, {"image": np.ascontiguousarray(image), "label": label}


def builder(image_size, data_dir=None):
    """Returns the TFDS builder of scenes of any size.

    Args:
        image_size: int >= 8, height and width in pixels.
        data_dir: str, where TFDS keeps its data. Defaults to TFDS's own.
    """
    return builder_of_size(Builder, SceneConfig, image_size, data_dir)
