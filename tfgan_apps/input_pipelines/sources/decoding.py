"""Decoding, resizing and augmenting one image inside `tf.data`."""

import functools
import io

import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from tfgan_apps.arguments import height_and_width
from tfgan_apps.input_pipelines.sources.headers import damage, format_of, problem_of
from tfgan_apps.input_pipelines.sources.orientation import (
    before_pixels,
    exif_of_jpeg,
    exif_of_png,
    has_chunk,
    upright,
)

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as PIL's convert("L").


@tf.autograph.experimental.do_not_convert  # It would take a second of every start.
def decode_image(encoded, channels, others=True):
    """Decodes a picture, upright as its EXIF data tell.

    Of an animation it is the first frame. Sixteen-bit PNG keep their sixteen bits. Grey is repeated
    for colour, colour becomes luma for grey. What is transparent is seen on white, where alpha is
    not asked for; where it is, a file without it is opaque.

    What the header of a JPEG or PNG announces is not looked at, for every step of training would
    wait for it: files that nobody has looked at go through `decode_checked`.

    Args:
        encoded: scalar string tensor.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA).
        others: bool, not only JPEG and PNG are decoded, but what Pillow reads of GIF, BMP and WebP;
            the graph then calls Python. Defaults to True.

    Returns:
        uint16 tensor (height, width, channels), 0 to 65535 whatever the file's depth.

    Raises:
        tf.errors.OpError: of a file that cannot be decoded.
    """
    image, exif = tf.cond(
        is_jpeg(encoded),
        lambda: (_decode_jpeg(encoded), exif_of_jpeg(encoded)),
        lambda: tf.cond(
            is_png(encoded),
            lambda: _decode_png(encoded),
            lambda: (_decode_other(encoded) if others else _refuse(), ""),
        ),
    )
    depth = tf.shape(image)[-1]
    image = tf.cond(
        # Both at once: a branch of a graph takes as long as many operations.
        (depth == channels) & (exif == ""),
        lambda: image,
        lambda: _convert(upright(image, exif), depth, channels),
    )
    return tf.ensure_shape(image, (None, None, channels))


def decode_checked(encoded, channels):
    """Decodes a picture once `problem_of` has nothing against its header, see `decode_image`."""
    found = tf.numpy_function(problem_of, [encoded], tf.string)
    check = tf.raw_ops.Assert(condition=found == "", data=[found])
    with tf.control_dependencies([] if tf.executing_eagerly() else [check]):
        return decode_image(tf.identity(encoded), channels)


def is_jpeg(encoded):
    """Tells whether a file is a JPEG by its first bytes, a bool tensor."""
    return tf.io.is_jpeg(encoded)


def is_png(encoded):
    """Tells whether a file is a PNG by its first bytes, a bool tensor."""
    return tf.strings.substr(encoded, 0, 8) == b"\x89PNG\r\n\x1a\n"


def _decode_jpeg(encoded):
    # The default, faster inverse DCT is up to 20 grey levels away from what PIL decodes.
    return tf.cast(tf.io.decode_jpeg(encoded, dct_method="INTEGER_ACCURATE"), tf.uint16) * 257


def _decode_png(encoded):
    """Returns the image, with alpha where a colour stands for it, and the EXIF data."""
    header = before_pixels(encoded)
    decode = functools.partial(tf.io.decode_png, encoded, dtype=tf.uint16)
    image = tf.cond(has_chunk(header, b"tRNS"), lambda: decode(channels=4), decode)
    return image, exif_of_png(header)


def _decode_other(encoded):
    # TensorFlow's own ops for these formats overwrite the heap (an animated WebP), read palettes of
    # BMP as greys, decode all frames of a GIF for the first, and show what is transparent black.
    image = tf.numpy_function(_with_pillow, [encoded], tf.uint16)
    return tf.ensure_shape(image, (None, None, None))


def _with_pillow(encoded):
    """Returns the image in a GIF, BMP or WebP, uint16 of 1, 3 or 4 channels."""
    encoded = bytes(encoded)
    if problem := problem_of(encoded):
        raise ValueError(problem)
    try:
        image = Image.open(io.BytesIO(encoded), formats=("GIF", "BMP", "WEBP"))
        image = ImageOps.exif_transpose(image)
        is_grey = image.mode in ("1", "L")
        mode = "RGBA" if image.has_transparency_data else "L" if is_grey else "RGB"
        pixels = np.asarray(image.convert(mode), np.uint16)
    except Exception as error:  # Pillow's readers raise what the damage happens to cause.
        raise ValueError(damage(format_of(encoded))) from error
    return 257 * pixels.reshape(*pixels.shape[:2], -1)


