"""The sliced Wasserstein distance against its definition."""

import numpy as np
import pytest

from tfgan_apps.metrics.sliced_wasserstein import (
    PatchDescriptors,
    descriptor_distance,
    laplacian_pyramid,
    points_distance,
    sliced_wasserstein_distance,
)


@pytest.fixture(scope="module")
def images():
    """Six pictures of 32 pixels with structure at every scale."""
    random = np.random.default_rng(0)
    coarse = random.uniform(-0.5, 0.5, (6, 8, 8, 3)).repeat(4, 1).repeat(4, 2)
    return np.float32(coarse + random.uniform(-0.5, 0.5, (6, 32, 32, 3)))


def test_pyramid_of_a_point_by_hand():
    image = np.zeros((1, 32, 32, 1), np.float32)
    image[0, 8, 8] = 1
    fine, coarse = laplacian_pyramid(image)
    # Blurred by (1 4 6 4 1) / 16 along both axes, every second pixel.
    taps = np.float32([1, 6, 1]) / 16
    expected = np.zeros((16, 16), np.float32)
    expected[3:6, 3:6] = np.outer(taps, taps)
    np.testing.assert_allclose(coarse[0, ..., 0], expected, atol=1e-7)
    # Enlarged, its centre is 2/16 (1 + 6 * 6 + 1) / 16 = 76/256 along each axis.
    np.testing.assert_allclose(fine[0, 8, 8, 0], 1 - (76 / 256) ** 2, atol=1e-7)
    # Between two samples: 2/16 (4 * 6 + 4 * 1) / 16 = 56/256.
    np.testing.assert_allclose(fine[0, 8, 9, 0], -(76 / 256) * (56 / 256), atol=1e-7)


def test_pyramid_mirrors_at_the_border():
    image = np.zeros((1, 32, 32, 1), np.float32)
    image[0, 1] = 1
    _, coarse = laplacian_pyramid(image)
    # Row 0 sees row 1 twice, once in the mirror; row 1 of the coarse level is row 2, beside it.
    np.testing.assert_allclose(coarse[0, :3, 5, 0], [8 / 16, 4 / 16, 0], atol=1e-7)


def test_levels_go_from_full_size_to_sixteen():
    shapes = [level.shape[1:3] for level in laplacian_pyramid(np.zeros((1, 128, 64, 3)))]
    assert shapes == [(128, 64), (64, 32), (32, 16)]
    shapes = [level.shape[1:3] for level in laplacian_pyramid(np.zeros((1, 66, 70, 3)))]
    assert shapes == [(66, 70), (33, 35), (17, 18)]


def test_constant_images_have_no_detail():
    fine, coarse = laplacian_pyramid(np.full((1, 32, 32, 3), 0.7))
    np.testing.assert_allclose(fine, 0, atol=1e-6)
    np.testing.assert_allclose(coarse, 0.7, atol=1e-6)


def test_equal_sets_are_at_zero_and_others_are_not(images):
    equal = sliced_wasserstein_distance(images, images.copy())
    assert equal == {"32": 0.0, "16": 0.0, "mean": 0.0}
    other = sliced_wasserstein_distance(images, images[:, ::-1] ** 3)
    assert min(other.values()) > 1


def test_symmetric_deterministic_and_a_function_of_the_seed(images):
    others = np.roll(images, 5, axis=1) ** 2
    distance = sliced_wasserstein_distance(images, others)
    assert distance == sliced_wasserstein_distance(images, others)
    assert distance == sliced_wasserstein_distance(others, images)
    assert distance != sliced_wasserstein_distance(images, others, seed=1)
    assert distance["mean"] == np.mean([distance["32"], distance["16"]])


def test_grows_with_noise_and_with_blur(images):
    noise = np.random.default_rng(1).normal(size=images.shape)
    noisy = [sliced_wasserstein_distance(images, images + s * noise)["32"] for s in (0.1, 0.3, 1)]
    assert 0 < noisy[0] < noisy[1] < noisy[2]
    blurred = images.copy()
    distances = []
    for _ in range(3):
        blurred = (blurred + np.roll(blurred, 1, 1) + np.roll(blurred, 1, 2)) / 3
        distances.append(sliced_wasserstein_distance(images, blurred)["32"])
    assert 0 < distances[0] < distances[1] < distances[2]


def test_blind_to_contrast_and_brightness_of_a_channel(images):
    changed = images * np.float32([0.5, 2, 1]) + np.float32([0.1, -0.2, 0])
    assert sliced_wasserstein_distance(images, changed)["mean"] < 0.01


def test_sees_exchanged_channels(images):
    coloured = images * np.float32([1, 0, 1]) + images[..., :1] * np.float32([0, 1, 0])
    assert sliced_wasserstein_distance(coloured, coloured[..., [0, 2, 1]])["mean"] > 10


