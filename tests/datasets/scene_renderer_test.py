import numpy as np
import pytest

from tfgan_apps.datasets import scene_renderer
from tfgan_apps.datasets.scene_renderer import GRID, Scene, Shape, draw, hidden_map, object_mask


def scenes(count, first=0):
    return [scene_renderer.random_scene(np.random.default_rng(first + i)) for i in range(count)]


def one_shape(kind, color=(1.0, 0.0, -1.0)):
    return Scene(np.zeros((GRID, GRID)), (Shape(kind, (0.5, 0.5), 0.25, color),))


def test_a_square_covers_the_pixels_within_its_half_side():
    mask = object_mask(one_shape("square"), 8)
    expected = np.zeros((8, 8), bool)
    expected[2:6, 2:6] = True
    np.testing.assert_array_equal(mask, expected)


def test_a_disk_leaves_the_corners_of_its_square_out():
    mask = object_mask(one_shape("disk"), 64)
    assert mask.sum() == pytest.approx(np.pi * 16**2, rel=0.02)
    assert mask[32, 17] and not mask[17, 17]


def test_the_center_is_x_then_y():
    scene = Scene(np.zeros((GRID, GRID)), (Shape("square", (0.75, 0.25), 0.125, (1, 1, 1)),))
    rows, columns = np.nonzero(object_mask(scene, 32))
    assert (rows.mean(), columns.mean()) == (7.5, 23.5)


def test_a_later_shape_covers_an_earlier_one():
    shapes = one_shape("square", (1, 1, 1)).shapes + one_shape("disk", (-1, 1, -1)).shapes
    image = draw(Scene(np.zeros((GRID, GRID)), shapes), 32)
    np.testing.assert_array_equal(image[16, 16], [0, 255, 0])
    np.testing.assert_array_equal(image[9, 9], [255, 255, 255])


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind must be one of .*'disk', 'square'.*'star'"):
        draw(one_shape("star"), 8)


@pytest.mark.parametrize("size", [32, 48, 50, 128])
def test_the_background_is_a_4x4_grid_of_grey_patches_at_any_size(size):
    background = np.linspace(-1, 1, 16).reshape(4, 4)
    image = draw(Scene(background, ()), size)
    assert image.shape == (size, size, 3) and image.dtype == np.uint8
    assert not np.ptp(image, axis=-1).any()
    centers = (np.arange(4) * size + size // 2) // 4
    expected = np.rint((background + 1) * 127.5)
    np.testing.assert_array_equal(image[centers][:, centers, 0], expected)
    assert len(np.unique(image)) == 16


def test_random_scenes_follow_the_specification():
    drawn = scenes(500)
    background = np.array([scene.background for scene in drawn])
    shapes = [shape for scene in drawn for shape in scene.shapes]
    assert {shape.kind for shape in shapes} == {"disk", "square"}
    assert background.mean() == pytest.approx(0, abs=0.005)
    assert background.std() == pytest.approx(0.12, abs=0.005)
    dark = [scene_renderer.random_scene(np.random.default_rng(i), ground=-0.2) for i in range(500)]
    expected = background - 0.2
    np.testing.assert_allclose([scene.background for scene in dark], expected, atol=1e-12)
    radius = np.array([shape.radius for shape in shapes]) * 32
    assert 4 <= radius.min() < 4.1 and 6.9 < radius.max() <= 7
    red, green, blue = (np.array([shape.color for shape in shapes]).T + 1) / 2
    hue = green / red
    np.testing.assert_allclose(red, 0.35 + 0.65 * hue)
    np.testing.assert_array_equal(blue, 0)
    assert hue.min() < 0.01 and hue.max() > 0.99


def test_shapes_lie_inside_the_image():
    for scene in scenes(200):
        for shape in scene.shapes:
            assert min(shape.center) >= shape.radius and max(shape.center) <= 1 - shape.radius


def test_the_hidden_map_moves_red_to_green_green_to_blue_blue_to_red():
    np.testing.assert_array_equal(hidden_map(np.array([[1, 2, 3]])), [[3, 1, 2]])
    image = draw(scenes(1)[0], 32)
    np.testing.assert_array_equal(scene_renderer.inverse_hidden_map(hidden_map(image)), image)


def test_objects_are_found_in_both_domains_by_their_unequal_channels():
    scene = scenes(1)[0]
    image = draw(scene, 32)
    for domain in (image, hidden_map(image), image / np.float32(127.5) - 1):
        mask = scene_renderer.foreground_mask(domain)
        np.testing.assert_array_equal(mask, object_mask(scene, 32))


def test_the_identity_is_as_far_from_the_hidden_map_as_the_specification_says():
    images = np.stack([draw(scene, 32) for scene in scenes(64, first=1200)]) / 127.5 - 1
    error = np.abs(images - hidden_map(images))
    objects = scene_renderer.foreground_mask(images)
    assert error.mean() == pytest.approx(0.167, abs=0.01)
    # 4/3 of the mean brightness is 0.9; the specification's 64 images gave 0.941.
    assert error[objects].mean() == pytest.approx(0.92, abs=0.04)
