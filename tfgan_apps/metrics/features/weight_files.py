"""Files with the weights of published networks: never downloaded, their hashes looked at."""

import dataclasses
import hashlib
import os

import numpy as np

from tfgan_apps.configs import dtype_policy

FOLDER = os.environ.get("TFGAN_WEIGHTS") or os.path.expanduser("~/.cache/tfgan_apps")
"""Where weights are looked for that no path is given of."""


@dataclasses.dataclass(frozen=True)
class WeightFile:
    """A file that its authors publish.

    Args:
        name: str, of the file, or of the folder of a SavedModel.
        url: str, from where to get it.
        sha256: str, or its first digits where only those are published. Defaults to None where
            nothing is: then the file's own travels with the numbers, and its arrays have to fit the
            network.
    """

    name: str
    url: str
    sha256: str | None = None


class WeightFileError(ValueError):
    """A file of weights is absent, or not the one that is wanted."""


def find(path, files):
    """Returns the path of weights and their sha256.

    Args:
        path: str, or None: the first of the files that lies in `FOLDER`.
        files: sequence of `WeightFile`, any of which will do.

    Raises:
        WeightFileError: there is none, or it has another hash than the published one.
    """
    places = [os.path.join(FOLDER, each.name) for each in files] if path is None else [path]
    found = [place for place in places if os.path.exists(place)]
    if not found:
        wanted = " or ".join(
            f"{each.name} from {each.url} (sha256 {each.sha256 or 'not published'})"
            for each in files
        )
        raise WeightFileError(
            f"weights must be a local file, nothing is downloaded: put {wanted} into {FOLDER}, or "
            f"give its path. Received: weights={path}"
        )
    sha256, known = hash_of(found[0]), {each.sha256 for each in _alike(found[0], files)}
    if None not in known and not sha256.startswith(tuple(known)):
        raise WeightFileError(
            f"weights must have the published sha256 {' or '.join(sorted(known))}: the file is "
            f"damaged, or another. Received: {found[0]} with {sha256}"
        )
    return found[0], sha256


def of_loss(make, vgg_weight, vgg_weights):
    """Returns the features in which a perceptual loss compares, None where it weighs nothing.

    Args:
        make: function, path or None -> function of images.
        vgg_weight: float, of the loss.
        vgg_weights: str, path of a file, or None.

    Raises:
        WeightFileError: there is no such file.
    """
    if not vgg_weight:
        return None
    try:
        return make(vgg_weights)
    except WeightFileError as error:
        without = "to train without the perceptual loss, say vgg_weight=0 (--vgg_weight=0)"
        raise WeightFileError(f"vgg_{error}; {without}") from error


def load_application(build, weights):
    """Returns a network of `keras.applications` without its top, in float32.

    Args:
        build: function, such as `keras.applications.VGG19`.
        weights: str, path of Keras' file, or None: random ones.

    Raises:
        WeightFileError: it is no such file.
    """
    with dtype_policy("float32"):
        try:
            return build(include_top=False, weights=weights)
        except (ValueError, OSError, KeyError) as error:  # what h5py and Keras raise of others
            raise WeightFileError(
                f"weights must be Keras' {build.__name__} without its top. "
                f"Received: {weights} ({error})"
            ) from error


def hash_of(path):
    """Returns the sha256 of a file, or of a SavedModel's graph and variables.

    Args:
        path: str.
    """
    digest = hashlib.sha256()
    for each in _files_of(path):
        with open(each, "rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
    return digest.hexdigest()


def read_torch(path, part=None):
    """Returns the arrays of a PyTorch state dict: name -> float32 array.

    Args:
        path: str, of a .pth file.
        part: str, name of the state dict in a file of several things. Defaults to None, all of it.

    Raises:
        ModuleNotFoundError: PyTorch is not installed.
        WeightFileError: the file is none, or holds programs.
    """
    try:
        import torch
    except ImportError as error:
        raise ModuleNotFoundError(
            f"{path} is a file of PyTorch's, which reads it: pip install torch (its CPU build is "
            "enough)"
        ) from error
    try:
        found = torch.load(path, map_location="cpu", weights_only=True)
        found = found if part is None else found[part]
        return {name: np.asarray(value, np.float32) for name, value in found.items()}
    except Exception as error:  # whatever PyTorch raises for what is no state dict
        raise WeightFileError(
            f"weights must be a state dict of arrays. Received: {path} ({error})"
        ) from error


def read_graph(path):
    """Returns the constants of a TensorFlow graph: name -> array.

    Args:
        path: str, of a frozen GraphDef, or of a SavedModel's folder, such as TF-Hub's.

    Raises:
        WeightFileError: the file is none.
    """
    import tensorflow as tf
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    folder = os.path.isdir(path)
    message = saved_model_pb2.SavedModel() if folder else tf.compat.v1.GraphDef()
    try:
        with open(os.path.join(path, "saved_model.pb") if folder else path, "rb") as file:
            message.ParseFromString(file.read())
    except (OSError, DecodeError) as error:
        raise WeightFileError(
            f"weights must be a frozen graph or a SavedModel. Received: {path} ({error})"
        ) from error
    nodes = []
    for graph in [each.graph_def for each in message.meta_graphs] if folder else [message]:
        nodes += [*graph.node, *(node for each in graph.library.function for node in each.node_def)]
    return {
        node.name: tf.make_ndarray(node.attr["value"].tensor)
        for node in nodes
        if node.op == "Const"
    }


def take(arrays, name, shape, path):
    """Returns an array of a file, which must be there in the shape that the network has.

    Args:
        arrays: dict, name -> array.
        name: str.
        shape: tuple of int.
        path: str, of the file, for the error.

    Raises:
        WeightFileError: it is absent, or of another shape.
    """
    found = arrays.get(name)
    if found is None or found.shape != tuple(shape):
        raise WeightFileError(
            f"weights must have {name} of shape {tuple(shape)}. "
            f"Received: {path} with {'none' if found is None else found.shape}"
        )
    return found


def load_convolution(layer, arrays, name, path):
    """Puts PyTorch's arrays of a convolution into a layer.

    Args:
        layer: `keras.layers.Conv2D`, built.
        arrays, path: see `take`.
        name: str, of the convolution in the file.

    Raises:
        WeightFileError: an array is absent, or of another shape.
    """
    height, width, channels, filters = layer.kernel.shape
    kernel = take(arrays, f"{name}.weight", (filters, channels, height, width), path)
    biases = [take(arrays, f"{name}.bias", (filters,), path)] if layer.use_bias else []
    layer.set_weights([kernel.transpose(2, 3, 1, 0), *biases])


def load_normalization(layer, arrays, name, path):
    """Puts PyTorch's arrays of a batch normalization into a layer.

    Args:
        layer: `keras.layers.BatchNormalization`, built.
        arrays, path: see `take`.
        name: str, of the normalization in the file.

    Raises:
        WeightFileError: an array is absent, or of another shape.
    """
    parts = "weight", "bias", "running_mean", "running_var"
    shape = layer.gamma.shape
    layer.set_weights([take(arrays, f"{name}.{part}", shape, path) for part in parts])


def _alike(path, files):
    """Returns the files of a path's kind: another kind's hash says nothing about it."""
    kind = os.path.splitext(path)[1]
    return [each for each in files if os.path.splitext(each.name)[1] == kind] or files


def _files_of(path):
    if not os.path.isdir(path):
        return [path]
    return sorted(os.path.join(root, name) for root, _, names in os.walk(path) for name in names)
