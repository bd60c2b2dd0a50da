"""Requests that ask for too much, and pages that may not ask, for `malformed_test`.

A case is as in `malformed_requests`; the limits are those of `FLAGS`.
"""

import struct
import zlib

import numpy as np

from tests.serving.server.malformed_requests import (
    GOOD,
    INVALID,
    PREDICT,
    b64,
    good_body,
    message,
    posted,
    refused,
    refused_by_grpc,
)

MAX_BATCH, MAX_PIXELS, MAX_ANSWER = 16, 1 << 22, 1 << 17
FLAGS = [f"--max_batch={MAX_BATCH}", f"--max_pixels={MAX_PIXELS}", f"--max_answer={MAX_ANSWER}"]


def png_header(height, width):
    """Returns the first bytes of a PNG file, and no pixels."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + chunk + struct.pack(">I", zlib.crc32(chunk))


def jpeg_header(height, width):
    """Returns the first bytes of a JPEG file: two other segments, then its size."""
    segments = b"\xff\xe0\0\x10JFIF\0" + bytes(9) + b"\xff\xff\xfe\0\x06none"
    frame = b"\xff\xc2\0\x11\x08" + struct.pack(">HH", height, width) + b"\3" + bytes(9)
    return b"\xff\xd8" + segments + frame


def either(choose, says, request, body):
    """The same over REST or gRPC."""
    if choose.random() < 0.5:
        return refused_by_grpc(INVALID, says, lambda server: server.predict(request))
    return posted(400, says, body)


def too_many_rows(choose):
    count = choose.randrange(MAX_BATCH + 1, 500)
    says = rf"^A request may have at most {MAX_BATCH} rows \(--max_batch\). Received: {count}$"
    body = choose.choice([{"instances": [b64(GOOD)] * count}, {"inputs": [b64(GOOD)] * count}])
    return either(choose, says, message(image_bytes=[GOOD] * count), body)


def too_many_pixels(choose):
    says = rf"at most {MAX_PIXELS} pixels together \(--max_pixels\). Received: \d+$"
    header = choose.choice([png_header, jpeg_header])
    files = choose.choice(
        [
            [header(65535, 65535)],
            [GOOD, header(1 << 11, (1 << 11) + 1)],
            [header(1 << 10, 1 << 10)] * 5,  # each would do
        ]
    )
    body = {"instances": [b64(file) for file in files]}
    return either(choose, says, message(image_bytes=files), body)


def too_many_values(choose):
    values = choose.choice([b"0,", b"[],"]) * MAX_PIXELS
    body = b'{"signature_name": "uint8", "inputs": [[[[' + values + b"0]]]]}"
    return posted(400, rf"at most {MAX_PIXELS} values \(--max_pixels\)", body)


def few_bytes_for_many(choose):
    """One value that stands for a whole tensor."""
    request = message("uint8", image=np.zeros((1, 1, 1, 3), np.uint8))
    proto = request.inputs["image"]
    proto.ClearField("tensor_content")
    proto.int_val.append(7)
    sizes, says = choose.choice(
        [
            ((1, 1 << 30, 1 << 30, 3), "^tensor parsing error: image$"),
            ((1, 1 << 10, 1 << 10, 3), "^tensor parsing error: image$"),
            ((1 << 10, 1, 1, 3), r"at most 16 rows \(--max_batch\). Received: 1024$"),
        ]
    )
    if choose.random() < 0.3:
        request, says = message(image_bytes=[bytes(1 << 20)]), "^tensor parsing error: image_bytes$"
        proto, sizes = request.inputs["image_bytes"], (MAX_BATCH,)
    for size, dim in zip(sizes, proto.tensor_shape.dim, strict=True):
        dim.size = size
    return refused_by_grpc(INVALID, says, lambda server: server.predict(request))


def too_many_fields(choose):
    """Two bytes each, of which a parser makes hundreds."""
    data = choose.choice([b"\x12\0", b"\x1a\0", b"\xf8\1\0"]) * choose.randrange(100_001, 10**7)
    return refused_by_grpc(
        INVALID,
        "^A request may have at most 100000 fields",
        lambda server: server.call("PredictionService/Predict", data),
    )


def too_large_an_answer(choose):
    image = np.zeros((1, 256, choose.randrange(200, 256, 4), 3), np.uint8)
    says = rf"^An answer may have at most {MAX_ANSWER} bytes \(--max_answer\). This one has "
    body = {"signature_name": "uint8", "inputs": image.tolist()}
    return either(choose, says, message("uint8", image=image), body)


def foreign_page(choose):
    headers, says = choose.choice(
        [
            ({"Host": "evil.example"}, "answers to localhost.* Host: evil.example$"),
            ({"Host": "[::1"}, "answers to localhost, "),
            ({"Origin": "http://evil.example"}, "origin is allowed.* Origin: http://evil.example$"),
            ({"Origin": "null"}, "origin is allowed"),
            ({"Origin": "http://localhost:8501"}, "origin is allowed"),
        ]
    )
    method, body = choose.choice([("POST", good_body()), ("GET", None), ("OPTIONS", None)])
    path = PREDICT if method == "POST" else "/v1/models/negative"
    return refused(403, says, method, path, body, headers)
