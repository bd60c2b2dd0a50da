"""Distance between two sets of images without a trained network.

Reference: Karras et al., "Progressive Growing of GANs", 2018, section 5, arXiv:1710.10196;
    https://github.com/tkarras/progressive_growing_of_gans, metrics/sliced_wasserstein.py
Differences:
    - both sets are cut at the same places, image by image, so that equal sets are at distance 0;
      the authors cut anew, which puts equal sets apart, the more the smaller they are;
    - the places are a function of the seed and the image's position, so batches do not matter;
    - sets of unequal size are compared exactly, the authors refuse them;
    - sizes need not be powers of two: odd sizes are halved upwards;
    - a channel without variation stays 0, the authors divide by 0.
"""

import numpy as np

from tfgan_apps.metrics import arrays

_BINOMIAL = np.float32([1, 4, 6, 4, 1]) / 16
SMALLEST = 16
"""Pixels of a side, of the coarsest level and of an image at least."""
_PATCH = 7
_REPEATS = 4
_DIRECTIONS = 128
# Standard deviation, in [-1, 1], far below what 8 bits can show: rounding, not detail.
_NO_VARIATION = 1e-5


class PatchDescriptors:
    """Random patches of the Laplacian pyramids of a set of images that is added batch by batch.

    Keeps 588 bytes per patch of 3 channels: with 128 patches 75 kB per image and level.

    Args:
        seed: integer that fixes the places of the patches. Defaults to `0`.
        patches_per_image: patches per image and level. Defaults to `128`.
        first: int, the place of the first image in its set, of which a worker may have a part:
            places are where images of two sets are cut alike. Defaults to `0`.
    """

    def __init__(self, seed=0, patches_per_image=128, first=0):
        self.seed = seed
        self.patches_per_image = patches_per_image
        self.first = first
        self.images = 0
        self._levels = {}

    def add(self, images):
        """Adds images, float (B, H, W, C) in [-1, 1], all of one size of at least 16 pixels.

        Raises:
            ValueError: the shape does not fit, or a value is not finite.
        """
        images = arrays.finite("images", np.asarray(images, np.float32))
        if images.ndim != 4 or min(images.shape[1:3]) < SMALLEST:
            raise ValueError(
                f"images must be (B, H, W, C) with sides of at least {SMALLEST} pixels. "
                f"Received: shape {images.shape}"
            )
        if self._levels and images.shape[1:] != self.shapes()[0]:
            raise ValueError(
                f"images must all be of the shape of the first, {self.shapes()[0]}. "
                f"Received: {images.shape[1:]}"
            )
        for level in laplacian_pyramid(images):
            windows = np.lib.stride_tricks.sliding_window_view(level, (_PATCH, _PATCH), axis=(1, 2))
            patches = self._levels.setdefault(level.shape[1:], [])
            start = self.first + self.images
            patches += [self._places(window, i) for i, window in enumerate(windows, start)]
        self.images += len(images)

    def merge(self, other):
        """Adds the patches of another worker's images.

        Args:
            other: `PatchDescriptors` of the same seed, patches per image and shape of images.

        Raises:
            ValueError: it is of others.
        """
        same = ("seed", "patches_per_image")
        shapes = self.shapes() or other.shapes(), other.shapes() or self.shapes()
        if any(getattr(self, n) != getattr(other, n) for n in same) or shapes[0] != shapes[1]:
            raise ValueError(
                f"other must have {same} and images as these, {self.seed}, "
                f"{self.patches_per_image}, {shapes[0][:1]}. Received: {other.seed}, "
                f"{other.patches_per_image}, {shapes[1][:1]}"
            )
        for shape, patches in other._levels.items():
            self._levels.setdefault(shape, []).extend(patches)
        self.images += other.images

    def shapes(self):
        """Returns the (height, width, channels) of the levels, from fine to coarse."""
        return list(self._levels)

    def normalized(self, shape):
        """Returns a level's patches (patches, 49 C), each channel with mean 0 and deviation 1."""
        patches = np.concatenate(self._levels[shape])
        patches -= patches.mean((0, 2, 3), keepdims=True)
        deviation = patches.std((0, 2, 3), keepdims=True)
        patches /= np.where(deviation > _NO_VARIATION, deviation, np.inf)
        return patches.reshape(len(patches), -1)

    def _places(self, windows, index):
        """Returns the patches (patches, C, 7, 7) of one image, given its windows at every place."""
        random = np.random.default_rng([self.seed, index, windows.shape[0], windows.shape[1]])
        rows, columns = random.integers(0, windows.shape[:2], (self.patches_per_image, 2)).T
        return windows[rows, columns]


