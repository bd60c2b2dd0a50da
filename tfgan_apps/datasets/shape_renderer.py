"""Procedural shapes with captions: one shape on a pastel background, and how to read it back.

Kind, colour, size and position of a shape are known and said in its captions, so images that a
model generates from captions are measured against the truth by `read_attributes`. NumPy only.
"""

import dataclasses
import functools
import itertools

import numpy as np

KINDS = ("circle", "square", "triangle", "cross")
COLORS = {
    "red": (0.90, 0.10, 0.10),
    "green": (0.10, 0.65, 0.20),
    "blue": (0.10, 0.20, 0.90),
    "yellow": (0.95, 0.90, 0.10),
    "purple": (0.60, 0.10, 0.70),
    "orange": (1.00, 0.50, 0.05),
}
SIZES = {"small": 0.16, "large": 0.26}  # radius, a fraction of the image's side
POSITIONS = {  # what a caption says -> the center's place, (x, y) from the top left corner
    f"{row} {column}".strip() or "center": (x, y)
    for row, y in (("top", 0.29), ("", 0.5), ("bottom", 0.71))
    for column, x in (("left", 0.29), ("", 0.5), ("right", 0.71))
}
ATTRIBUTES = {
    "kind": KINDS,
    "color": tuple(COLORS),
    "size": tuple(SIZES),
    "position": tuple(POSITIONS),
}
_COUNTS = [len(values) for values in ATTRIBUTES.values()]
COLOR_JITTER, CENTER_JITTER, RADIUS_JITTER = 0.05, 0.02, 0.01
DARKEST_BACKGROUND = 0.75

_PHRASINGS = (
    "a {size} {color} {kind} {place}",
    "{place} there is a {size} {color} {kind}",
    "the {kind} {place} is {size} and {color}",
    "{position}: {size}, {color} {kind}",
    "one {color} {kind} {place}, and it is {size}",
    "a {kind} that is {size} and {color}, {place}",
    "the picture shows a {size} {color} {kind} {place}",
    "{size} {color} {kind}, {position}",
)
_PLACES = {"left": "on the left", "center": "in the center", "right": "on the right"}  # else "at"


@dataclasses.dataclass(frozen=True)
class Shape:
    """What a caption says of an image.

    Args:
        kind, color, size, position: str, of `ATTRIBUTES`.

    Raises:
        ValueError: when one is not among them.
    """

    kind: str
    color: str
    size: str
    position: str

    def __post_init__(self):
        for name, values in ATTRIBUTES.items():
            if getattr(self, name) not in values:
                raise ValueError(
                    f"{name} must be one of {values}. Received: {name}={getattr(self, name)!r}"
                )

    def __str__(self):
        return f"{self.size} {self.color} {self.kind}, {self.position}"


SHAPES = tuple(Shape(*values) for values in itertools.product(*ATTRIBUTES.values()))


def is_held_out(label):
    """Tells whether `SHAPES[label]` is kept for testing: every fifth, on diagonals.

    Any two attribute values are therefore together in shapes that are not.
    """
    return sum(np.unravel_index(label, _COUNTS)) % 5 == 0


def true_attributes(labels):
    """Returns what shapes are: dict, attribute -> int array (B,), indices in `ATTRIBUTES`.

    Args:
        labels: int array (B,), indices in `SHAPES`.
    """
    return dict(zip(ATTRIBUTES, np.unravel_index(labels, _COUNTS), strict=True))


def captions(shape, rng, count=5):
    """Returns sentences that say what a shape is, in different phrasings.

    Args:
        shape: `Shape`.
        rng: numpy.random.Generator, which phrasings and in which order.
        count: int, 1 to 8, how many. Defaults to 5.
    """
    place = _PLACES.get(shape.position, f"at the {shape.position}")
    chosen = rng.permutation(len(_PHRASINGS))[:count]
    words = dataclasses.asdict(shape) | {"place": place}
    return [_PHRASINGS[index].format(**words) for index in chosen]


def draw(shape, size, rng):
    """Draws a shape; its place, radius and colour, and the background, vary a little.

    Args:
        shape: `Shape`.
        size: int >= 16, height and width in pixels.
        rng: numpy.random.Generator.

    Returns:
        (size, size, 3) uint8 array.

    Raises:
        ValueError: when `size` is out of its range.
    """
    if size < 16:
        raise ValueError(f"size must be >= 16. Received: size={size}")
    center = POSITIONS[shape.position] + rng.uniform(-CENTER_JITTER, CENTER_JITTER, 2)
    radius = SIZES[shape.size] + rng.uniform(-RADIUS_JITTER, RADIUS_JITTER)
    color = COLORS[shape.color] + rng.uniform(-COLOR_JITTER, COLOR_JITTER, 3)
    background = rng.uniform(DARKEST_BACKGROUND, 1.0, 3)
    mask = coverage(shape.kind, center, radius, size)[..., None]
    image = background + mask * (color - background)
    return np.rint(image.clip(0, 1) * 255).astype(np.uint8)