def _refuse():
    check = tf.raw_ops.Assert(condition=False, data=["a picture is neither a JPEG nor a PNG"])
    with tf.control_dependencies([] if tf.executing_eagerly() else [check]):
        return tf.zeros([1, 1, 1], tf.uint16)


def converted(image, channels):
    """Returns images of 1 (grey), 2 (and alpha), 3 (colour) or 4 channels as `decode_image` does.

    Args:
        image: uint8 or uint16 tensor (..., height, width, 1 to 4).
        channels: 1, 3 or 4.

    Returns:
        uint16 tensor (..., height, width, channels).
    """
    image = tf.cast(image, tf.uint16) * (257 if image.dtype == tf.uint8 else 1)
    depth = image.shape[-1]
    return image if depth == channels else _convert(image, tf.constant(depth), channels)


def _convert(image, depth, channels):
    """Converts an image of `depth` (1 grey, 2 with alpha, 3 colour, 4 with alpha) channels."""
    is_color = depth >= 3
    if channels != 4:
        image = tf.cond(depth % 2 == 0, lambda: _on_white(image), lambda: image)
    grey = image[..., :1]
    if channels == 1:
        return tf.cond(is_color, lambda: _luma(image[..., :3]), lambda: grey)
    color = tf.cond(is_color, lambda: image[..., :3], lambda: tf.concat([grey] * 3, -1))
    if channels == 3:
        return color
    opaque = tf.fill(tf.shape(grey), tf.constant(65535, tf.uint16))
    alpha = tf.cond(depth % 2 == 0, lambda: image[..., -1:], lambda: opaque)
    return tf.concat([color, alpha], axis=-1)


def _on_white(image):
    """Returns what is seen of an image with alpha on white paper, its alpha kept."""
    levels, alpha = tf.cast(image, tf.int64), tf.cast(image[..., -1:], tf.int64)
    seen = (levels * alpha + 65535 * (65535 - alpha) + 32767) // 65535
    return tf.concat([tf.cast(seen[..., :-1], tf.uint16), image[..., -1:]], -1)


def _luma(image):
    luma = tf.reduce_sum(tf.cast(image, tf.float32) * _LUMA, axis=-1, keepdims=True)
    return tf.cast(tf.round(luma), tf.uint16)


def resized(image, size):
    """Returns images of another size: bicubic with antialiasing, as PIL does.

    Args:
        image: tensor (height, width, channels), or a batch of them.
        size: (height, width), of ints or an int32 tensor.

    Returns:
        float32 tensor, with the range of the given one, or a little beyond at edges.
    """
    image = tf.cast(image, tf.float32)  # Resizing integers takes twice the time.
    return tf.cond(
        tf.reduce_all(tf.equal(tf.shape(image)[-3:-1], size)),
        lambda: image,
        lambda: tf.image.resize(image, size, "bicubic", antialias=True),
    )


def resize(image, size):
    """Resizes, ignoring the aspect, and scales.

    Args:
        image: uint16 tensor (height, width, channels), or a batch of them.
        size: height and width in pixels, or one side of a square.

    Returns:
        float32 tensor of that size, with the channels, in [-1, 1], or a batch of them.
    """
    sides = height_and_width(size)
    image = resized(image, sides)
    image = tf.ensure_shape(image, (*image.shape[:-3], *sides, image.shape[-1]))
    return tf.clip_by_value(image / 32767.5 - 1, -1.0, 1.0)  # Bicubic overshoots at edges.


def augment(image, load_size, image_size, draws, flip=True):
    """Resizes, crops at random and flips at random (CycleGAN authors' `resize_and_crop`).

    Args:
        image: uint16 tensor (height, width, channels).
        load_size: int >= image_size, side after resizing, in pixels.
        image_size: int, side of the crop, in pixels.
        draws: float32 tensor of 3 uniform numbers in [0, 1): crop's row, its column, flip.
        flip: bool, mirror the image when the third draw is below one half. Defaults to True.

    Returns:
        float32 tensor (image_size, image_size, channels) in [-1, 1].
    """
    return cropped(resize(image, load_size), (image_size, image_size), draws, flip)


def cropped(image, size, draws, flip=True):
    """Crops at random and flips at random; images and masks of one size alike.

    Args:
        image: tensor (height, width, ...).
        size: (height, width) of the crop, in pixels.
        draws: as for `augment`.
        flip: as for `augment`. Defaults to True.

    Returns:
        tensor of that size.
    """
    spare = [own - side for own, side in zip(image.shape, size, strict=False)]
    if any(spare):
        top, left = tf.unstack(tf.cast(draws[:2] * (tf.constant(spare, tf.float32) + 1), tf.int32))
        image = image[top : top + size[0], left : left + size[1]]
    if flip:
        image = tf.cond(draws[2] < 0.5, lambda: image[:, ::-1], lambda: image)
    return tf.ensure_shape(image, (*size, *image.shape[2:]))
