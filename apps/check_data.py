"""Checks a data set before training: prints what was found, or everything that is wrong with it.

Every image is decoded once. The exit status is 1 when there are problems.

Example:
  python -m apps.check_data --dataset=path/to/folder --image_size=256
  python -m apps.check_data --dataset=cycle_gan/horse2zebra --image_size=256

A folder holds trainA, trainB (testA, testB), or images with A in the left and B in the right half.
"""

import sys

from absl import app, flags

_DATASET = flags.DEFINE_string(
    "dataset", None, 'A folder, a TFDS name, or "scenes", the procedural set.', required=True
)
_IMAGE_SIZE = flags.DEFINE_integer(
    "image_size", 256, "Side of the images in training, in pixels.", lower_bound=8
)
_CHANNELS = flags.DEFINE_enum("channels", "3", ["1", "3", "4"], "1 grey, 3 RGB, 4 RGBA.")
_DATA_DIR = flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data.")


def main(argv):
    """Returns 0 when the data can be trained on, else 1."""
    if len(argv) > 1:
        raise app.UsageError(f"Flags begin with --. Received: {' '.join(argv[1:])}")
    from tfgan_apps import input_pipelines  # Imported late: --help need not load TensorFlow.

    try:
        data = input_pipelines.unpaired_images(
            _DATASET.value,
            _IMAGE_SIZE.value,
            channels=int(_CHANNELS.value),
            data_dir=_DATA_DIR.value,
        )
        data.check()
    except input_pipelines.DataError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(data.describe()))
    print("no problems found")
    return 0


def run():
    """Starts the app."""
    app.run(main)


if __name__ == "__main__":
    run()
