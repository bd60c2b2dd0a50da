"""What the header of a picture's file announces, compared with what the file can hold."""

import re
import struct

MAX_PIXELS = 2**28 // 3  # 89 million, from where Pillow warns of decompression bombs
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WebP")
_MOST_INFLATED = 1032  # bytes out of one, by the format of zlib
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel of a PNG, by its colour type
_MOST_OF_LZW = 4096 * 8 // 12  # pixels of a byte: the longest string, a code of 12 bits
# Markers of a JPEG, as libjpeg's jdmarker.c reads them.
_FRAMES = frozenset((0xC0, 0xC1, 0xC2, 0xC9, 0xCA))  # the kinds that can be decoded
_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD8)))
_ENDS = frozenset((0xD8, 0xD9, 0xDA, 0xC3, *range(0xC5, 0xC9), 0xCB, *range(0xCD, 0xD0)))
_MOST_SEGMENTS = 10_000  # before the size; cameras write some dozens
_MOST_BETWEEN = 1 << 16  # bytes between two segments, which libjpeg passes over
_MARKER = re.compile(rb"(?:[^\xff]++|\xff++\0)*+\xff++([^\0])", re.DOTALL)


class HeaderError(ValueError):
    """A header that ends, or breaks, before it announces a size: no decoder takes memory for it."""


class LongHeaderError(HeaderError):
    """A header that would take long to read; a decoder might do it all the same."""


def format_of(encoded):
    """Returns the format that a file's first bytes tell, one of `FORMATS`, or None."""
    starts = {
        "JPEG": b"\xff\xd8\xff",
        "PNG": b"\x89PNG\r\n\x1a\n",
        "GIF": b"GIF8",
        "BMP": b"BM",
        "WebP": b"RIFF",
    }
    found = next((name for name in FORMATS if encoded.startswith(starts[name])), None)
    return None if found == "WebP" and encoded[8:12] != b"WEBP" else found


def problem_of(encoded):
    """Returns why a picture must not be decoded, as its header tells; "" where nothing speaks.

    Args:
        encoded: bytes of the file.
    """
    if not encoded:
        return "is empty. Replace or remove it."
    kind = format_of(encoded)
    if kind is None:
        return f"is not an image ({', '.join(FORMATS)} are read). Replace or remove it."
    try:
        width, height, held = announced(encoded)
    except HeaderError:
        return damage(kind)
    size = f"announces {width}x{height} pixels, more than"
    if width * height > MAX_PIXELS:
        return f"{size} the {MAX_PIXELS} that are read. Make it smaller, or remove it."
    if held is not None and width * height > held:
        return f"{size} its {len(encoded)} bytes can hold. Replace or remove it."
    return ""


def announced(encoded):
    """Returns the width and the height that a header announces, and the most pixels of its file.

    Args:
        encoded: bytes of a file of one of the `FORMATS`.

    Returns:
        int, int, and int or None where a file of any length can hold any number of pixels.

    Raises:
        HeaderError: there is no size, or it would take long to find.
    """
    kind = format_of(encoded)
    try:
        return _HEADERS[kind](encoded)
    except (struct.error, KeyError, ZeroDivisionError) as error:
        raise _silent(kind) from error


def damage(kind):
    """Says that a file of a format cannot be decoded."""
    return f"is truncated, damaged or an unsupported kind of {kind}. Replace or remove it."


def _silent(kind):
    return HeaderError(f"encoded must tell its size. Received: a {kind} that does not")


def _jpeg(encoded):
    height, width = struct.unpack_from(">2H", encoded, _frame_of_jpeg(encoded) + 3)
    return width, height, 512 * len(encoded)  # at least one bit for 8 x 8 pixels


def _frame_of_jpeg(encoded):
    """Returns where the segment that has the size begins."""
    place = 2
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.match(encoded, place, place + _MOST_BETWEEN)
        if not found and place + _MOST_BETWEEN < len(encoded):
            break
        if not found or found[1][0] in _ENDS:
            raise _silent("JPEG")
        place = found.end()
        if found[1][0] in _FRAMES:
            return place
        if found[1][0] not in _WITHOUT_LENGTH:
            place += int.from_bytes(encoded[place : place + 2])
    raise LongHeaderError(
        f"A JPEG file must tell its size in its first {_MOST_SEGMENTS} segments, with at most "
        f"{_MOST_BETWEEN} bytes between two. Received: one that does not"
    )


def _png(encoded):
    chunk, width, height, depth, color_type = struct.unpack_from(">4s2I2B", encoded, 12)
    if chunk != b"IHDR":
        raise _silent("PNG")
    bits = max(depth * _SAMPLES[color_type], 1)
    return width, height, 8 * _MOST_INFLATED * len(encoded) // bits


def _gif(encoded):
    return *struct.unpack_from("<2H", encoded, 6), _MOST_OF_LZW * len(encoded)


def _bmp(encoded):
    (header,) = struct.unpack_from("<I", encoded, 14)
    sizes = struct.unpack_from("<2H2xH" if header == 12 else "<2i2xH", encoded, 18)
    width, height, bits = map(abs, sizes)
    (packing,) = struct.unpack_from("<I", encoded, 30) if header > 12 else (0,)
    # Two bytes of run lengths end a row of any length.
    return width, height, None if packing in (1, 2) else 8 * len(encoded) // bits


def _webp(encoded):
    kind = encoded[12:16]
    if kind == b"VP8X":
        # Two numbers of 24 bits, less one; each is read with the byte in front of it.
        both = struct.unpack("<2I", encoded[23:27] + encoded[26:30])
        width, height = ((side >> 8) + 1 for side in both)
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", encoded, 21)
        width, height = bits % 2**14 + 1, bits // 2**14 % 2**14 + 1
    else:
        width, height = (side % 2**14 for side in struct.unpack_from("<2H", encoded, 26))
    return width, height, None  # One colour takes no bits at all: there is no bound.


_HEADERS = {"JPEG": _jpeg, "PNG": _png, "GIF": _gif, "BMP": _bmp, "WebP": _webp}
