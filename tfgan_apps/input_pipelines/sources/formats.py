"""The formats of pictures: how a graph knows, refuses and decodes each of them.

TensorFlow's `decode_image` takes whatever a file says of itself: an animated WebP overwrites the
heap, an announced size is allocated before a byte is decoded, palettes of BMP are read as greys. So
each format is decoded by its own op, and only after its header has been read here.
"""

import dataclasses
from collections.abc import Callable

import tensorflow as tf

MAX_PIXELS = 2**28 // 3  # 89 million, from where Pillow warns of decompression bombs


@dataclasses.dataclass(frozen=True)
class Format:
    """A format of pictures.

    Args:
        name: str.
        marks: dict, place -> bytes that its files have there.
        header: function, file -> int64 tensors: (width, height) and the most pixels that its bytes
            can stand for.
        refusals: function, (file, channels) -> dict sentence -> bool tensor, whether it holds.
        decode: function, (file, channels) -> uint16 image of 1 (grey), 2 (with alpha), 3 (colour)
            or 4 channels, whatever the file has, not turned.
        exif: function, file -> its EXIF data, a string tensor, or None where it has none.
    """

    name: str
    marks: dict
    header: Callable
    refusals: Callable
    decode: Callable
    exif: Callable

    def holds(self, encoded):
        """Returns whether a file is of this format, a bool tensor."""
        found = [_part(encoded, place, len(mark)) == mark for place, mark in self.marks.items()]
        return found[0] if len(found) == 1 else tf.reduce_all(found)

    def problem(self, encoded, channels, max_pixels):
        """Returns why a file of this format must not be decoded, a string tensor; "" where it may.

        Args:
            encoded: scalar string tensor.
            channels: int, see `refusals`.
            max_pixels: int, the most that an image may have.

        Raises:
            tf.errors.InvalidArgumentError: where there is no whole header.
        """
        size, held = self.header(encoded)
        sides = tf.strings.reduce_join(tf.strings.as_string(size), separator="x")
        announced = tf.strings.join(["announces ", sides, " pixels, more than "])
        too_many = f"the {max_pixels} that are read. Make it smaller, or remove it."
        length = tf.strings.as_string(tf.strings.length(encoded))
        too_few = ["its ", length, " bytes can hold. Replace or remove it."]
        pixels = tf.reduce_prod(size)
        problem = tf.where(pixels > held, tf.strings.join([announced, *too_few]), "")
        problem = tf.where(pixels > max_pixels, announced + too_many, problem)
        for sentence, holds in self.refusals(encoded, channels).items():
            problem = tf.where(holds, sentence, problem)
        return problem


def _part(encoded, place, length):
    """Returns the bytes at a place of a file, those that it has: an error would quote them all."""
    place = tf.clip_by_value(tf.cast(place, tf.int32), 0, tf.strings.length(encoded))
    return tf.strings.substr(encoded, place, tf.cast(length, tf.int32))


def _before(encoded, mark):
    """Returns what precedes the first place where a file has some bytes, or all of it."""
    return tf.raw_ops.StringSplitV2(input=[encoded], sep=mark, maxsplit=1).values[0]


def _after(encoded, mark):
    """Returns what follows the first place where a file has some bytes; "" where it has not."""
    parts = tf.raw_ops.StringSplitV2(input=[encoded], sep=mark, maxsplit=1).values
    return tf.concat([parts, [""]], axis=0)[1]


def _no_exif(encoded):
    return tf.constant("")


def _sixteen_bits(image):
    return tf.cast(image, tf.uint16) * 257


def _numbers(encoded, place, dtype, count, little=True):
    """Returns the numbers from a place of a file on, int64 (count,)."""
    part = _part(encoded, place, count * dtype.size)
    found = tf.io.decode_raw(part, dtype, little_endian=little)
    return tf.cast(tf.ensure_shape(found, [count]), tf.int64)


def _number(encoded, place, dtype):
    return _numbers(encoded, place, dtype, 1)[0]


def _length(encoded):
    return tf.cast(tf.strings.length(encoded), tf.int64)


def _nothing(encoded, channels):
    return {}


# JPEG


def _jpeg_header(encoded):
    shape = tf.cast(tf.image.extract_jpeg_shape(encoded), tf.int64)
    return shape[1::-1], 512 * _length(encoded)  # at least one bit for 8 x 8 pixels


