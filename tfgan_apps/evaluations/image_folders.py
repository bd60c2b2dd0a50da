"""Features of the images of a folder, of any sizes and formats; kept by the content's hash."""

import hashlib
import os

import numpy as np
import tensorflow as tf

from tfgan_apps.evaluations.image_quality import KEPT, ImageFeatures
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources import labels_json
from tfgan_apps.input_pipelines.sources.decoding import decode_image
from tfgan_apps.input_pipelines.sources.headers import damage, format_of, problem_of
from tfgan_apps.input_pipelines.sources.listing import list_images, printable


def folder_features(folder, network, cache=None, progress=None):
    """Returns the `ImageFeatures` of a folder's images, its subfolders' too.

    Args:
        folder: str.
        network: `FeatureNetwork`.
        cache: str, folder where they are kept by the hash of the files' content, and of the
            network. Defaults to None, nowhere.
        progress: function of the number of images so far, and of all. Defaults to None.

    Raises:
        DataError: there are fewer than two images, or some cannot be read.
    """
    paths = image_paths(folder)
    kept = cache and os.path.join(cache, f"{_hash(paths, network)}.npz")
    if kept and os.path.exists(kept):
        return ImageFeatures.load(kept, network)
    found = ImageFeatures(network)
    for images in _batches(folder, paths, network):
        found.add(images)
        if progress:
            progress(found.images, len(paths))
    if kept:
        os.makedirs(cache, exist_ok=True)
        found.save(f"{kept}.part.npz")
        os.replace(f"{kept}.part.npz", kept)
    return found


def image_paths(folder):
    """Returns the paths of a folder's images, in natural order.

    Args:
        folder: str.

    Raises:
        DataError: there are fewer than two, or files that cannot be used.
    """
    if not os.path.isdir(folder):
        raise DataError(folder, ["it is no folder. Give one with images."])
    listing = list_images(folder, folder)
    problems = list(listing.problems)
    if len(listing.paths) < 2 and not problems:
        problems = [f"it has {len(listing.paths)} images, and two are the least. Add some."]
    if problems:
        raise DataError(folder, problems)
    return listing.paths


def classes_of(folder):
    """Returns the class of each image, an int array in natural order, and the names of classes.

    Args:
        folder: str, with a subfolder for each class, or a dataset.json; their numbers are those of
            training.

    Raises:
        DataError: see `image_paths`, or an image is in no subfolder.
    """
    paths = [os.path.relpath(path, folder) for path in image_paths(folder)]
    if os.path.isfile(os.path.join(folder, labels_json.NAME)):
        labels = np.array(labels_json.labels_of(folder, paths), np.int32)
        return labels, [str(number) for number in range(labels.max() + 1)]
    loose = [
        f"{printable(path)}: is in no folder of a class." for path in paths if os.sep not in path
    ]
    if loose:
        raise DataError(folder, loose[:20])
    found = [path.split(os.sep)[0] for path in paths]
    names = sorted(set(found))
    return np.array([names.index(name) for name in found], np.int32), names


def _batches(folder, paths, network):
    """Yields uint8 images (N, H, W, C), those of one size that follow one another together."""
    images, problems = [], []
    for path in paths:
        try:
            image = _image(path, network.channels)
        except ValueError as error:
            problems.append(f"{printable(os.path.relpath(path, folder))}: {error}")
            continue
        if images and (len(images) == network.batch_size or image.shape != images[0].shape):
            yield np.stack(images)
            images = []
        images.append(image)
    if problems:
        raise DataError(folder, problems)
    yield np.stack(images)


def _image(path, channels):
    with open(path, "rb") as file:
        encoded = file.read()
    if problem := problem_of(encoded):
        raise ValueError(problem)
    try:
        return np.uint8(decode_image(encoded, channels).numpy() // 257)
    except tf.errors.OpError as error:
        raise ValueError(damage(format_of(encoded))) from error


def _hash(paths, network):
    """Returns the sha256 of the files' content, in order, and of what makes features of them."""
    digest = hashlib.sha256(repr((network.name, network.sha256, network.resize, KEPT)).encode())
    for path in paths:
        with open(path, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