def sliced_wasserstein_distance(images_a, images_b, seed=0, patches_per_image=128):
    """Returns the sliced Wasserstein distance, times 1000, of patches of two sets of images.

    Of each level of the Laplacian pyramids, from full size to 16 pixels, 7x7 patches are normalized
    per channel over their set and projected on 4 x 128 random directions; the distance is the mean
    over directions of the 1-D Wasserstein distance. Being normalized, it does not see a change of
    brightness or contrast of a whole channel.

    Args:
        images_a: float array (N, H, W, C) in [-1, 1].
        images_b: float array (M, H, W, C) in [-1, 1]; M may differ from N.
        seed: integer that fixes patches and directions. Defaults to `0`.
        patches_per_image: patches per image and level. Defaults to `128`.

    Returns:
        dict: the height of each level, as a string, -> float, and `"mean"` -> their mean.

    Raises:
        ValueError: a set is empty, or the images are too small or differ in size or channels.
    """
    sets = []
    for images in (images_a, images_b):
        sets.append(PatchDescriptors(seed, patches_per_image))
        sets[-1].add(images)
    return descriptor_distance(*sets)


def points_distance(points_a, points_b, seed=0):
    """Returns the sliced Wasserstein distance of two sets of points as they are, times 1000.

    Args:
        points_a, points_b: real numbers (N, D) and (M, D), finite; M may differ from N.
        seed: integer that fixes the directions. Defaults to `0`.

    Raises:
        ValueError: a shape does not fit, or a value is not finite.
    """
    points_a = arrays.features("points_a", points_a)
    points_b = arrays.features("points_b", points_b, columns=points_a.shape[1])
    return 1000 * _sliced_distance(points_a, points_b, np.random.default_rng(seed))


def descriptor_distance(set_a, set_b):
    """Returns what `sliced_wasserstein_distance` does, of two `PatchDescriptors` with one seed."""
    if not set_a.images or not set_b.images or set_a.shapes() != set_b.shapes():
        raise ValueError(
            "set_a and set_b must not be empty and must have images of one shape. Received: "
            f"{set_a.images} images with levels {set_a.shapes()}, "
            f"{set_b.images} images with levels {set_b.shapes()}"
        )
    distances = {}
    for shape in set_a.shapes():
        random = np.random.default_rng([set_a.seed, *shape])
        points = set_a.normalized(shape), set_b.normalized(shape)
        distances[str(shape[0])] = 1000 * _sliced_distance(*points, random)
    return distances | {"mean": float(np.mean(list(distances.values())))}


def _sliced_distance(points_a, points_b, random):
    """Returns the mean over random unit directions of the 1-D Wasserstein distance."""
    index_a, index_b, weights = _quantiles(len(points_a), len(points_b))
    distances = []
    for _ in range(_REPEATS):
        directions = random.standard_normal((points_a.shape[1], _DIRECTIONS), np.float32)
        directions /= np.linalg.norm(directions, axis=0)
        sorted_a = np.sort(points_a @ directions, axis=0)
        sorted_b = np.sort(points_b @ directions, axis=0)
        difference = np.abs(sorted_a[index_a] - sorted_b[index_b])
        distances.append(np.mean(weights @ difference, dtype=np.float64))
    return float(np.mean(distances))


def _quantiles(count_a, count_b):
    """Returns the steps of two quantile functions: index into each sorted set, and width.

    The 1-D Wasserstein distance is the area between the quantile functions, which jump at multiples
    of 1 / count; for equal counts it is the mean difference of the sorted values.
    """
    ends = np.union1d(np.arange(1, count_a + 1) * count_b, np.arange(1, count_b + 1) * count_a)
    starts = np.concatenate([[0], ends[:-1]])
    weights = (ends - starts) / (count_a * count_b)
    return starts // count_b, starts // count_a, weights.astype(np.float32)


def laplacian_pyramid(images):
    """Returns the Laplacian pyramid of images (B, H, W, C), from full size down to 16 pixels.

    Each level is what the next smaller one, enlarged, misses; the last is the smallest image.
    """
    levels = [np.asarray(images, np.float32)]
    while min(levels[-1].shape[1:3]) >= 2 * SMALLEST:
        smaller = _blur(levels[-1])[:, ::2, ::2]
        levels[-1] = levels[-1] - _enlarge(smaller, levels[-1].shape)
        levels.append(smaller)
    return levels


def _enlarge(images, shape):
    spread = np.zeros(shape, np.float32)
    spread[:, ::2, ::2] = images
    return 4 * _blur(spread)


def _blur(images):
    """Applies the binomial filter along both axes, with a border mirrored at the last pixel."""
    padded = np.pad(images, [(0, 0), (2, 2), (2, 2), (0, 0)], mode="reflect")
    height, width = images.shape[1:3]
    rows = sum(weight * padded[:, i : i + height] for i, weight in enumerate(_BINOMIAL))
    return sum(weight * rows[:, :, i : i + width] for i, weight in enumerate(_BINOMIAL))
