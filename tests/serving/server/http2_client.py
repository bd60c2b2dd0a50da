"""A client that speaks HTTP/2 by hand, and does not read what it is answered."""

import itertools


def frame(kind, flags, stream, payload):
    """An HTTP/2 frame."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def calls(message, count):
    """Returns what a client sends whose window is 64 kB, and never grows."""
    headers = {
        ":method": "POST",
        ":scheme": "http",
        ":path": "/tensorflow.serving.PredictionService/Predict",
        ":authority": "localhost",
        "te": "trailers",
        "content-type": "application/grpc",
    }
    texts = [text.encode() for text in itertools.chain.from_iterable(headers.items())]
    fields = [bytes([len(text)]) + text for text in texts]
    block = b"".join(
        b"\0" + name + value for name, value in zip(fields[::2], fields[1::2], strict=True)
    )
    data = b"\0" + len(message).to_bytes(4) + message
    calls = [frame(1, 4, 2 * i + 1, block) + frame(0, 1, 2 * i + 1, data) for i in range(count)]
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + b"".join(calls)
