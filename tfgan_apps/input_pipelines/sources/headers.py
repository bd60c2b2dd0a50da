"""What the header of a picture's file announces, compared with what the file can hold."""

import struct

MAX_PIXELS = 2**28 // 3  # 89 million, from where Pillow warns of decompression bombs
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WebP")
_MOST_INFLATED = 1032  # bytes out of one, by the format of zlib
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel of a PNG, by its colour type
_MOST_OF_LZW = 4096 * 8 // 12  # pixels of a byte: the longest string, a code of 12 bits


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


def problem_of(encoded, channels):
    """Returns why a picture must not be decoded, as its header tells; "" where nothing speaks.

    Args:
        encoded: bytes of the file.
        channels: int that the image will have.
    """
    if not encoded:
        return "is empty. Replace or remove it."
    kind = format_of(encoded)
    if kind is None:
        return f"is not an image ({', '.join(FORMATS)} are read). Replace or remove it."
    try:
        width, height, held = announced(encoded)
    except (struct.error, ValueError, IndexError, KeyError, ZeroDivisionError):
        return damage(kind)
    size = f"announces {width}x{height} pixels, more than"
    if width * height > MAX_PIXELS:
        return f"{size} the {MAX_PIXELS} that are read. Make it smaller, or remove it."
    if held is not None and width * height > held:
        return f"{size} its {len(encoded)} bytes can hold. Replace or remove it."
    if kind == "PNG" and channels == 4 and encoded[25] in (0, 2) and _has_key(encoded):
        return "has one colour that stands for transparency, which is not read. Save it with alpha."
    return ""


def announced(encoded):
    """Returns the width and the height that a header announces, and the most pixels of its file.

    Args:
        encoded: bytes of a file of one of the `FORMATS`.

    Returns:
        int, int, and int or None where a file of any length can hold any number of pixels.
    """
    return _HEADERS[format_of(encoded)](encoded)


def damage(kind):
    """Says that a file of a format cannot be decoded."""
    return f"is truncated, damaged or an unsupported kind of {kind}. Replace or remove it."


def _has_key(encoded):
    return b"tRNS" in encoded[: max(encoded.find(b"IDAT"), 0)]


def _jpeg(encoded):
    place = 2
    while True:
        # As libjpeg does: whatever stands between segments is skipped.
        place = encoded.index(b"\xff", place)
        while encoded[place] == 0xFF:
            place += 1
        marker = encoded[place]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">2H", encoded, place + 4)
            return width, height, 512 * len(encoded)  # at least one bit for 8 x 8 pixels
        has_length = marker not in (0x00, 0x01, *range(0xD0, 0xDA))
        place += 1 + (struct.unpack_from(">H", encoded, place + 1)[0] if has_length else 0)


def _png(encoded):
    width, height, depth, color_type = struct.unpack_from(">2I2B", encoded, 16)
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