def coverage(kind, center, radius, size):
    """Returns how much of each pixel a shape covers, float (size, size) in [0, 1].

    Args:
        kind: one of `KINDS`.
        center: (x, y) floats in [0, 1], from the top left corner.
        radius: float, a fraction of the side.
        size: int, height and width in pixels.
    """
    finer = 4  # Each pixel is asked for at 4 x 4 points.
    across = (np.arange(size * finer) + 0.5) / (size * finer)
    dx, dy = (across[None] - center[0]) / radius, (across[:, None] - center[1]) / radius
    inside = _inside(kind, dx, dy).astype(np.float32)
    return inside.reshape(size, finer, size, finer).mean((1, 3))


def _inside(kind, x, y):
    """Tells whether points are in the shape with center 0 and radius 1; y grows downwards."""
    if kind == "circle":
        return x**2 + y**2 <= 1
    if kind == "square":
        return np.maximum(np.abs(x), np.abs(y)) <= 0.85
    if kind == "triangle":  # (0, -1), (-1, 0.8), (1, 0.8)
        return (y <= 0.8) & (np.abs(x) <= (y + 1) / 1.8)
    long, thick = np.maximum(np.abs(x), np.abs(y)), np.minimum(np.abs(x), np.abs(y))
    return (long <= 1) & (thick <= 0.3)


def read_attributes(images):
    """Reads the attributes of drawn or generated images.

    Each image is explained as a background and a shape of one colour each: of all shapes, places
    and radii that can be drawn the one that leaves the least squared error gives kind, size and
    position, and the nearest of `COLORS` to the shape's fitted colour its colour.

    Args:
        images: float array (B, size, size, 3) in [-1, 1], size >= 16.

    Returns:
        dict, attribute -> int array (B,), indices in `ATTRIBUTES`.

    Raises:
        ValueError: when the shape is another one.
    """
    images = np.asarray(images, np.float32)
    if images.ndim != 4 or images.shape[1] != images.shape[2] or images.shape[3] != 3:
        raise ValueError(f"images must be (B, size, size, 3). Received: shape {images.shape}")
    pixels = _coarse((images + 1) / 2)
    size = pixels.shape[1]
    best, colors = _fit(pixels.reshape(-1, size**2, 3), _masks(size))
    distances = np.square(colors[:, None] - np.array(list(COLORS.values()))).sum(-1)
    found = {name: indices[best] for name, indices in _templates().items()}
    found["color"] = distances.argmin(1)
    return {name: found[name] for name in ATTRIBUTES}


def _coarse(images):
    """Returns means of blocks, such that 32 pixels a side are left, where that goes evenly."""
    size = images.shape[1]
    block = max(1, size // 32) if size % 32 == 0 else 1
    return images.reshape(-1, size // block, block, size // block, block, 3).mean((2, 4))


def _fit(pixels, masks):
    """Explains images as background + mask * (color - background), each channel by least squares.

    Args:
        pixels: float array (B, P, 3).
        masks: float array (T, P), how much of each pixel each template covers.

    Returns:
        int array (B,), the template with the least squared error, and float array (B, 3), the
        shape's colour.
    """
    mean = pixels.mean(1)
    centered = masks - masks.mean(1, keepdims=True)
    variance = np.square(centered).sum(1)
    covariance = np.tensordot(pixels, centered, (1, 1))  # (B, 3, T)
    explained = np.square(covariance).sum(1) / variance
    best = explained.argmax(1)
    contrast = covariance[np.arange(len(best)), :, best] / variance[best, None]
    return best, mean + contrast * (1 - masks[best].mean(1, keepdims=True))


@functools.cache
def _templates():
    """Returns the grid of shapes that images are compared with, dict name -> array (T,)."""
    step = np.array([-0.75, 0.0, 0.75])  # of each jitter
    counts = [len(KINDS), len(SIZES), len(POSITIONS), 3, 3, 3]
    kind, size, position, x, y, radius = np.indices(counts).reshape(len(counts), -1)
    places, radii = np.array(list(POSITIONS.values())), np.array(list(SIZES.values()))
    offsets = CENTER_JITTER * np.stack([step[x], step[y]], -1)
    return {
        "kind": kind,
        "size": size,
        "position": position,
        "center": places[position] + offsets,
        "radius": radii[size] + RADIUS_JITTER * step[radius],
    }


@functools.cache
def _masks(size):
    """Returns the coverage of all templates, float32 (T, size * size)."""
    found = _templates()
    drawn = zip(found["kind"], found["center"], found["radius"], strict=True)
    masks = [coverage(KINDS[kind], center, radius, size) for kind, center, radius in drawn]
    return np.reshape(masks, (len(masks), -1))
