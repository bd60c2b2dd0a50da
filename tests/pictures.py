"""Small pictures of every format, depth and mode, as Pillow or an encoder below writes them."""

import io
import itertools
import struct
import zlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 21, 13
_ADAM7 = [  # first column and row, steps between columns and rows
    *[(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)],
    (0, 1, 1, 2),
]


def noise(*shape, most=255, dtype=np.uint8):
    """Returns random integers up to `most`."""
    return np.random.default_rng(0).integers(0, most, shape, dtype, endpoint=True)


def saved(image, kind, **options):
    """Returns the file that Pillow writes of an image, or of an array."""
    stream = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(stream, kind, **options)
    return stream.getvalue()


def smooth(mode="RGB"):
    """Returns an image without noise, for lossy formats, in a mode of Pillow."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    planes = [rows * 15, columns * 11, (rows + columns) * 7, 255 - rows * 9]
    return Image.fromarray(np.stack(planes, -1).astype(np.uint8)).convert(mode)


def png_chunk(name, content):
    """Returns a chunk of a PNG."""
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def png(depth, color_type, interlaced=False, chunks=b"", size=(WIDTH, HEIGHT)):
    """Returns a PNG of random samples: Pillow writes neither all depths nor interlaced ones."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color_type]
    width, height = size
    pixels = noise(height, width, samples, most=2**depth - 1, dtype=np.uint16)
    passes = _ADAM7 if interlaced else [(0, 0, 1, 1)]
    lines = [
        b"\0" + _packed(line, depth)
        for x, y, step_x, step_y in passes
        for line in pixels[y::step_y, x::step_x]
        if line.size
    ]
    head = struct.pack(">2I5B", width, height, depth, color_type, 0, 0, interlaced)
    colors = noise(3 * 2**depth).tobytes() if color_type == 3 else b""
    palette = png_chunk(b"PLTE", colors) if colors else b""
    data = png_chunk(b"IDAT", zlib.compress(b"".join(lines)))
    start = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head)
    return start + palette + chunks + data + png_chunk(b"IEND", b"")


def _packed(line, depth):
    if depth == 16:
        return line.astype(">u2").tobytes()
    bits = np.unpackbits(line.astype(np.uint8).reshape(-1, 1), axis=1)[:, 8 - depth :]
    return np.packbits(bits).tobytes()


def bmp(bits, packing=0, header=40, masks=b"", palette=b"", data=None, size=(WIDTH, HEIGHT)):
    """Returns a BMP; a negative height is one from top to bottom."""
    width, height = size
    row = (width * bits + 31) // 32 * 4
    data = noise(row * abs(height)).tobytes() if data is None else data
    colors = len(palette) // 4
    info = struct.pack("<3i2H6I", header, width, height, 1, bits, packing, 0, 0, 0, colors, 0)
    between = (info + masks).ljust(max(header, len(info + masks)), b"\0") + palette
    start = 14 + len(between)
    return b"BM" + struct.pack("<I2HI", start + len(data), 0, 0, start) + between + data


def exif(orientation, order="<"):
    """Returns EXIF data, as PNG and WebP hold them."""
    entries = [(0x010F, 2, 4, b"abc\0"), (0x0112, 3, 1, struct.pack(f"{order}2H", orientation, 0))]
    rows = [struct.pack(f"{order}2HI", *entry[:3]) + entry[3] for entry in entries]
    start = b"II*\0" if order == "<" else b"MM\0*"
    count = struct.pack(f"{order}IH", 8, len(rows))
    return start + count + b"".join(rows) + b"\0\0\0\0"


def pngs():
    """Returns dict name -> PNG file of each depth, type and order."""
    kinds = [(depth, 0) for depth in (1, 2, 4, 8, 16)] + [(depth, 3) for depth in (1, 2, 4, 8)]
    kinds += [(depth, kind) for kind in (2, 4, 6) for depth in (8, 16)]
    files = {
        f"PNG, {depth} bits, type {kind}{', interlaced' * order}": png(depth, kind, bool(order))
        for (depth, kind), order in itertools.product(kinds, (0, 1))
    }
    for depth in (1, 2, 4, 8):
        some = png_chunk(b"tRNS", noise(2**depth - 1).tobytes())
        files[f"PNG, {depth} bits, palette with transparency"] = png(depth, 3, chunks=some)
    return files


