"""Images between files, levels and [-1, 1] inside a served graph; a broken file is named."""

import numpy as np
import tensorflow as tf

from tfgan_apps.input_pipelines.sources.decoding import decode_image, is_jpeg, is_png, resized

# What is promised, and no more: each further format is a decoder in the graph that strangers' files
# reach. 2**25 pixels are a photograph of 33 megapixels; a network takes far more memory for it.
_MAX_PIXELS = 2**25

# Scaling multiplies: TensorFlow turns a division by a constant into this in some graphs and not in
# others, and the last bit of an input moves bfloat16 outputs by several of 255 levels.
_LEVEL = np.float32(1 / 127.5)


def scaled(levels):
    """Returns uint8 levels as float32 in [-1, 1]."""
    return tf.cast(levels, tf.float32) * _LEVEL - 1.0


def levels(images):
    """Returns images in [-1, 1] as float32 levels in [0, 255], not rounded, clipped."""
    return tf.clip_by_value((tf.cast(images, tf.float32) + 1.0) * 127.5, 0.0, 255.0)


def rounded(images):
    """Returns images in [-1, 1] as uint8 levels, the nearest ones."""
    return tf.cast(tf.round(levels(images)), tf.uint8)


def encode_png(images):
    """Returns the PNG files (string (B,)) of uint8 images (B, H, W, C), C of 1, 3 or 4."""
    return tf.map_fn(tf.io.encode_png, images, fn_output_signature=tf.string)


def decode_png(files):
    """Returns the uint8 arrays (H, W, C) of PNG files, outside a graph."""
    return [tf.io.decode_png(file).numpy() for file in np.asarray(files)]


def map_files(function, files, channels):
    """Returns PNG files of what `function` makes of the image in each file.

    Args:
        function: (uint8 tensor (H, W, channels), index int32) -> uint8 tensor (H, W, channels).
        files: string tensor (B,), JPEG or PNG, each of its own size.
        channels: 1, 3 or 4, to which files are converted.

    Raises:
        tf.errors.InvalidArgumentError: from the graph, with the place of every broken file.
    """

    def encoded(decoded_and_index):
        decoded, index = decoded_and_index
        image = tf.ensure_shape(tf.io.parse_tensor(decoded, tf.uint8), (None, None, channels))
        return tf.io.encode_png(function(image, index))

    indexed = (_decoded(files, channels), tf.range(tf.size(files)))
    return tf.map_fn(encoded, indexed, fn_output_signature=tf.string)


def stack_files(files, size, channels):
    """Returns the images of files that all have one size, uint8 (B, *size, channels).

    Args:
        files: string tensor (B,), JPEG or PNG.
        size: (height, width) that every image must have.
        channels: 1, 3 or 4, to which files are converted.

    Raises:
        tf.errors.InvalidArgumentError: from the graph, with the place of a wrong file.
    """

    def image(decoded_and_index):
        decoded, index = decoded_and_index
        image = tf.io.parse_tensor(decoded, tf.uint8)
        with tf.control_dependencies([check_size(size, tf.shape(image)[:2], file_at(index))]):
            image = tf.identity(image)
        image.set_shape((*size, channels))
        return image

    indexed = (_decoded(files, channels), tf.range(tf.size(files)))
    spec = tf.TensorSpec((*size, channels), tf.uint8)
    return tf.map_fn(image, indexed, fn_output_signature=spec)


def resized_files(files, size, channels, name="image_bytes"):
    """Returns the images of files of any sizes in [-1, 1], float32 (B, *size, channels).

    Args:
        files: string tensor (B,), JPEG or PNG.
        size: (height, width) that the images get, whatever their aspect.
        channels: 1, 3 or 4, to which files are converted.
        name: str, what an error calls the files. Defaults to "image_bytes".

    Raises:
        tf.errors.InvalidArgumentError: from the graph, with the place of every broken file.
    """

    def image(decoded):
        decoded = tf.ensure_shape(tf.io.parse_tensor(decoded, tf.uint8), (None, None, channels))
        found = tf.ensure_shape(resized(decoded, size), (*size, channels))
        return tf.clip_by_value(scaled(found), -1.0, 1.0)  # bicubic overshoots at edges

    spec = tf.TensorSpec((*size, channels), tf.float32)
    return tf.map_fn(image, _decoded(files, channels, name), fn_output_signature=spec)


def stack_masks(files, decode, size, name):
    """Returns the masks of PNG files of any sizes, int32 (B, *size), by nearest pixels.

    Args:
        files: string tensor (B,).
        decode: function, string tensor -> int32 tensor (H, W), and what is wrong with it, or "".
        size: (height, width) that the masks get, whatever their aspect.
        name: str, what an error calls the files.

    Raises:
        tf.errors.InvalidArgumentError: from the graph, with the place of every broken file.
    """

    def mask(place, file):
        found, problem = decode(file)
        # Nothing can be resized of a file that is none; its problem is told.
        found = tf.cond(problem == "", lambda: found, lambda: tf.zeros([1, 1], tf.int32))
        found = tf.image.resize(found[..., None], size, "nearest")[..., 0]
        return place, problem, tf.io.serialize_tensor(found)

    with tf.control_dependencies([_check_headers(files, name)]):
        places, problems, masks = _mapped(mask, tf.identity(files), strings=2)
    checks = [_check_all_there(files, places, f"{name} must hold PNG files")]
    checks.append(_check_problems(places, problems, name))
    with tf.control_dependencies(checks):
        masks = tf.identity(masks)
    spec = tf.TensorSpec(size, tf.int32)
    one = lambda mask: tf.ensure_shape(tf.io.parse_tensor(mask, tf.int32), size)  # noqa: E731
    return tf.map_fn(one, masks, fn_output_signature=spec)


