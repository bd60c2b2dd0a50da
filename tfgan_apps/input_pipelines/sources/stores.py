"""Where images lie: in files, or in memory. A store gives the encoded bytes of its i-th image."""

import hashlib
import os

import numpy as np
import tensorflow as tf

from tfgan_apps.input_pipelines.sources.listing import printable


class ImageFiles:
    """Image files that are read when they are needed.

    `remark`: str, how descriptions tell what was left out. `paths` and `root` are as given.

    Args:
        paths: list of str.
        root: str, the folder that problems and the fingerprint name files relative to.
        problems: list of str, of the files beside them that cannot be used. Defaults to none.
        left_out: list of str, names of the files beside them that are no images. Defaults to none.
        also: str, what else the remark says. Defaults to nothing.
    """

    def __init__(self, paths, root, problems=(), left_out=(), also=""):
        self.names = [os.path.relpath(path, root) for path in paths]
        self.problems = list(problems)
        self.remark = _remark(left_out) + also
        self.root = root
        self.paths = list(paths)
        self._tensor = tf.constant([os.fsencode(path) for path in paths], tf.string, [len(paths)])

    def __len__(self):
        return len(self.names)

    def load(self, index):
        """Returns the encoded bytes, a scalar string tensor, of the image at an int tensor."""
        return tf.io.read_file(tf.gather(self._tensor, index))

    def subset(self, indices):
        """Returns the store of the images at the indices, a list of int."""
        chosen = [self.paths[index] for index in indices]
        return ImageFiles(chosen, self.root, also=self.remark)

    @property
    def contents(self):
        """dict, name of a file -> str of its size and time."""
        found = {}
        for name, path in zip(self.names, self.paths, strict=True):
            stat = os.stat(path) if os.path.exists(path) else os.lstat(path)  # a broken link
            found[name] = f"{stat.st_size}\0{stat.st_mtime_ns}"
        return found

    def fingerprint(self):
        """Returns a str that changes with the list, the sizes and the times of the files."""
        lines = (f"{name}\0{value}\n" for name, value in self.contents.items())
        return hashlib.sha256(os.fsencode("".join(lines))).hexdigest()


def _remark(left_out):
    if not left_out:
        return ""
    count = "1 file is" if len(left_out) == 1 else f"{len(left_out)} files are"
    named = ", ".join(map(printable, left_out[:3])) + (", ..." if left_out[3:] else "")
    return f"; {count} no image: {named}"


class ImagesInMemory:
    """Encoded images that are kept in memory.

    `problems`: empty list, for a store of files has them.
    `remark`: str, how descriptions tell how much memory they take.

    Args:
        encoded: list of bytes.
        names: list of str that problems name the images by. Defaults to "image 0", "image 1", ...
    """

    def __init__(self, encoded, names=None):
        self.names = names or [f"image {index}" for index in range(len(encoded))]
        self._encoded = list(encoded)
        self._tensor = tf.constant(self._encoded, tf.string, shape=[len(encoded)])
        self.problems = []
        self.remark = f", {sum(map(len, self._encoded)) / 1e6:.1f} MB in memory"

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


class PixelsInMemory:
    """Images of one size that are kept in memory as they are, which spares decoding them.

    `pixels`: their tensor. The others as in `ImagesInMemory`.

    Args:
        pixels: uint8 or uint16 array (count, height, width, 1 to 4).
    """

    def __init__(self, pixels):
        self._array = np.ascontiguousarray(pixels)
        self.pixels = tf.constant(self._array)
        self.names = [f"image {index}" for index in range(len(self._array))]
        self.problems = []
        self.remark = f", {self._array.nbytes / 1e6:.1f} MB in memory"

    def __len__(self):
        return len(self.names)

    def load(self, index):
        """Returns a PNG, a scalar string tensor, of the image at an int tensor."""
        return tf.io.encode_png(tf.gather(self.pixels, index))

    def subset(self, indices):
        """Returns the store of the images at the indices, a list of int."""
        return PixelsInMemory(self._array[indices])

    @property
    def contents(self):
        """dict, name of an image -> str that changes with it."""
        digests = (hashlib.sha256(image).hexdigest() for image in self._array)
        return dict(zip(self.names, digests, strict=True))

    def fingerprint(self):
        """Returns a str that changes with the images."""
        digest = hashlib.sha256(f"{self._array.dtype} {self._array.shape}".encode())
        digest.update(self._array)
        return digest.hexdigest()