def test_batches_do_not_matter(images):
    whole, parts, other = (PatchDescriptors(seed=3) for _ in range(3))
    whole.add(images)
    for part in (images[:1], images[1:4], images[4:]):
        parts.add(part)
    other.add(images**2)
    assert descriptor_distance(whole, other) == descriptor_distance(parts, other)
    assert parts.images == 6


def test_workers_do_not_matter(images):
    whole, first, second = PatchDescriptors(), PatchDescriptors(), PatchDescriptors(first=2)
    whole.add(images)
    first.add(images[:2])
    second.add(images[2:])
    first.merge(second)
    assert descriptor_distance(whole, first)["mean"] == 0 and first.images == 6
    first.merge(PatchDescriptors())
    assert first.images == 6
    with pytest.raises(ValueError, match="other must have .* Received: 5, 128"):
        first.merge(PatchDescriptors(seed=5))
    with pytest.raises(ValueError, match="images must be finite. Received: nan"):
        first.add(images * np.nan)


def test_definition_on_one_level(images):
    """Patches of all pixels' windows compared by hand along the same directions."""
    a, b = images[:2, :16, :16], images[2:5, :16, :16]
    distance = sliced_wasserstein_distance(a, b, seed=5, patches_per_image=20)["16"]
    sets = []
    for data in (a, b):
        descriptors = PatchDescriptors(5, 20)
        descriptors.add(data)
        points = descriptors.normalized((16, 16, 3))
        channels = points.reshape(-1, 3, 49)
        np.testing.assert_allclose(channels.mean((0, 2)), 0, atol=1e-5)
        np.testing.assert_allclose(channels.std((0, 2)), 1, atol=1e-5)
        sets.append(points)
    # Sets of 40 and 60 points: each point counted 3 and 2 times makes them equal in number.
    random = np.random.default_rng(99)
    directions = random.normal(size=(147, 4096))
    directions /= np.linalg.norm(directions, axis=0)
    sorted_a = np.sort((sets[0] @ directions).repeat(3, axis=0), axis=0)
    sorted_b = np.sort((sets[1] @ directions).repeat(2, axis=0), axis=0)
    expected = 1000 * np.abs(sorted_a - sorted_b).mean()
    np.testing.assert_allclose(distance, expected, rtol=0.05)  # the directions are others


def test_patches_are_windows_of_the_image():
    image = np.arange(16 * 16, dtype=np.float32).reshape(1, 16, 16, 1)
    descriptors = PatchDescriptors(patches_per_image=2000)
    descriptors.add(image)
    points = descriptors.normalized((16, 16, 1)).reshape(-1, 7, 7)
    step = points[0, 0, 1] - points[0, 0, 0]
    np.testing.assert_allclose(points[:, :, 1:] - points[:, :, :-1], step, rtol=1e-3)
    np.testing.assert_allclose(points[:, 1:] - points[:, :-1], 16 * step, rtol=1e-3)
    # All 10 x 10 places are used, the borders too.
    assert len(np.unique(np.round(points[:, 0, 0] / step))) == 100


def test_a_channel_without_variation_is_finite(images):
    black = np.full_like(images, -1)
    assert np.isfinite(sliced_wasserstein_distance(images, black)["mean"])
    assert sliced_wasserstein_distance(black, np.ones_like(images))["mean"] == 0


def test_what_cannot_be_compared(images):
    with pytest.raises(ValueError, match="Received: 6 images .* 0 images"):
        sliced_wasserstein_distance(images, images[:0])
    with pytest.raises(ValueError, match=r"one shape. Received: .*\(16, 16, 3\).*\(16, 32, 3\)"):
        sliced_wasserstein_distance(images[:, :16, :16], images[:, :16])
    with pytest.raises(ValueError, match=r"at least 16 pixels. Received: shape \(6, 8, 32, 3\)"):
        sliced_wasserstein_distance(images[:, :8], images)
    descriptors = PatchDescriptors()
    descriptors.add(images)
    with pytest.raises(ValueError, match=r"the first, \(32, 32, 3\). Received: \(16, 32, 3\)"):
        descriptors.add(images[:, :16])
    with pytest.raises(ValueError, match=r"one shape. Received: .*\(16, 16, 1\)"):
        sliced_wasserstein_distance(images, images[..., :1])


def test_points_in_the_plane():
    points = np.random.RandomState(0).randn(400, 2)
    assert points_distance(points, points[::-1]) == 0
    # Along a direction at an angle a, points that are all moved by 1 are |cos a| apart.
    moved = points_distance(points, points + [1.0, 0.0])
    assert moved == pytest.approx(1000 * 2 / np.pi, rel=0.05)
    with pytest.raises(ValueError, match=r"points_b must be features of shape \(N >= 1, 2\)"):
        points_distance(points, points[:, :1])
