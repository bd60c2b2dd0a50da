"""Where encoded images lie: in files, or in memory. A store gives the bytes of its i-th image."""

import hashlib
import os
import re

import numpy as np
import tensorflow as tf

EXTENSIONS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")


def list_images(folder):
    """Returns the paths of the images in a folder and its subfolders.

    They are in natural order (2.jpg before 10.jpg). Hidden files are left out; an extension of
    `EXTENSIONS` in any case makes an image.

    Args:
        folder: str, path.
    """
    found = [
        os.path.join(parent, name)
        for parent, _, names in os.walk(folder, followlinks=True)
        for name in names
        if name.lower().endswith(EXTENSIONS) and not name.startswith(".")
    ]
    return sorted(found, key=_natural_order)


def _natural_order(path):
    return [int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", path)]


class ImageFiles:
    """Image files that are read when they are needed.

    `footprint`: str, how descriptions tell what is kept in memory: nothing.

    Args:
        paths: list of str.
        root: str, the folder that problems and the fingerprint name files relative to.
    """

    footprint = ""

    def __init__(self, paths, root):
        self.names = [os.path.relpath(path, root) for path in paths]
        self._root = root
        self._paths = list(paths)
        self._tensor = tf.constant(self._paths, tf.string, shape=[len(paths)])

    def __len__(self):
        return len(self.names)

    def load(self, index):
        """Returns the encoded bytes, a scalar string tensor, of the image at an int tensor."""
        return tf.io.read_file(tf.gather(self._tensor, index))

    def subset(self, indices):
        """Returns the store of the images at the indices, a list of int."""
        return ImageFiles([self._paths[index] for index in indices], self._root)

    @property
    def contents(self):
        """dict, name of a file -> str of its size and time."""
        found = {}
        for name, path in zip(self.names, self._paths, strict=True):
            stat = os.stat(path) if os.path.exists(path) else os.lstat(path)  # a broken link
            found[name] = f"{stat.st_size}\0{stat.st_mtime_ns}"
        return found

    def fingerprint(self):
        """Returns a str that changes with the list, the sizes and the times of the files."""
        lines = (f"{name}\0{value}\n" for name, value in self.contents.items())
        return hashlib.sha256("".join(lines).encode()).hexdigest()


class ImagesInMemory:
    """Encoded images that are kept in memory.

    `footprint`: str, how descriptions tell how much memory they take.

    Args:
        encoded: list of bytes.
        names: list of str that problems name the images by. Defaults to "image 0", "image 1", ...
    """

    def __init__(self, encoded, names=None):
        self.names = names or [f"image {index}" for index in range(len(encoded))]
        self._encoded = list(encoded)
        self._tensor = tf.constant(self._encoded, tf.string, shape=[len(encoded)])
        self.footprint = f", {sum(map(len, self._encoded)) / 1e6:.1f} MB in memory"

    @classmethod
    def from_arrays(cls, arrays):
        """Makes a store of uint8 or uint16 arrays of shape (height, width, 1 to 4), as PNG."""
        return cls([tf.io.encode_png(np.asarray(array)).numpy() for array in arrays])

    def __len__(self):
        return len(self.names)

    def load(self, index):
        """Returns the encoded bytes, a scalar string tensor, of the image at an int tensor."""
        return tf.gather(self._tensor, index)

    def subset(self, indices):
        """Returns the store of the images at the indices, a list of int."""
        chosen = [self._encoded[index] for index in indices]
        return ImagesInMemory(chosen, [self.names[index] for index in indices])

    @property
    def contents(self):
        """dict, name of an image -> str that changes with it."""
        digests = (hashlib.sha256(encoded).hexdigest() for encoded in self._encoded)
        return dict(zip(self.names, digests, strict=True))

    def fingerprint(self):
        """Returns a str that changes with the images."""
        digest = hashlib.sha256()
        for encoded in self._encoded:
            digest.update(hashlib.sha256(encoded).digest())
        return digest.hexdigest()
