import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.datasets import captioned_shapes


@pytest.fixture(scope="session")
def shapes_dir(tmp_path_factory):
    """A folder in which TFDS has prepared the shapes at 16 pixels."""
    folder = str(tmp_path_factory.mktemp("tfds"))
    captioned_shapes.builder(16, folder).download_and_prepare()
    return folder


@pytest.fixture
def write(tmp_path):
    """Returns a function that writes a file of the given bytes, or of a drawn image, to a path."""

    def write(path, size=(32, 32), content=None, channels=3, dtype=np.uint8):
        rng = np.random.default_rng(len(path))
        image = rng.integers(0, np.iinfo(dtype).max, (*size, channels), dtype)
        encode = tf.io.encode_jpeg if path.lower().endswith("jpg") else tf.io.encode_png
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(encode(image).numpy() if content is None else content)
        return target

    return write
