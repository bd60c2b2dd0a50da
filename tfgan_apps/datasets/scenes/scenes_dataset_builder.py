"""TFDS builder of two unpaired domains of procedural scenes whose true mapping is known."""

import dataclasses

import numpy as np
import tensorflow_datasets as tfds

from tfgan_apps.datasets import scene_renderer

TRAIN_SCENES = 600
TEST_SCENES = 64


@dataclasses.dataclass(kw_only=True)
class SceneConfig(tfds.core.BuilderConfig):
    """Configuration of one image size.

    Args:
        image_size: int >= 8, height and width in pixels.
        name: str. Defaults to `"<image_size>px"`.
    """

    image_size: int
    name: str = ""

    def __post_init__(self):
        if self.image_size < 8:
            raise ValueError(f"image_size must be >= 8. Received: image_size={self.image_size}")
        self.name = self.name or f"{self.image_size}px"
        self.description = f"{self.image_size}x{self.image_size} pixels"


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
    # TFDS wants its own object for a size that is among the named ones.
    named = {config.image_size: config for config in Builder.BUILDER_CONFIGS}
    config = named.get(image_size) or SceneConfig(image_size=image_size)
    return Builder(config=config, data_dir=data_dir)
