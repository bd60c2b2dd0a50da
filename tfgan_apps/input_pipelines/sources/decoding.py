"""Decoding, resizing and augmenting one image inside `tf.data`."""

import tensorflow as tf

from tfgan_apps.input_pipelines.sources.formats import BMP, GIF, JPEG, MAX_PIXELS, PNG, WEBP
from tfgan_apps.input_pipelines.sources.orientation import seldom_run, upright

FORMATS = (JPEG, PNG, GIF, BMP, WEBP)
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as PIL's convert("L").


@tf.autograph.experimental.do_not_convert  # It would take a second of every start.
def decode_image(encoded, channels, others=True):
    """Decodes a picture, upright as its EXIF data tell.

    Of an animated GIF it is the first frame. Sixteen-bit PNG keep their sixteen bits. Grey is
    repeated for colour, colour becomes luma for grey, alpha is dropped, or is opaque where the file
    has none, as in PIL.

    What a JPEG or PNG announces is not looked at: a step of training would wait for it. Files that
    nobody has looked at go through `decode_checked`.

    Args:
        encoded: scalar string tensor.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA).
        others: bool, not only JPEG and PNG are decoded, but GIF, BMP and WebP. Defaults to True.

    Returns:
        uint16 tensor (height, width, channels), 0 to 65535 whatever the file's depth.

    Raises:
        tf.errors.InvalidArgumentError: of a file that cannot be decoded.
    """
    image, exif = _by_format(
        encoded,
        (JPEG, PNG),
        lambda picture: (picture.decode(encoded, channels), picture.exif(encoded)),
        lambda: _decode_other(encoded, channels) if others else _refuse(channels),
    )
    depth = tf.shape(image)[-1]
    image = tf.cond(
        # Both at once: a branch of a graph takes as long as many operations.
        (depth == channels) & (exif == ""),
        lambda: image,
        lambda: _convert(upright(image, exif), depth, channels),
    )
    return tf.ensure_shape(image, (None, None, channels))


@seldom_run
def decode_checked(encoded, channels, max_pixels=MAX_PIXELS, others=True):
    """Decodes a picture once `header_problem` has nothing against it, see `decode_image`.

    Raises:
        tf.errors.InvalidArgumentError: of a file that cannot be decoded, or is refused.
    """
    problem = header_problem(encoded, channels, max_pixels, others)
    return decode_image(_if_true(problem == "", problem, encoded), channels, others)


@seldom_run
def header_problem(encoded, channels, max_pixels=MAX_PIXELS, others=True):
    """Returns why a picture must not be decoded, as its header tells, a string tensor, or "".

    Args:
        encoded, channels, others: see `decode_image`.
        max_pixels: int, the most that an image may have. Defaults to 89 million.

    Raises:
        tf.errors.InvalidArgumentError: of a file whose header is cut short or damaged.
    """
    formats = FORMATS if others else FORMATS[:2]
    names = ", ".join(picture.name for picture in formats)
    return _by_format(
        encoded,
        formats,
        lambda picture: picture.problem(encoded, channels, max_pixels),
        lambda: tf.constant(f"is not an image ({names} are read). Replace or remove it."),
    )


@seldom_run
def _decode_other(encoded, channels):
    """Returns the image and the EXIF data of a format besides JPEG and PNG."""

    def decode(picture):
        problem = picture.problem(encoded, channels, MAX_PIXELS)
        sound = _if_true(problem == "", problem, encoded)
        return picture.decode(sound, channels), picture.exif(encoded)

    return _by_format(encoded, FORMATS[2:], decode, lambda: _refuse(channels))


def _refuse(channels):
    nothing = tf.zeros([1, 1, channels], tf.uint16)
    return _if_true(False, "a picture is of no format that is read", nothing), tf.constant("")


def _if_true(condition, message, tensor):
    """Returns a tensor, or raises `tf.errors.InvalidArgumentError`."""
    check = tf.raw_ops.Assert(condition=condition, data=[message])
    with tf.control_dependencies([] if tf.executing_eagerly() else [check]):
        return tf.identity(tensor)


def _by_format(encoded, formats, function, otherwise):
    """Returns what a function makes of the format that a file has, or what `otherwise` returns."""
    if not formats:
        return otherwise()
    first, *others = formats
    return tf.cond(
        first.holds(encoded),
        lambda: function(first),
        lambda: _by_format(encoded, others, function, otherwise),
    )


def _convert(image, depth, channels):
    """Converts an image of `depth` (1 grey, 2 with alpha, 3 colour, 4 with alpha) channels."""
    is_color = depth >= 3
    grey = image[..., :1]
    if channels == 1:
        return tf.cond(is_color, lambda: _luma(image[..., :3]), lambda: grey)
    color = tf.cond(is_color, lambda: image[..., :3], lambda: tf.concat([grey] * 3, -1))
    if channels == 3:
        return color
    opaque = tf.fill(tf.shape(grey), tf.constant(65535, tf.uint16))
    alpha = tf.cond(depth % 2 == 0, lambda: image[..., -1:], lambda: opaque)
    return tf.concat([color, alpha], axis=-1)


def _luma(image):
    luma = tf.reduce_sum(tf.cast(image, tf.float32) * _LUMA, axis=-1, keepdims=True)
    return tf.cast(tf.round(luma), tf.uint16)


def resize(image, size):
    """Resizes to size x size pixels, ignoring the aspect: bicubic with antialiasing, as PIL does.

    Args:
        image: uint16 tensor (height, width, channels).
        size: int, pixels.

    Returns:
        float32 tensor (size, size, channels) in [-1, 1].
    """
    image = tf.cast(image, tf.float32)  # Resizing integers takes twice the time.
    image = tf.cond(
        tf.reduce_all(tf.equal(tf.shape(image)[:2], size)),
        lambda: image,
        lambda: tf.image.resize(image, (size, size), "bicubic", antialias=True),
    )
    image = tf.ensure_shape(image, (size, size, image.shape[-1]))
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
    image = resize(image, load_size)
    if load_size > image_size:
        top, left = tf.unstack(tf.cast(draws[:2] * (load_size - image_size + 1), tf.int32))
        image = image[top : top + image_size, left : left + image_size]
    if flip:
        image = tf.cond(draws[2] < 0.5, lambda: image[:, ::-1], lambda: image)
    return tf.ensure_shape(image, (image_size, image_size, image.shape[-1]))
