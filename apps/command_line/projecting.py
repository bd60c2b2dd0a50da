"""What the project command is made of: pictures as the model has them, files of what is found."""

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
import os
import pathlib

import numpy as np
import tensorflow as tf

from apps.command_line.answers import write_image
from tfgan_apps.arguments import check
from tfgan_apps.input_pipelines.sources.decoding import decode_checked, resize
from tfgan_apps.sheets import sheet

_SUFFIXES = (".jpg", ".jpeg", ".png")


def squares(path, shape):
    """Yields (path, image float32 of that shape in [-1, 1]) of a file, or of a folder's files.

    Args:
        path: str, of an image file or a folder.
        shape: (height, width, channels), height and width equal.

    Raises:
        ValueError: there is no picture.
    """
    path = pathlib.Path(path)
    paths = sorted(path.iterdir()) if path.is_dir() else [path]
    paths = [each for each in paths if each.suffix.lower() in _SUFFIXES and each.is_file()]
    check(bool(paths), "a PNG or JPEG file, or a folder of them", input=str(path))
    for each in paths:
        image = decode_checked(each.read_bytes(), shape[-1])
        side = min(image.shape[:2])
        top, left = ((edge - side) // 2 for edge in image.shape[:2])
        middle = image[top : top + side, left : left + side]
        yield each, resize(middle, shape[0]).numpy()


def write(folder, path, projection):
    """Writes what was found of a picture, and says how near it came.

    Args:
        folder: str, made when absent.
        path: `pathlib.Path` of the picture.
        projection: `Projection`.
    """
    write_image(folder, path.stem, tf.io.encode_png(_as_bytes(projection.image)).numpy())
    arrays = {"styles": projection.styles}
    if projection.noise is not None:
        arrays["noise"] = projection.noise
    np.savez(os.path.join(folder, f"{path.stem}.npz"), **arrays)
    first, *_, last = (*projection.distances, projection.distances[-1])
    print(f"{path.name}: distance {last:.4g}, at first {first:.4g}")


def write_sheet(folder, images, projections):
    """Writes sheet.png: each picture beside what was found.

    Args:
        folder: str.
        images: list of images.
        projections: list of `Projection`.
    """
    columns = {"picture": np.stack(images), "projected": [x.image for x in projections]}
    columns["projected"] = np.clip(np.stack(columns["projected"]), -1, 1)
    write_image(folder, "sheet", tf.io.encode_png(sheet(columns)).numpy())


def _as_bytes(image):
    return np.uint8(np.rint(np.clip(image, -1, 1) * 127.5 + 127.5))
