"""What a request may ask for and be answered; all of it is looked at before memory is taken."""

import dataclasses
import math

import numpy as np

from tfgan_apps.arguments import check_integers
from tfgan_apps.input_pipelines.sources import headers
from tfgan_apps.serving.server.status import invalid

_JSON_CHARACTERS = {1: 7, 2: 8, 4: 17, 8: 26}  # at most, of a number of so many bytes, with ", "


@dataclasses.dataclass(frozen=True)
class Limits:
    """What is done for one request, at most.

    Args:
        max_batch: positive int, rows: the size of every axis that a signature leaves open first.
        max_pixels: positive int, pixels of all pictures together, as their headers tell. A number
            of an array, a byte of a text, or a value in JSON counts as one.
        max_answer: positive int, bytes of the answer, as they are sent.
    """

    max_batch: int = 64
    max_pixels: int = 1 << 24
    max_answer: int = 64 << 20

    def __post_init__(self):
        check_integers(1, **dataclasses.asdict(self))

    def check_rows(self, signature, sizes):
        """Refuses a batch that is too large.

        Args:
            signature: `SignatureDef`.
            sizes: dict, name of one of its inputs -> () or (size of the first axis, ...).

        Raises:
            StatusError: INVALID_ARGUMENT.
        """
        for name, size in sizes.items():
            shape = signature.inputs[name].tensor_shape
            is_batch = shape.unknown_rank or (shape.dim and shape.dim[0].size < 0)
            if is_batch and size and size[0] > self.max_batch:
                raise invalid(
                    f"A request may have at most {self.max_batch} rows (--max_batch). "
                    f"Received: {size[0]}"
                )

    def check_values(self, count):
        """Refuses numbers that are too many, before there is an array of them.

        Raises:
            StatusError: INVALID_ARGUMENT.
        """
        if count > self.max_pixels:
            raise invalid(
                f"A request may hold at most {self.max_pixels} values (--max_pixels). "
                f"Received: {count}"
            )

    def check_shapes(self, signature, feeds):
        """Refuses shapes, of arrays that need not be there yet.

        Args:
            signature: `SignatureDef`.
            feeds: dict, name of one of its inputs -> what has a shape.

        Raises:
            StatusError: INVALID_ARGUMENT.
        """
        self.check_rows(signature, {name: feed.shape[:1] for name, feed in feeds.items()})
        self.check_values(sum(math.prod(feed.shape) for feed in feeds.values()))

    def check_pictures(self, feeds):
        """Refuses pictures, and whatever else there is, of too many pixels.

        Args:
            feeds: dict, name of an input -> array; bytes are in object arrays.

        Raises:
            StatusError: INVALID_ARGUMENT.
        """
        pixels = sum(_pixels(array) for array in feeds.values())
        if pixels > self.max_pixels:
            raise invalid(
                f"The pictures of a request may have at most {self.max_pixels} pixels together "
                f"(--max_pixels). Received: {pixels}"
            )

    def check_answer(self, outputs, as_json):
        """Refuses an answer that is too large, before it is written.

        Args:
            outputs: dict, name of an output -> array; bytes are in object arrays.
            as_json: whether it will be written as JSON; a number then counts with its most digits.

        Raises:
            StatusError: INVALID_ARGUMENT.
        """
        size = sum(_size(np.asarray(array), as_json) for array in outputs.values())
        if size > self.max_answer:
            raise invalid(
                f"An answer may have at most {self.max_answer} bytes (--max_answer). "
                f"This one has {'up to ' if as_json else ''}{size}; ask for fewer rows at a time"
            )


DEFAULT = Limits()
UNLIMITED = Limits(*[1 << 63] * 3)
"""For requests that come with a model."""


def _pixels(array):
    if array.dtype != np.object_:
        return array.size
    return sum(map(_pixels_of_bytes, array.flat))


def _pixels_of_bytes(data):
    # The formats that served graphs decode; a text may well begin as other formats do.
    if headers.format_of(data) in ("JPEG", "PNG"):
        try:
            width, height, _ = headers.announced(data)
            return width * height
        except headers.LongHeaderError as error:
            raise invalid(str(error)) from error
        except headers.HeaderError:
            pass
    return len(data)


def _size(array, as_json):
    if array.dtype == np.object_:
        # In base64, or as text with what JSON escapes.
        return sum(-(-len(value) * 4 // 3) + 12 if as_json else len(value) for value in array.flat)
    return array.size * _JSON_CHARACTERS.get(array.itemsize, 26) if as_json else array.nbytes