def file_at(index, name="image_bytes"):
    """Returns how an error names a file of a batch, a string tensor."""
    return tf.strings.join([f"{name}[", tf.strings.as_string(index), "]"])


def check_size(expected, size, received):
    """Returns an assertion that an image has the height and width that a network takes.

    Args:
        expected, size: (height, width), of ints or an int32 tensor.
        received: str or string tensor, what the error calls the image.
    """
    sides = [tf.strings.as_string(side[axis]) for side in (expected, size) for axis in (0, 1)]
    words = (": expected height ", " and width ", ", received height ", " and width ")
    message = tf.strings.join([received, *sum(zip(words, sides, strict=True), ())])
    return tf.debugging.Assert(tf.reduce_all(tf.equal(expected, size)), [message])


def _decoded(files, channels, name="image_bytes"):
    """Returns each file's image as a serialized uint8 tensor, for sizes differ: string (B,)."""
    with tf.control_dependencies([_check_headers(files, name)]):
        places, decoded = _decodable(tf.identity(files), channels)
    check = _check_all_there(files, places, f"{name} must hold JPEG or PNG files")
    with tf.control_dependencies([check]):
        return tf.identity(decoded)


def _check_all_there(files, places, expected):
    """Returns an assertion that the places are those of all files."""
    all_places = tf.range(tf.size(files, tf.int64))
    broken = tf.reduce_all(all_places[:, None] != places[None], axis=1)
    names = tf.strings.as_string(tf.boolean_mask(all_places, broken))
    message = f"{expected}. Received: broken files at index "
    message += tf.strings.reduce_join(names, separator=", ")
    return tf.debugging.Assert(~tf.reduce_any(broken), [message])


@tf.autograph.experimental.do_not_convert
def _check_headers(files, name):
    """Returns an assertion that no file announces what must not be decoded."""

    def problem(place, file):
        nothing = tf.constant([0, 0], tf.int64), tf.constant(0, tf.int64)
        size, held = tf.cond(
            is_jpeg(file),
            lambda: _jpeg_header(file),
            lambda: tf.cond(is_png(file), lambda: _png_header(file), lambda: nothing),
        )
        return place, _announcement(size, held, file)

    return _check_problems(*_mapped(problem, files), name)


def _check_problems(places, problems, name):
    """Returns an assertion that no file has a problem; the first part of what it says names it."""
    refused = problems != ""
    names = tf.map_fn(
        lambda place: file_at(place, name),
        tf.boolean_mask(places, refused),
        fn_output_signature=tf.string,
    )
    message = tf.strings.join([names, tf.boolean_mask(problems, refused)], separator=" ")
    message = tf.strings.reduce_join(message, separator=" ")
    return tf.debugging.Assert(~tf.reduce_any(refused), [message])


def _jpeg_header(file):
    """Returns width and height, and how many pixels the bytes can stand for at most, int64."""
    shape = tf.cast(tf.image.extract_jpeg_shape(file), tf.int64)
    return shape[1::-1], 512 * tf.cast(tf.strings.length(file), tf.int64)


def _png_header(file):
    numbers = tf.io.decode_raw(tf.strings.substr(file, 16, 8), tf.int32, little_endian=False)
    size = tf.ensure_shape(tf.cast(numbers, tf.int64), [2])
    depth_and_type = tf.io.decode_raw(tf.strings.substr(file, 24, 2), tf.uint8)
    depth, color_type = tf.unstack(tf.cast(tf.ensure_shape(depth_and_type, [2]), tf.int64))
    samples = tf.gather(tf.constant([1, 0, 3, 1, 2, 0, 4], tf.int64), color_type)
    bits = tf.maximum(depth * samples, 1)
    # A byte of zlib's holds 1032 at most.
    return size, 8 * 1032 * tf.cast(tf.strings.length(file), tf.int64) // bits


def _announcement(size, held, file):
    """Returns what a header announces beyond what is decoded, a string tensor, or ""."""
    pixels = tf.reduce_prod(size)
    sides = tf.strings.reduce_join(tf.strings.as_string(size), separator="x")
    announced = tf.strings.join(["announces ", sides, " pixels, more than "])
    length = tf.strings.as_string(tf.strings.length(file))
    too_few = tf.strings.join([announced, "its ", length, " bytes can hold."])
    too_many = tf.strings.join([announced, f"the {_MAX_PIXELS} that are read."])
    return tf.where(pixels > _MAX_PIXELS, too_many, tf.where(pixels > held, too_few, ""))


def _decodable(files, channels):
    """Returns the places of the files that can be decoded, and their serialized images."""

    def decode(place, file):
        # Decoded as in training; the networks are served 8 bits, what clients show.
        image = tf.cast(decode_image(file, channels, others=False) // 256, tf.uint8)
        return place, tf.io.serialize_tensor(image)

    return _mapped(decode, files)


def _mapped(function, files, strings=1):
    """Returns what a function makes of each file's place and bytes, without those that it fails on.

    A graph cannot catch an error; only a data set can leave out the elements that raise one.

    Args:
        function: (int64 tensor, string tensor) -> the place, string tensors.
        files: string tensor (B,).
        strings: int, how many of them. Defaults to 1.
    """
    size = tf.size(files, tf.int64)
    mapped = tf.data.Dataset.from_tensor_slices((tf.range(size), files)).map(function)
    mapped = mapped.ignore_errors(log_warning=False)
    # A batch must not be empty: one element more in front of those that are left.
    first = tf.data.Dataset.from_tensors((tf.constant(-1, tf.int64), *[""] * strings))
    found = first.concatenate(mapped).batch(size + 1).get_single_element()
    return tuple(each[1:] for each in found)
