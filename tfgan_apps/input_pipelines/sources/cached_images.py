"""Images that are decoded and resized once, and kept in memory."""

import tensorflow as tf

from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.sources.decoding import decode_image, resize
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.stores import ImagesInMemory


def cached(store, size, channels, name):
    """Returns a store of the same images, resized, as PNG with sixteen bits in memory.

    To decode a photograph takes longer than a small network's step on it.

    Args:
        store: `ImageFiles` or `ImagesInMemory`.
        size: int, height and width in pixels.
        channels: 1, 3 or 4.
        name: str that errors name the data by.

    Raises:
        DataError: that lists every image that cannot be used, with the reason and the cure.
    """
    problems = Images(store, channels).find_problems(size)
    if problems:
        raise DataError(name, problems)

    def small(index):
        levels = (resize(decode_image(store.load(index), channels), size) + 1) * 32767.5
        return tf.io.encode_png(tf.cast(tf.round(levels), tf.uint16))

    images = tf.data.Dataset.range(len(store)).map(small, tf.data.AUTOTUNE, deterministic=True)
    return ImagesInMemory(list(images.as_numpy_iterator()), store.names)
