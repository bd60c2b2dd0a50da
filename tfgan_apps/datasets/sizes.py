"""What the procedural TFDS sets have in common: they are drawn at any size."""

import dataclasses

import tensorflow_datasets as tfds
from absl import logging


@dataclasses.dataclass(kw_only=True)
class ImageSizeConfig(tfds.core.BuilderConfig):
    """Configuration of one image size; a subclass says which is the `smallest`.

    Args:
        image_size: int >= `smallest`, height and width in pixels.
        name: str. Defaults to `"<image_size>px"`.

    Raises:
        ValueError: when the size is too small.
    """

    image_size: int
    name: str = ""
    smallest = 1

    def __post_init__(self):
        if self.image_size < self.smallest:
            raise ValueError(
                f"image_size must be >= {self.smallest}. Received: image_size={self.image_size}"
            )
        self.name = self.name or f"{self.image_size}px"
        self.description = f"{self.image_size}x{self.image_size} pixels"


def builder_of_size(builder, config, image_size, data_dir):
    """Returns a TFDS builder of any size.

    Args:
        builder: class of TFDS builders with `BUILDER_CONFIGS`.
        config: subclass of `ImageSizeConfig`.
        image_size: int >= `config.smallest`, height and width in pixels.
        data_dir: str, where TFDS keeps its data, or None for TFDS's own.

    Raises:
        ValueError: when the size is too small.
    """
    # TFDS wants its own object for a size that is among the named ones.
    named = {known.image_size: known for known in builder.BUILDER_CONFIGS}
    found = named.get(image_size) or config(image_size=image_size)
    before = logging.get_verbosity()
    logging.set_verbosity(min(before, logging.ERROR))  # TFDS warns of every size that has no name
    try:
        return builder(config=found, data_dir=data_dir)
    finally:
        logging.set_verbosity(before)
