"""Decoding, resizing and augmenting one image inside `tf.data`."""

import tensorflow as tf

from tfgan_apps.input_pipelines.sources.formats import BMP, GIF, JPEG, MAX_PIXELS, PNG, WEBP

FORMATS = (JPEG, PNG, GIF, BMP, WEBP)
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as PIL's convert("L").


def decode_image(encoded, channels, formats=FORMATS, max_pixels=MAX_PIXELS):
    """Decodes a picture, upright as its EXIF data tell.

    Of an animated GIF it is the first frame. Sixteen-bit PNG keep their sixteen bits. Grey is
    repeated for colour, colour becomes luma for grey, alpha is dropped, or is opaque where the file
    has none, as in PIL. What `header_problem` finds is refused before memory is taken for pixels.

    Args:
        encoded: scalar string tensor.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA).
        formats: tuple of `Format`s that are decoded. Defaults to all of them.
        max_pixels: int, the most that an image may have. Defaults to 89 million.

    Returns:
        uint16 tensor (height, width, channels), 0 to 65535 whatever the file's depth.

    Raises:
        tf.errors.InvalidArgumentError: of a file that cannot be decoded, or is refused.
    """

    def decode(picture):
        problem = picture.problem(encoded, channels, max_pixels)
        with tf.control_dependencies([tf.debugging.Assert(problem == "", [problem])]):
            return picture.decode(tf.identity(encoded), channels)

    def refuse():
        with tf.control_dependencies([tf.debugging.Assert(False, [_unknown(formats)])]):
            return tf.zeros([0, 0, channels], tf.uint16)

    image = _by_format(encoded, formats, decode, refuse)
    depth = tf.shape(image)[-1]
    image = tf.cond(depth == channels, lambda: image, lambda: _convert(image, depth, channels))
    return tf.ensure_shape(image, (None, None, channels))


def header_problem(encoded, channels, formats=FORMATS, max_pixels=MAX_PIXELS):
    """Returns why a picture is refused before it is decoded, a string tensor, "" where it is not.

    Args:
        encoded, channels, formats, max_pixels: see `decode_image`.

    Raises:
        tf.errors.InvalidArgumentError: of a file whose header is cut short or damaged.
    """
    return _by_format(
        encoded,
        formats,
        lambda picture: picture.problem(encoded, channels, max_pixels),
        lambda: tf.constant(_unknown(formats)),
    )


def _by_format(encoded, formats, function, otherwise):
    """Returns what a function makes of the format that a file has, or what `otherwise` returns."""
    holds = [picture.holds(encoded) for picture in formats]
    branches = [lambda picture=picture: function(picture) for picture in formats]
    first = tf.argmax(tf.cast([*holds, True], tf.int32), output_type=tf.int32)
    return tf.switch_case(first, [*branches, otherwise])


def _unknown(formats):
    names = ", ".join(picture.name for picture in formats)
    return f"is not an image ({names} are read). Replace or remove it."


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
