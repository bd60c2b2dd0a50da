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

from absl import app, flags

_DATASET = flags.DEFINE_string(
    "dataset",
    None,
    'A folder, a TFDS name, or a procedural set: "scenes", with --captions "shapes".',
    required=True,
)
_IMAGE_SIZE = flags.DEFINE_integer(
    "image_size", 256, "Side of the images in training, in pixels.", lower_bound=8
)
_CHANNELS = flags.DEFINE_enum("channels", "3", ["1", "3", "4"], "1 grey, 3 RGB, 4 RGBA.")
_LENGTH = flags.DEFINE_integer("length", None, "Tokens of a sequence.", lower_bound=1)
_LEVEL = flags.DEFINE_enum(
    "level", "words", ["words", "characters", "ids"], "What a line of the file is of."
)
_SEPARATE_PUNCTUATION = flags.DEFINE_bool(
    "separate_punctuation", False, "Marks and symbols are words of their own."
)
_CAPTIONS = flags.DEFINE_bool("captions", False, "The images have captions.")
_DATA_DIR = flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data.")


@flags.multi_flags_validator(["length", "captions"], "--length and --captions exclude each other.")
def _one_kind(values):
    return not (values["length"] and values["captions"])


def _open(input_pipelines):
    if _LENGTH.value:
        return input_pipelines.token_sequences(
            _DATASET.value,
            _LENGTH.value,
            level=_LEVEL.value,
            separate_punctuation=_SEPARATE_PUNCTUATION.value,
        )
    if _CAPTIONS.value:
        return input_pipelines.captioned_images(
            _DATASET.value,
            _IMAGE_SIZE.value,
            channels=int(_CHANNELS.value),
            flip=_DATASET.value != "shapes",
            data_dir=_DATA_DIR.value,
        )
    return input_pipelines.unpaired_images(
        _DATASET.value,
        _IMAGE_SIZE.value,
        channels=int(_CHANNELS.value),
        data_dir=_DATA_DIR.value,
    )


def main(argv):
    """Returns 0 when the data can be trained on, else 1."""
    if len(argv) > 1:
        raise app.UsageError(f"Flags begin with --. Received: {' '.join(argv[1:])}")
    from tfgan_apps import input_pipelines  # Imported late: --help need not load TensorFlow.

    try:
        data = _open(input_pipelines)
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
