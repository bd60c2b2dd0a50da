"""The sizes that JPEG and PNG files announce, read from their first bytes without decoding."""

import re

from tfgan_apps.serving.server.status import invalid

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
# Markers, as libjpeg's jdmarker.c reads them.
_SIZES = frozenset((0xC0, 0xC1, 0xC2, 0xC9, 0xCA))  # the kinds of frames that can be decoded
_WITHOUT_LENGTH = frozenset((0x01, *range(0xD0, 0xD8)))
_ENDS = frozenset((0xD8, 0xD9, 0xDA, 0xC3, *range(0xC5, 0xC9), 0xCB, *range(0xCD, 0xD0)))
_MAX_SEGMENTS = 10_000  # before the size; cameras write some dozens
_MAX_GARBAGE = 1 << 16  # bytes between two segments, which libjpeg passes over
_MARKER = re.compile(rb"(?:[^\xff]++|\xff++\0)*+\xff++([^\0])", re.DOTALL)


def size_of(data):
    """Returns (height, width) of a JPEG or PNG file.

    Args:
        data: bytes, of any kind.

    Returns:
        two ints, or None for what is no such file, or ends or breaks before its size: no decoder
        can allocate what it has not read.

    Raises:
        StatusError: INVALID_ARGUMENT for a header that would take long to read.
    """
    if data[:8] == _PNG:
        return _png_size(data)
    return _jpeg_size(data) if data[:2] == _JPEG else None


def _png_size(data):
    if len(data) < 24 or data[12:16] != b"IHDR":  # must be the first chunk
        return None
    return int.from_bytes(data[20:24]), int.from_bytes(data[16:20])


def _jpeg_size(data):
    place = len(_JPEG)
    for _ in range(_MAX_SEGMENTS):
        found = _MARKER.match(data, place, place + _MAX_GARBAGE)
        if not found and place + _MAX_GARBAGE < len(data):
            break
        if not found or found[1][0] in _ENDS:
            return None
        place = found.end()
        if found[1][0] in _SIZES:
            frame = data[place + 3 : place + 7]  # after the length and the bits of a sample
            return (int.from_bytes(frame[:2]), int.from_bytes(frame[2:])) if frame[3:] else None
        if found[1][0] not in _WITHOUT_LENGTH:
            place += int.from_bytes(data[place : place + 2])
    raise invalid(
        f"A JPEG file must tell its size in its first {_MAX_SEGMENTS} segments, with at most "
        f"{_MAX_GARBAGE} bytes between two. Received: one that does not"
    )