def _decode_jpeg(encoded, channels):
    # The default, faster inverse DCT is up to 20 grey levels away from what PIL decodes.
    return _sixteen_bits(tf.io.decode_jpeg(encoded, dct_method="INTEGER_ACCURATE"))


def _jpeg_exif(encoded):
    # In front of the quantization tables: to look through all of a file takes as long as to decode
    # a part of it. The tables of a thumbnail stand in the data themselves, behind what is read.
    return _after(_before(encoded, b"\xff\xdb\0"), b"Exif\0\0")


JPEG = Format("JPEG", {0: b"\xff\xd8\xff"}, _jpeg_header, _nothing, _decode_jpeg, _jpeg_exif)


# PNG

_MOST_INFLATED = 1032  # bytes out of one, by the format of zlib
_SAMPLES = (1, 0, 3, 1, 2, 0, 4)  # by the colour type: grey, RGB, palette, grey and alpha, RGBA


def _png_header(encoded):
    size = _numbers(encoded, 16, tf.int32, 2, little=False)
    depth, color_type = tf.unstack(_numbers(encoded, 24, tf.uint8, 2))
    samples = tf.gather(tf.constant(_SAMPLES, tf.int64), color_type)
    return size, 8 * _MOST_INFLATED * _length(encoded) // tf.maximum(depth * samples, 1)


def _png_refusals(encoded, channels):
    if channels != 4:
        return {}
    keyed = _after(_before(encoded, b"IDAT"), b"tRNS") != ""
    keyed &= _number(encoded, 25, tf.uint8) != 3
    return {
        "has one colour that stands for transparency, which is not read. Save it with alpha.": keyed
    }


def _decode_png(encoded, channels):
    return tf.io.decode_png(encoded, dtype=tf.uint16)


def _png_exif(encoded):
    return _after(_before(encoded, b"IDAT"), b"eXIf")


_PNG_MARK = b"\x89PNG\r\n\x1a\n"
PNG = Format("PNG", {0: _PNG_MARK}, _png_header, _png_refusals, _decode_png, _png_exif)


# GIF

_MOST_OF_LZW = 4096 * 8 // 12  # pixels of a byte: the longest string, a code of 12 bits
_BOUNDED = {"maximum_iterations": 1 << 18}  # 64 MB of full blocks; made of empty ones it ends, too


def _gif_header(encoded):
    return _numbers(encoded, 6, tf.uint16, 2), _MOST_OF_LZW * _length(encoded)


@tf.function(input_signature=[tf.TensorSpec([], tf.string)])  # Eager loops would take seconds.
def _gif_blocks(encoded):
    """Finds the first frame of a GIF.

    Returns:
        int64 tensors: the place after the header and its palette, of the first frame, and after it;
        whether one of the frame's colours is transparent, a bool tensor.
    """
    data = tf.cast(tf.io.decode_raw(encoded, tf.uint8), tf.int64)
    palette = _palette_bytes(data[10])

    def after(place):  # a chain of blocks, each behind its length; the last one has none
        def not_last(at):
            return data[at] > 0

        (end,) = tf.while_loop(not_last, lambda at: [at + 1 + data[at]], [place], **_BOUNDED)
        return end + 1

    def extension(place, transparent):
        is_control = data[place + 1] == 0xF9
        return after(place + 2), tf.where(is_control, data[place + 3] % 2 == 1, transparent)

    first, transparent = tf.while_loop(
        lambda place, _: data[place] == 0x21,
        extension,
        [13 + palette, tf.constant(False)],
        **_BOUNDED,
    )
    end = after(first + 11 + _palette_bytes(data[first + 9]))
    return 13 + palette, first, end, transparent


def _palette_bytes(flags):
    return tf.where(flags >= 128, 3 * tf.bitwise.left_shift(tf.constant(2, tf.int64), flags % 8), 0)


def _gif_refusals(encoded, channels):
    _, first, _, transparent = _gif_blocks(encoded)
    screen = tf.strings.join(["\0\0\0\0", _part(encoded, 6, 4)])
    partial = _part(encoded, first + 1, 8) != screen
    return {
        "has a first frame that does not fill it. Save it as a PNG.": partial,
        "has transparency, which is not read from GIF. Save it as a PNG.": (
            transparent & (channels == 4)
        ),
    }