def keyed_pngs():
    """Returns dict name -> PNG file in which one grey, or one colour, stands for transparency."""
    grey, color = struct.pack(">H", 1), struct.pack(">3H", *noise(3))
    files = {
        f"PNG, {depth} bits, with a transparent grey": png(
            depth, 0, chunks=png_chunk(b"tRNS", grey)
        )
        for depth in (1, 2, 4, 8)
    }
    files["PNG, with a transparent colour"] = png(8, 2, chunks=png_chunk(b"tRNS", color))
    return files


def jpegs():
    """Returns dict name -> JPEG file."""
    files = {f"JPEG, {mode}": saved(smooth(mode), "JPEG") for mode in ("L", "RGB", "CMYK")}
    files["JPEG, progressive"] = saved(smooth(), "JPEG", progressive=True)
    files["JPEG, progressive grey"] = saved(smooth("L"), "JPEG", progressive=True)
    files["JPEG, not subsampled"] = saved(smooth(), "JPEG", subsampling=0, quality=100)
    files["JPEG, subsampled by columns"] = saved(smooth(), "JPEG", subsampling=1)
    files["JPEG, red, green and blue"] = saved(smooth(), "JPEG", keep_rgb=True)
    files["JPEG, with restarts"] = saved(smooth(), "JPEG", restart_marker_blocks=1)
    return files


def bmps():
    """Returns dict name -> BMP file."""
    masks = b"\0\0\xff\0\0\xff\0\0\xff\0\0\0"
    greys = np.arange(256, dtype=np.uint8)[:, None] * np.uint8([1, 1, 1, 0])
    indices = noise((WIDTH + 3) // 4 * 4 * HEIGHT, most=99).tobytes()
    return {
        "BMP, 8 bits, grey": bmp(8, palette=greys.tobytes()),
        "BMP, 8 bits, palette": bmp(8, palette=noise(256, 4).tobytes()),
        "BMP, 8 bits, short palette": bmp(8, palette=noise(100, 4).tobytes(), data=indices),
        "BMP, 1 bit": bmp(1, palette=noise(2, 4).tobytes()),
        "BMP, 4 bits": bmp(4, palette=noise(16, 4).tobytes()),
        "BMP, 16 bits": bmp(16),
        "BMP, run lengths": bmp(8, 1, palette=noise(256, 4).tobytes(), data=b"\x15\7\0\0" * HEIGHT),
        "BMP, 24 bits": bmp(24),
        "BMP, 24 bits, from the top": bmp(24, size=(WIDTH, -HEIGHT)),
        "BMP, 24 bits, long header": bmp(24, header=124),
        "BMP, 32 bits": bmp(32),
        "BMP, 32 bits, masks": bmp(32, 3, masks=masks),
        "BMP, 32 bits, masks and alpha": bmp(32, 3, 124, masks=masks + b"\0\0\0\xff"),
    }


def gifs():
    """Returns dict name -> GIF file."""
    colors = Image.fromarray(noise(HEIGHT, WIDTH, 3)).quantize(200)
    others = [Image.fromarray(noise(HEIGHT, WIDTH, 3)[::-1]).quantize(9)]
    partial = bytearray(saved(noise(HEIGHT, WIDTH - 1), "GIF"))
    partial[6] += 1
    return {
        "GIF, grey": saved(noise(HEIGHT, WIDTH), "GIF"),
        "GIF, palette": saved(colors, "GIF"),
        "GIF, in order": saved(colors, "GIF", interlace=0),
        "GIF, 4 colours": saved(colors.convert("RGB").quantize(4), "GIF"),
        "GIF, with a comment": saved(colors, "GIF", comment=b"word " * 90),
        "GIF, animated": saved(colors, "GIF", save_all=True, append_images=others, duration=9),
        "GIF, with a transparent colour": saved(colors, "GIF", transparency=3),
        "GIF, wider than its first frame": bytes(partial),
    }


def webps():
    """Returns dict name -> WebP file."""
    return {
        "WebP, lossless": saved(noise(HEIGHT, WIDTH, 3), "WEBP", lossless=True),
        "WebP, lossless with alpha": saved(
            noise(HEIGHT, WIDTH, 4), "WEBP", lossless=True, exact=True
        ),
        "WebP, lossy": saved(smooth(), "WEBP"),
        "WebP, lossy with alpha": saved(smooth("RGBA"), "WEBP"),
        "WebP, animated": animated_webp(),
    }


def animated_webp():
    """Returns a file on which TensorFlow's `decode_image` overwrites the heap."""
    frames = [smooth().rotate(90), smooth().rotate(9)]
    return saved(smooth(), "WEBP", save_all=True, append_images=frames)


def accepted():
    """Returns dict name -> file of everything that is read."""
    return pngs() | keyed_pngs() | jpegs() | bmps() | gifs() | webps()
