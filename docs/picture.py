"""Makes docs/picture.png, which the README begins with: captions drawn, digits completed.

    python -m docs.picture

It takes rows of docs/text_to_image_shapes.png (tests.experiments.text_to_image_shapes writes it)
and of docs/pixelrnn_mnist.png.
"""

import pathlib

from PIL import Image

DOCS = pathlib.Path(__file__).parent
ROWS = (0, 4, 2, 6, 5, 10)  # of the captioned sheet
DIGIT, GAP = 56, 4


def captions():
    """Returns six captions with a real image and four drawn ones, in two columns."""
    sheet = Image.open(DOCS / "text_to_image_shapes.png").convert("RGB")
    height = (sheet.height + GAP) // 12
    picture = Image.new("RGB", (2 * sheet.width + 8, 3 * height), "white")
    for place, row in enumerate(ROWS):
        part = sheet.crop((0, row * height, sheet.width, (row + 1) * height - GAP))
        picture.paste(part, (place % 2 * (sheet.width + 8), place // 2 * height))
    return picture


def digits():
    """Returns twelve digits side by side; below each its completion, and a fresh sample."""
    sheet = Image.open(DOCS / "pixelrnn_mnist.png").convert("L")
    across, down = (size + GAP for size in sheet.size)
    picture = Image.new("L", (12 * DIGIT + 8, 3 * DIGIT), "white")
    for row in range(12):
        for column in range(3):
            left, top = column * across // 3, row * down // 12
            part = sheet.crop((left, top, left + 84, top + 84))
            picture.paste(part.resize((DIGIT - 1, DIGIT - 1)), (row * DIGIT + 4, column * DIGIT))
    return picture


def main():
    """Writes the picture."""
    parts = [captions(), digits()]
    width = max(part.width for part in parts)
    picture = Image.new("RGB", (width, sum(part.height for part in parts) + 8), "white")
    picture.paste(parts[0], (0, 0))
    picture.paste(parts[1], ((width - parts[1].width) // 2, parts[0].height + 8))
    picture.quantize(256, Image.Quantize.MAXCOVERAGE).save(DOCS / "picture.png", optimize=True)


if __name__ == "__main__":
    main()
