"""Images side by side, under the texts that they belong to."""

import bisect

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfgan_apps.callbacks.image_grid import image_grid

_FONT_SIZE = 12  # pixels
_LINE_HEIGHT = 15


def captioned_grid(captions, columns, gap=4):
    """Returns the picture of `image_grid`, each row under its caption.

    Captions are wrapped at the width of the picture. Glyphs that Pillow's own font lacks are boxes.

    Args:
        captions: sequence of bytes (UTF-8) or str, one for each row; an empty one takes no place.
        columns: list of arrays (B, H, W, C) in [-1, 1], all of one shape.
        gap: pixels between the cells. Defaults to `4`.

    Returns:
        uint8 array (height, width, C).

    Raises:
        ValueError: the columns differ in shape, or there is not one caption for each row.
    """
    lengths = {len(captions), *map(len, columns)}
    if len(lengths) != 1:
        raise ValueError(
            "captions must be as many as each column has images. Received: "
            f"{len(captions)} captions, columns of {[len(column) for column in columns]}"
        )
    parts = []
    for row, caption in enumerate(captions):
        cells = image_grid([column[row : row + 1] for column in columns], gap)
        space = np.full_like(cells[:1], 255).repeat(gap, axis=0)
        parts += [space, _drawn(_as_text(caption), *cells.shape[1:]), cells]
    return np.concatenate(parts[1:])


def _as_text(caption):
    """Returns a caption as one line of str, whatever its bytes are."""
    text = caption.decode(errors="replace") if isinstance(caption, bytes) else caption
    return " ".join(text.split())


def _drawn(text, width, channels):
    """Returns the picture of a text, black on white, as high as its lines."""
    font = ImageFont.load_default(_FONT_SIZE)
    lines = _lines(text, width, font.getlength)
    strip = Image.new("L", (width, _LINE_HEIGHT * len(lines)), 255)
    draw = ImageDraw.Draw(strip)
    for index, line in enumerate(lines):
        draw.text((0, _LINE_HEIGHT * index), line, 0, font)
    picture = np.full((strip.height, width, channels), 255, np.uint8)
    picture[..., :3] = np.asarray(strip).reshape(strip.height, width, 1)  # an alpha stays opaque
    return picture


def _lines(text, width, length):
    """Returns the lines of a text, broken at spaces, and inside words that are longer than one."""
    lines = []
    while text:
        counts = range(1, min(len(text), width) + 1)  # no line holds more characters than pixels
        end = max(1, bisect.bisect(counts, width, key=lambda count: length(text[:count])))
        if end < len(text):
            end = text.rfind(" ", 0, end + 1) + 1 or end
        lines.append(text[:end].rstrip())
        text = text[end:]
    return lines
