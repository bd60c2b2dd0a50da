"""What the project command is made of: pictures as the model has them, files of what is found."""

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
import collections
import os
import pathlib

import numpy as np
import tensorflow as tf

from apps.command_line.answers import write_image
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.decoding import resize
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.listing import Listing, list_images
from tfgan_apps.input_pipelines.sources.stores import ImageFiles
from tfgan_apps.sheets import image_grid, sheet


def squares(path, shape):
    """Yields (name without suffix, image float32 in [-1, 1]) of a file, or of a folder's files.

    Args:
        path: str, of an image file or a folder.
        shape: (height, width, channels), height and width equal.

    Raises:
        DataError: there is no picture, or one that cannot be used.
    """
    path = pathlib.Path(path)
    listing = list_images(path, path) if path.is_dir() else Listing([str(path)])
    root = str(path if path.is_dir() else path.parent)
    stems = collections.Counter(pathlib.Path(each).stem for each in ["sheet", *listing.paths])
    problems = [] if listing.paths else ["it has no pictures. Give a PNG or JPEG file, or more."]
    problems += [
        f"{stem}: {count} files would be written as {stem}.png. Rename what is given."
        for stem, count in stems.items()
        if count > 1
    ]
    images = Images(ImageFiles(listing.paths, root, listing.problems), shape[-1], square=True)
    problems += images.find_problems(shape[0])
    if problems:
        raise DataError(root, problems)
    for index, each in enumerate(listing.paths):
        yield pathlib.Path(each).stem, resize(images.read(index), shape[0]).numpy()


def write(folder, stem, projection):
    """Writes what was found of a picture, and says how near it came.

    Args:
        folder: str, made when absent.
        stem: str, name of the picture.
        projection: `Projection`.
    """
    write_image(folder, stem, tf.io.encode_png(image_grid([projection.image[None]])).numpy())
    arrays = {"styles": projection.styles}
    if projection.noise is not None:
        arrays["noise"] = projection.noise
    np.savez(os.path.join(folder, f"{stem}.npz"), **arrays)
    first, last = projection.distances[0], projection.distances[-1]
    print(f"{stem}: distance {last:.4g}, at first {first:.4g}")


def write_sheet(folder, images, projections):
    """Writes sheet.png: each picture beside what was found.

    Args:
        folder: str.
        images: list of images.
        projections: list of `Projection`.
    """
    found = np.stack([projection.image for projection in projections])
    columns = {"picture": np.stack(images), "projected": found}
    write_image(folder, "sheet", tf.io.encode_png(sheet(columns)).numpy())
