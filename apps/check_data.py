"""Checks a data set before training: prints what was found, or everything that is wrong with it.

Every image is decoded, or every line read, once. The exit status is 1 when there are problems.

Example:
  python -m apps.check_data --dataset=path/to/folder --image_size=256
  python -m apps.check_data --dataset=cycle_gan/horse2zebra --image_size=256
  python -m apps.check_data --dataset=path/to/text --length=20 --level=characters
  python -m apps.check_data --dataset=path/to/folder --image_size=64 --captions

A folder holds trainA, trainB (testA, testB), or images with A in the left and B in the right half.
With --length the data set is a file instead, one sequence a line; with --captions a folder of
images with captions, or a TFDS name with captions, or "shapes".
"""

import sys
from typing import Literal

from apps.command_line.start import start


def main(
    dataset: str,
    image_size: int = 256,
    channels: int = 3,
    length: int | None = None,
    level: Literal["words", "characters", "ids"] = "words",
    separate_punctuation: bool = False,
    captions: bool = False,
    data_dir: str | None = None,
):
    """Returns 0 when the data can be trained on, else 1.

    Args:
        dataset: a folder, a TFDS name, or a procedural set: scenes, with --captions shapes.
        image_size: side of the images in training, in pixels.
        channels: of the images, 1 grey, 3 RGB, 4 RGBA.
        length: tokens of a sequence; the data set is then a file of sequences.
        level: what a line of the file is of.
        separate_punctuation: whether marks and symbols are words of their own.
        captions: whether the images have captions.
        data_dir: where TFDS keeps its data.
    """
    # Imported late: --help need not load TensorFlow.
    from apps.command_line import quiet_tensorflow  # noqa: F401
    from tfgan_apps import input_pipelines

    if length and captions:
        raise ValueError(
            "length and captions exclude each other. "
            f"Received: length={length}, captions={captions}"
        )
    images = {"channels": channels, "data_dir": data_dir}
    try:
        if length:
            text = {"level": level, "separate_punctuation": separate_punctuation}
            data = input_pipelines.token_sequences(dataset, length, **text)
        elif captions:
            flip = dataset != "shapes"
            data = input_pipelines.captioned_images(dataset, image_size, flip=flip, **images)
        else:
            data = input_pipelines.unpaired_images(dataset, image_size, **images)
        data.check()
    except input_pipelines.DataError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(data.describe()))
    print("no problems found")
    return 0


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
