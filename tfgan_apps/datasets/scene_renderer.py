"""Procedural scenes: two warm disks or squares on a grid of grey patches, and their hidden map.

Everything about a scene is known (kinds, places, colours, masks), so a model trained on drawings
of scenes is measured against the truth. NumPy only.
"""

import dataclasses

import numpy as np

KINDS = ("disk", "square")
GRID = 4
BACKGROUND_STDDEV = 0.12
MIN_RADIUS, MAX_RADIUS = 4 / 32, 7 / 32


@dataclasses.dataclass(frozen=True)
class Shape:
    """One object of a scene; lengths are fractions of the image's side.

    Args:
        kind: one of `KINDS`.
        center: (x, y) floats in [0, 1], from the top left corner.
        radius: float, the disk's radius or half the square's side.
        color: (r, g, b) floats in [-1, 1].
    """

    kind: str
    center: tuple
    radius: float
    color: tuple


@dataclasses.dataclass(frozen=True, eq=False)
class Scene:
    """Shapes on a background; a later shape covers an earlier one.

    Args:
        background: (GRID, GRID) float array, grey levels in [-1, 1].
        shapes: tuple of `Shape`.
    """

    background: np.ndarray
    shapes: tuple


def random_scene(rng, shapes=2, ground=0.0):
    """Draws a scene: grey patches N(0, 0.12^2) and warm shapes that lie wholly inside the image.

    Args:
        rng: numpy.random.Generator.
        shapes: int >= 0, number of shapes. Defaults to 2.
        ground: float, the mean of the grey levels. Defaults to 0, of which scenes with greys turned
            over and hues h as 1 - h are as likely as they are: a game that has nothing but both
            domains finds the map to them as well.

    Returns:
        A `Scene`. A shape's colour is (v, v * h, 0) * 2 - 1 with hue h ~ U(0, 1) and brightness
        v = 0.35 + 0.65 h: brightness tells the hue, so the hidden map can be found unpaired.
    """
    background = rng.normal(ground, BACKGROUND_STDDEV, (GRID, GRID)).clip(-1, 1)
    return Scene(background, tuple(_random_shape(rng) for _ in range(shapes)))


def _random_shape(rng):
    kind = KINDS[rng.integers(len(KINDS))]
    radius = rng.uniform(MIN_RADIUS, MAX_RADIUS)
    x, y = rng.uniform(MAX_RADIUS, 1 - MAX_RADIUS, 2)
    hue = rng.uniform()
    brightness = 0.35 + 0.65 * hue
    color = (2 * brightness - 1, 2 * brightness * hue - 1, -1.0)
    return Shape(kind, (x, y), radius, color)


def shape_mask(shape, size):
    """Returns the (size, size) bool array of the pixels whose centre lies in the shape."""
    across = (np.arange(size) + 0.5) / size
    dx, dy = np.abs(across - shape.center[0])[None], np.abs(across - shape.center[1])[:, None]
    if shape.kind == "disk":
        return dx**2 + dy**2 <= shape.radius**2
    if shape.kind == "square":
        return np.maximum(dx, dy) <= shape.radius
    raise ValueError(f"kind must be one of {KINDS}. Received: kind={shape.kind!r}")


def object_mask(scene, size):
    """Returns the (size, size) bool array that is True where any shape of the scene is drawn."""
    masks = [shape_mask(shape, size) for shape in scene.shapes]
    return np.any(masks, axis=0) if masks else np.zeros((size, size), bool)


def draw(scene, size):
    """Draws a scene.

    Args:
        scene: `Scene`.
        size: int >= 1, height and width in pixels.

    Returns:
        (size, size, 3) uint8 array.
    """
    patch = np.arange(size) * GRID // size
    image = np.repeat(scene.background[patch][:, patch, None], 3, axis=-1)
    for shape in scene.shapes:
        image[shape_mask(shape, size)] = shape.color
    return np.rint((image + 1) * 127.5).astype(np.uint8)


def hidden_map(image):
    """Applies the true mapping from domain A to domain B: channels (R, G, B) become (B, R, G).

    Args:
        image: (..., 3) array of any dtype and range.
    """
    return np.roll(image, 1, axis=-1)


def inverse_hidden_map(image):
    """Applies the true mapping from domain B to domain A, the inverse of `hidden_map`."""
    return np.roll(image, -1, axis=-1)


def foreground_mask(image):
    """Returns where a drawn scene shows objects: the background's channels are equal, theirs not.

    Args:
        image: (..., height, width, 3) array, a drawing or its `hidden_map`, any dtype and range.

    Returns:
        (..., height, width) bool array.
    """
    return np.ptp(image, axis=-1) > 0
