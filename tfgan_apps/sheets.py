"""Sheets: images side by side, under the titles of their columns and the captions of their rows.

sheet({"x": x, "fake_y": fake_y})                       # uint8 (height, width, channels)
return of_noise(self.generator, noise, batch)           # what a system's `samples` may return
"""

import bisect

import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw, ImageFont

_FONT_SIZE = 12  # pixels
_LINE_HEIGHT = 15
_WHITE, _GREY = 255, 224

# Cells smaller than this, in pixels, are hard to see.
_SMALLEST_CELL = 96


def image_grid(columns, gap=4):
    """Returns one picture with a row per example and a column per entry, white between the cells.

    Images whose shorter side is under 96 pixels are enlarged by a whole factor, without smoothing.

    Args:
        columns: list of arrays (B, H, W, C) in [-1, 1], all of one shape.
        gap: pixels between the cells. Defaults to `4`.

    Returns:
        uint8 array (height, width, C).

    Raises:
        ValueError: the columns differ in shape.
    """
    shapes = [tuple(np.shape(column)) for column in columns]
    if len(set(shapes)) != 1 or len(shapes[0]) != 4:
        raise ValueError(
            f"columns must be arrays (B, H, W, C) of one shape. Received shapes: {shapes}"
        )
    cells = np.stack(columns, axis=1).astype(np.float32)
    cells = np.clip(np.round((cells + 1) * 127.5), 0, 255).astype(np.uint8)
    factor = -(-_SMALLEST_CELL // min(cells.shape[2:4]))
    cells = cells.repeat(factor, axis=2).repeat(factor, axis=3)
    spaced = np.pad(cells, [(0, 0), (0, 0), (0, gap), (0, gap), (0, 0)], constant_values=255)
    rows, count, height, width, channels = spaced.shape
    grid = spaced.transpose(0, 2, 1, 3, 4).reshape(rows * height, count * width, channels)
    return grid[:-gap, :-gap] if gap else grid


def sheet(columns, captions=(), gap=4):
    """Returns one picture of named columns: their titles, then a row per example.

    Titles stand on grey and are wrapped at the width of their column.

    Args:
        columns: dict, title -> array (B, H, W, C) in [-1, 1], all of one shape; an empty title
            stays empty, and without any there is no strip.
        captions: sequence of bytes (UTF-8) or str, one for each row, written above it. Defaults to
            none.
        gap: pixels between the cells. Defaults to `4`.

    Returns:
        uint8 array (height, width, C).

    Raises:
        ValueError: the columns differ in shape, or there is not one caption for each row.
    """
    images = list(columns.values())
    cells = captioned_grid(captions, images, gap) if len(captions) else image_grid(images, gap)
    width = (cells.shape[1] + gap) // len(images) - gap
    return np.concatenate([_titles(columns, width, cells.shape[2], gap), cells])


def _titles(titles, width, channels, gap):
    """Returns the picture of titles side by side, as high as the longest, that end at one line."""
    texts = [_lines(_as_text(title), width) for title in titles]
    height = max(map(len, texts))
    texts = [[""] * (height - len(lines)) + lines for lines in texts]
    strips = [_drawn(lines, width, channels, _GREY) for lines in texts]
    space = np.full((_LINE_HEIGHT * height, gap, channels), _WHITE, np.uint8)
    parts = [part for strip in strips for part in (space, strip)]
    return np.concatenate(parts[1:], axis=1)


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
        lines = _lines(_as_text(caption), cells.shape[1])
        parts += [space, _drawn(lines, *cells.shape[1:]), cells]
    return np.concatenate(parts[1:])


def _as_text(caption):
    """Returns a caption as one line of str, whatever its bytes are."""
    text = caption.decode(errors="replace") if isinstance(caption, bytes) else caption
    return " ".join(text.split())


def _drawn(lines, width, channels, paper=_WHITE):
    """Returns the picture of lines, in black on opaque paper."""
    font = ImageFont.load_default(_FONT_SIZE)
    strip = Image.new("L", (width, _LINE_HEIGHT * len(lines)), paper)
    draw = ImageDraw.Draw(strip)
    for index, line in enumerate(lines):
        draw.text((0, _LINE_HEIGHT * index), line, 0, font)
    picture = np.full((strip.height, width, channels), 255, np.uint8)
    picture[..., :3] = np.asarray(strip).reshape(strip.height, width, 1)  # an alpha stays opaque
    return picture


def _lines(text, width):
    """Returns the lines of a text, broken at spaces and underscores, else inside words."""
    length = ImageFont.load_default(_FONT_SIZE).getlength
    lines = []
    while text:
        counts = range(1, min(len(text), width) + 1)  # no line holds more characters than pixels
        end = max(1, bisect.bisect(counts, width, key=lambda count: length(text[:count])))
        if end < len(text):
            end = max(text.rfind(" ", 0, end + 1), text.rfind("_", 0, end)) + 1 or end
        lines.append(text[:end].rstrip())
        text = text[end:]
    return lines


def of_noise(generate, noise, batch, count=4):
    """Returns columns of a sheet: real images, fixed noise, and the way between two of its draws.

    Args:
        generate: function of latents (B, ...) to images (B, H, W, C) in [-1, 1].
        noise: function of the column's number, from 0 on, to latents (B, ...).
        batch: (B, H, W, C) real images in [-1, 1].
        count: int >= 2, columns of generated images beside those between. Defaults to 4.

    Returns:
        dict, title -> images.
    """
    drawn = {f"sample {i + 1}": generate(noise(i)) for i in range(count)}
    return {"real": batch, **drawn, **on_the_way(generate, noise(0), noise(1))}


def on_the_way(generate, first, last, steps=5):
    """Returns columns of a sheet between two draws of noise, these left out.

    Args:
        generate: function of latents (B, ...) to images (B, H, W, C) in [-1, 1].
        first, last: latents (B, ...).
        steps: int >= 3, of the way, its ends included. Defaults to 5.

    Returns:
        dict, title -> images.
    """
    inside = list(enumerate(between(first, last, steps)))[1:-1]
    return {f"1 to 2: {i / (steps - 1):.0%}": generate(z) for i, z in inside}


def of_classes(generate, names):
    """Returns columns of a sheet, one for each class.

    Args:
        generate: function of a class' number to images (B, H, W, C) in [-1, 1].
        names: list of str, the classes in the order of their numbers.

    Returns:
        dict, title -> images.
    """
    return {name: generate(number) for number, name in enumerate(names)}


def sweep(generate, name, values):
    """Returns columns of a sheet in which one thing changes, such as a code or a truncation.

    Args:
        generate: function of a value to images (B, H, W, C) in [-1, 1].
        name: str, of what changes.
        values: sequence of floats.

    Returns:
        dict, title -> images.
    """
    return {f"{name} {value:.3g}": generate(value) for value in values}


def between(first, last, steps):
    """Returns what lies on the way between two points, these included.

    Args:
        first, last: float tensors of one shape.
        steps: int >= 2.

    Returns:
        list of tensors.
    """
    weights = np.linspace(1, 0, steps, dtype=np.float32)
    return [tf.convert_to_tensor(w * first + (1 - w) * last) for w in weights]


def colored(label_map):
    """Returns label maps in colours, the same for a label in every map: images in [-1, 1].

    Args:
        label_map: int array (B, H, W), from 0 on; 0 is black.
    """
    numbers, levels = np.asarray(label_map).astype(np.int64), 0
    for bit in range(8):  # three bits of a label give one of each colour, the lowest ones first
        parts = [numbers >> (3 * bit + channel) & 1 for channel in range(3)]
        levels = levels + (np.stack(parts, -1) << (7 - bit))
    return np.float32(levels / 127.5 - 1)
