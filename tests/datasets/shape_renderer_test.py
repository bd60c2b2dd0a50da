import itertools

import numpy as np
import pytest

from tfgan_apps.datasets import shape_renderer
from tfgan_apps.datasets.shape_renderer import ATTRIBUTES, SHAPES, Shape, coverage, draw

COUNTS = [len(values) for values in ATTRIBUTES.values()]


def drawings(size, count, seed=0):
    """Returns labels, and images of them in [-1, 1]."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, len(SHAPES), count)
    images = np.stack([draw(SHAPES[label], size, rng) for label in labels])
    return labels, images / np.float32(127.5) - 1


def accuracies(images, labels):
    found = shape_renderer.read_attributes(images)
    truth = shape_renderer.true_attributes(labels)
    assert list(truth) == list(ATTRIBUTES)
    return {name: np.mean(found[name] == truth[name]) for name in ATTRIBUTES}


def blurred(images):
    for axis in (1, 2):
        images = sum(w * np.roll(images, s, axis) for w, s in ((0.25, -1), (0.5, 0), (0.25, 1)))
    return images


def test_shapes_are_all_combinations_and_labels_their_indices():
    assert len(SHAPES) == len(set(SHAPES)) == 4 * 6 * 2 * 9
    truth = shape_renderer.true_attributes(np.arange(len(SHAPES)))
    for name, values in ATTRIBUTES.items():
        assert [values[i] for i in truth[name]] == [getattr(shape, name) for shape in SHAPES]


def test_the_attributes_of_drawings_are_read_back():
    for size in (32, 64):
        labels, images = drawings(size, 500)
        assert min(accuracies(images, labels).values()) >= 0.99
    labels, images = drawings(16, 500)
    assert min(accuracies(images, labels).values()) >= 0.97


def test_blurred_and_noisy_images_are_read_too():
    labels, images = drawings(32, 500)
    assert min(accuracies(blurred(images), labels).values()) >= 0.98
    noise = np.random.default_rng(1).normal(0, 0.15, images.shape)
    assert min(accuracies((images + noise).clip(-1, 1), labels).values()) >= 0.98


def test_what_is_read_is_what_is_there_and_not_what_was_asked():
    labels, images = drawings(32, 200)
    mirrored = shape_renderer.read_attributes(images[:, :, ::-1])["position"]
    truth = shape_renderer.true_attributes(labels)["position"]
    column, row = truth % 3, truth // 3
    np.testing.assert_array_equal(mirrored, 3 * row + (2 - column))
    swapped = shape_renderer.read_attributes(images[..., [1, 0, 2]])["color"]
    red, green = (list(shape_renderer.COLORS).index(name) for name in ("red", "green"))
    of_red = shape_renderer.true_attributes(labels)["color"] == red
    assert of_red.any() and (swapped[of_red] == green).all()


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(B, size, size, 3\). Received: shape \(2, 32, 32, 1\)"):
        shape_renderer.read_attributes(np.zeros((2, 32, 32, 1)))
    with pytest.raises(ValueError, match=r"Received: shape \(2, 32, 16, 3\)"):
        shape_renderer.read_attributes(np.zeros((2, 32, 16, 3)))


def test_held_out_shapes_are_new_but_any_two_of_their_values_are_not():
    held_out = [label for label in range(len(SHAPES)) if shape_renderer.is_held_out(label)]
    assert len(held_out) == 86
    values = np.stack(np.unravel_index(range(len(SHAPES)), COUNTS))
    train = np.delete(values, held_out, axis=1)
    for one, two in itertools.combinations(range(4), 2):
        assert len(set(zip(train[one], train[two], strict=True))) == COUNTS[one] * COUNTS[two]
        assert len(set(values[one, held_out])) == COUNTS[one]


def test_captions_say_every_attribute_and_differ():
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        said = shape_renderer.captions(shape, rng, 8)
        assert len(set(said)) == 8 and max(map(len, said)) <= 201
        for text in said:
            for word in (shape.kind, shape.color, shape.size, *shape.position.split()):
                assert word in text.replace(",", "").replace(":", "").split(), text
    five = [shape_renderer.captions(SHAPES[0], rng) for _ in range(20)]
    assert {len(set(said)) for said in five} == {5} and len(set(map(tuple, five))) > 15


def test_the_sentences_of_a_shape():
    shape = Shape("circle", "red", "small", "top")
    said = shape_renderer.captions(shape, np.random.default_rng(0), 8)
    assert {"a small red circle at the top", "top: small, red circle"} < set(said)
    left = shape_renderer.captions(Shape("square", "blue", "large", "left"), np.random, 8)
    assert "a large blue square on the left" in left


def test_a_square_covers_its_pixels_and_parts_of_those_at_its_edge():
    mask = coverage("square", (0.5, 0.5), 0.25 / 0.85, 8)
    expected = np.zeros((8, 8))
    expected[2:6, 2:6] = 1
    np.testing.assert_array_equal(mask, expected)
    mask = coverage("square", (0.5, 0.5), 0.3125 / 0.85, 8)
    assert mask[1, 3] == 0.5 and mask[1, 1] == 0.25


@pytest.mark.parametrize(
    "kind, area",
    [("circle", np.pi), ("square", 1.7**2), ("triangle", 1.8), ("cross", 4 * 0.6 - 0.36)],
)
def test_the_areas_of_the_kinds(kind, area):
    mask = coverage(kind, (0.4, 0.6), 0.25, 128)
    assert mask.sum() == pytest.approx(area * 32**2, rel=0.01)


def test_a_triangle_stands_and_the_center_is_x_then_y():
    mask = coverage("triangle", (0.25, 0.75), 0.2, 64)
    rows, columns = np.nonzero(mask)
    assert columns.mean() == pytest.approx(15.5, abs=0.2) and 45 < rows.mean() < 55
    widths = (mask > 0).sum(1)[rows.min() : rows.max() + 1]
    assert (np.diff(widths) >= 0).all() and widths[0] <= 2 and widths[-1] >= 24


def test_shapes_lie_inside_the_image():
    rng = np.random.default_rng(0)
    for position in ATTRIBUTES["position"]:
        image = draw(Shape("square", "blue", "large", position), 64, rng)
        border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
        assert border.min() > 160  # the background's colours are light


def test_drawings_vary_and_follow_the_generator():
    shape = SHAPES[0]
    one, again, other = (draw(shape, 32, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.dtype == np.uint8 and one.shape == (32, 32, 3)
    np.testing.assert_array_equal(one, again)
    assert np.abs(one.astype(int) - other).max() > 40


@pytest.mark.parametrize("name, value", [("kind", "star"), ("position", "middle")])
def test_unknown_attributes_are_refused(name, value):
    words = {"kind": "circle", "color": "red", "size": "small", "position": "top", name: value}
    with pytest.raises(ValueError, match=f"{name} must be one of .*Received: {name}='{value}'"):
        Shape(**words)


def test_images_too_small_for_shapes_are_refused():
    with pytest.raises(ValueError, match="size must be >= 16. Received: size=15"):
        draw(SHAPES[0], 15, np.random.default_rng(0))