def _decode_gif(encoded, channels):
    # Only the first frame: the others would all be decoded, and kept, before it is returned. What
    # stands before it goes too: transparent pixels would become black.
    table, first, end, _ = _gif_blocks(encoded)
    header, frame = _part(encoded, 0, table), _part(encoded, first, end - first)
    return _sixteen_bits(tf.io.decode_gif(tf.strings.join([header, frame, ";"]))[0])


GIF = Format("GIF", {0: b"GIF8"}, _gif_header, _gif_refusals, _decode_gif, _no_exif)


# BMP

_MASKS = b"\0\0\xff\0\0\xff\0\0\xff\0\0\0"  # of red, green and blue, in the order that is read
_ALPHA_MASK = b"\0\0\0\xff"


def _bmp_header(encoded):
    bits = tf.maximum(_number(encoded, 28, tf.uint16), 1)
    return tf.abs(_numbers(encoded, 18, tf.int32, 2)), 8 * _length(encoded) // bits


def _bmp_refusals(encoded, channels):
    header, bits = _number(encoded, 14, tf.int32), _number(encoded, 28, tf.uint16)
    packing = _number(encoded, 30, tf.int32)
    masked = (bits == 32) & (packing == 3) & (_part(encoded, 54, 12) == _MASKS)
    known = (header >= 40) & tf.reduce_any(bits == tf.constant([8, 24, 32], tf.int64))
    return {
        "is a kind of BMP that is not read (8, 24 and 32 bits without packing are). "
        "Save it as a PNG.": ~(known & ((packing == 0) | masked))
    }


def _decode_bmp(encoded, channels):
    bits = _number(encoded, 28, tf.uint16)
    image = tf.io.decode_bmp(encoded)
    return _sixteen_bits(
        tf.cond(
            bits == 8,
            lambda: tf.gather(_bmp_palette(encoded), tf.cast(image[..., 0], tf.int32)),
            lambda: tf.cond(_bmp_has_alpha(encoded), lambda: image, lambda: image[..., :3]),
        )
    )


def _bmp_palette(encoded):
    """Returns the colours of a BMP of 8 bits, uint8 (256, 3); those that it lacks are black."""
    start, count = 14 + _number(encoded, 14, tf.int32), _number(encoded, 46, tf.int32)
    count = tf.where((count > 0) & (count < 256), count, 256)
    colors = tf.io.decode_raw(_part(encoded, start, 4 * count), tf.uint8)
    colors = tf.reshape(colors, [-1, 4])[:, 2::-1]
    return tf.pad(colors, [[0, 256 - tf.shape(colors)[0]], [0, 0]])


def _bmp_has_alpha(encoded):
    """Tells whether the fourth byte of a pixel is its alpha: an older header cannot say so."""
    told = (_number(encoded, 14, tf.int32) >= 56) & (_number(encoded, 30, tf.int32) == 3)
    return told & (_part(encoded, 66, 4) == _ALPHA_MASK)


BMP = Format("BMP", {0: b"BM"}, _bmp_header, _bmp_refusals, _decode_bmp, _no_exif)


# WebP


def _webp_header(encoded):
    chunk = _part(encoded, 12, 4)
    lossy = _numbers(encoded, 26, tf.uint16, 2) % 2**14
    bits = _number(encoded, 21, tf.int32)
    lossless = [bits % 2**14 + 1, bits // 2**14 % 2**14 + 1]
    width, height = _number(encoded, 24, tf.int32), _number(encoded, 26, tf.int32) // 256
    canvas = [width % 2**24 + 1, height % 2**24 + 1]
    size = tf.where(chunk == b"VP8X", canvas, tf.where(chunk == b"VP8L", lossless, lossy))
    return size, tf.reduce_prod(size)  # One colour takes no bits at all: there is no bound.


def _webp_refusals(encoded, channels):
    animated = _number(encoded, 20, tf.uint8) // 2 % 2 == 1
    animated &= _part(encoded, 12, 4) == b"VP8X"
    return {"is an animated WebP, which is not read. Save one picture of it as a PNG.": animated}


def _decode_webp(encoded, channels):
    return _sixteen_bits(tf.raw_ops.DecodeWebP(contents=encoded, channels=0)[0])


def _webp_exif(encoded):
    return _part(_after(encoded, b"EXIF"), 4, -1)


_WEBP_MARKS = {0: b"RIFF", 8: b"WEBP"}
WEBP = Format("WebP", _WEBP_MARKS, _webp_header, _webp_refusals, _decode_webp, _webp_exif)
