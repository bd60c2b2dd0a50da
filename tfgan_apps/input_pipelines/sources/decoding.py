"""Decoding, resizing and augmenting one image inside `tf.data`."""

import tensorflow as tf

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as PIL's convert("L").


def decode_image(encoded, channels):
    """Decodes JPEG, PNG, BMP, GIF (first frame) or WebP.

    Sixteen-bit PNG keep their sixteen bits. Grey is repeated for colour, colour becomes luma for
    grey, alpha is dropped, or is opaque where the file has none, as in PIL.

    Args:
        encoded: scalar string tensor.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA).

    Returns:
        uint16 tensor (height, width, channels), 0 to 65535 whatever the file's depth.
    """
    image = _decode(encoded)
    depth = tf.shape(image)[-1]
    image = tf.cond(depth == channels, lambda: image, lambda: _convert(image, depth, channels))
    return tf.ensure_shape(image, (None, None, channels))


def _decode(encoded):
    """Returns the image with the channels that the file has, uint16."""
    is_png = tf.equal(tf.strings.substr(encoded, 0, 4), b"\x89PNG")
    return tf.cond(
        tf.io.is_jpeg(encoded),
        # The default, faster inverse DCT is up to 20 grey levels away from what PIL decodes.
        lambda: _sixteen_bits(tf.io.decode_jpeg(encoded, dct_method="INTEGER_ACCURATE")),
        lambda: tf.cond(
            is_png,
            lambda: tf.io.decode_png(encoded, dtype=tf.uint16),
            lambda: _sixteen_bits(tf.io.decode_image(encoded, expand_animations=False)),
        ),
    )


def _sixteen_bits(image):
    return tf.cast(image, tf.uint16) * 257


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
