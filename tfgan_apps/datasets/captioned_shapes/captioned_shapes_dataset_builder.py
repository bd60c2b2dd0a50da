"""TFDS builder of procedural images of one shape with captions whose truth is known."""

import numpy as np
import tensorflow_datasets as tfds

from tfgan_apps.datasets import shape_renderer
from tfgan_apps.datasets.sizes import ImageSizeConfig, builder_of_size

TRAIN_IMAGES_PER_SHAPE = 18
TEST_IMAGES_PER_SHAPE = 5


class ShapesConfig(ImageSizeConfig):
    """Configuration of one image size, at least 16 pixels."""

    smallest = 16


class Builder(tfds.core.GeneratorBasedBuilder):
    """Images of one shape, five captions each; the shapes of the test split are not in training.

    A label is an index in `shape_renderer.SHAPES`. `builder(image_size)` makes one of any size.
    """

    # TFDS keeps what was drawn once: another renderer needs another version.
    VERSION = tfds.core.Version("2.0.0")
    RELEASE_NOTES = {"1.0.0": "Initial release.", "2.0.0": "Larger shapes in a mixed order."}
    BUILDER_CONFIGS = [ShapesConfig(image_size=size) for size in (16, 32, 64, 128)]

    def _info(self):
        size = self.builder_config.image_size
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(size, size, 3), encoding_format="png"),
                    "captions": tfds.features.Sequence(tfds.features.Text()),
                    "label": tfds.features.ClassLabel(names=map(str, shape_renderer.SHAPES)),
                }
            ),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # Nothing to download.
        labels = range(len(shape_renderer.SHAPES))
        test = [label for label in labels if shape_renderer.is_held_out(label)]
        train = [label for label in labels if not shape_renderer.is_held_out(label)]
        return {
            "train": self._generate_examples(train * TRAIN_IMAGES_PER_SHAPE),
            "test": self._generate_examples(test * TEST_IMAGES_PER_SHAPE),
        }

    def _generate_examples(self, labels):
        # In a mixed order: sheets show the first ones.
        for index, label in enumerate(np.random.default_rng(0).permutation(labels).tolist()):
            shape = shape_renderer.SHAPES[label]
            rng = np.random.default_rng([label, index])
            yield (
                index,
                {
                    "image": shape_renderer.draw(shape, self.builder_config.image_size, rng),
                    "captions": shape_renderer.captions(shape, rng),
                    "label": label,
                },
            )


def builder(image_size, data_dir=None):
    """Returns the TFDS builder of shapes of any size.

    Args:
        image_size: int >= 16, height and width in pixels.
        data_dir: str, where TFDS keeps its data. Defaults to TFDS's own.
    """
    return builder_of_size(Builder, ShapesConfig, image_size, data_dir)
