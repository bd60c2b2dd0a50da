"""Counts what a serialized message holds before it is parsed: two bytes can cost hundreds."""

MAX_FIELDS = 100_000
"""That a request may have; the numbers of a packed array, as all clients write them, are one."""

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5  # of a field; groups have no payload of their own


def count_fields(data, descriptor):
    """Returns how many fields a message has, those of the messages in it included.

    Counting ends a little above `MAX_FIELDS`, or where the data break: there the parser ends, too.

    Args:
        data: bytes.
        descriptor: of the message.
    """
    found, waiting = 0, [(0, len(data), descriptor)]
    while waiting and found <= MAX_FIELDS:
        place, end, descriptor = waiting.pop()
        while place < end and found <= MAX_FIELDS:
            found += 1
            place, inner = _field(data, place, descriptor)
            waiting += inner
    return found


def _field(data, place, descriptor):
    """Returns the place behind a field, and where in it a message is: [] or [(from, to, what)]."""
    tag, place = _varint(data, place)
    kind = tag & 7
    if kind == _VARINT:
        return _varint(data, place)[1], []
    if kind != _LENGTH:
        return place + {_FIXED64: 8, _FIXED32: 4}.get(kind, 0), []
    length, place = _varint(data, place)
    field = descriptor.fields_by_number.get(tag >> 3)
    inner = field.message_type if field else None
    return place + length, [(place, min(place + length, len(data)), inner)] if inner else []


def _varint(data, place):
    """Returns a number, and the place behind it."""
    number = shift = 0
    for byte in data[place : place + 10]:
        place += 1
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, place
    return 0, len(data)
