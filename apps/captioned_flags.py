"""The flags of every app that learns from images with captions, and the data that they make."""

from absl import flags

from apps.command_line import run_flags
from tfgan_apps import input_pipelines

IMAGE_SIZE = flags.DEFINE_integer(
    "image_size", 64, "In pixels, a power of 2 from 8 on; 16 for a GAN.", 8
)
LOAD_SIZE = flags.DEFINE_integer(
    "load_size", None, "Images are resized to this, then cropped; image_size * 76/64 if unset.", 8
)
CHANNELS = flags.DEFINE_integer("channels", 3, "1, 3 or 4.", 1, 4)
FLIP = flags.DEFINE_bool("flip", True, "Mirrors half of the images; not if captions tell sides.")
TEST_FRACTION = flags.DEFINE_float(
    "test_fraction", 0.0, "Of the classes, or images, of a set without test split.", 0.0, 0.99
)
HELD_OUT_CAPTIONS = flags.DEFINE_integer(
    "held_out_captions", 0, "Of each image, held out instead; its other ones are learned from.", 0
)
CACHE_IMAGES = flags.DEFINE_bool(
    "cache_images", False, "Decodes a folder's images once and keeps them in memory at load_size."
)


def make_data(captions_per_example=1, wrong_images=True):
    """Returns the `CaptionedImages` of the flags, with captions.

    Args:
        captions_per_example, wrong_images: see `input_pipelines.captioned_images`.
    """
    return input_pipelines.captioned_images(
        run_flags.DATASET.value,
        IMAGE_SIZE.value,
        LOAD_SIZE.value,
        CHANNELS.value,
        captions_per_example,
        FLIP.value,
        wrong_images,
        TEST_FRACTION.value,
        HELD_OUT_CAPTIONS.value,
        run_flags.BATCH_SIZE.value,
        run_flags.SEED.value,
        run_flags.DATA_DIR.value,
        CACHE_IMAGES.value,
    )
