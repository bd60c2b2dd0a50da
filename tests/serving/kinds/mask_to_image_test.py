"""What mask-to-image signatures answer."""

import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests import pictures
from tfgan_apps.input_pipelines.sources.label_maps import Labelling
from tfgan_apps.serving.client import client_files
from tfgan_apps.serving.client.examples import combinations
from tfgan_apps.serving.client.in_process import InProcess
from tfgan_apps.serving.kinds.mask_to_image import MaskToImage

SIZE = (8, 12)
LEVEL = 50  # between labels, of what is painted


def served(labelling=None, **kwargs):
    """Paints label 0, 1, 2 as grey 0, 50, 100; things are red, and a style is green."""

    def paint(x):
        green = tf.zeros_like(x["label_map"])
        if "latents" in x:
            green += tf.cast(100 + 9 * x["latents"][:, None, :1], tf.int32)
        red = x.get("instances", green)
        levels = tf.stack([red, green, x["label_map"] * LEVEL], -1)
        return tf.cast(levels, tf.float32) / 127.5 - 1

    image = keras.Input((1,))
    network = keras.Model(image, keras.layers.Dense(1)(image))
    instances = kwargs.pop("instances", False)
    return MaskToImage(paint, [network], SIZE, labelling or Labelling(3, True), instances, **kwargs)


def ask(model, signature, *masks, **inputs):
    files = tf.constant(list(masks), tf.string)
    answer = model.signatures()[signature]({"mask_bytes": files, **inputs})
    return [tf.io.decode_png(file).numpy() for file in answer["image_bytes"]]


def png(labels, palette=None):
    image, stream = Image.fromarray(labels), io.BytesIO()
    if palette is not None:
        image.putpalette(palette)
    image.save(stream, "PNG")
    return stream.getvalue()


def labels(size=SIZE, high=3):
    return np.random.default_rng(0).integers(0, high, size, np.uint8)


def test_masks_of_any_size_by_numbers_or_a_palette():
    small = labels((4, 6))
    masks = [png(labels()), png(labels(), [8, 8, 8] * 3), png(small)]
    found = ask(served(), "serving_default", *masks)
    for image in found[:2]:
        np.testing.assert_array_equal(image[..., 2], labels() * LEVEL)
    np.testing.assert_array_equal(found[2][..., 2], small.repeat(2, 0).repeat(2, 1) * LEVEL)


def test_other_numbers_and_colours_as_those_of_training():
    first = served(Labelling(3, True, 1))
    (image,) = ask(first, "serving_default", png(labels(high=4)))
    np.testing.assert_array_equal(image[..., 2], (labels(high=4).astype(int) - 1) % 4 * LEVEL)
    colors = [(1, 2, 3), (200, 0, 0), (0, 9, 0)]
    colored = served(Labelling(3, False, colors=colors))
    (image,) = ask(colored, "serving_default", png(np.uint8(colors)[labels()]))
    np.testing.assert_array_equal(image[..., 2], labels() * LEVEL)


def test_things_are_what_has_one_label_unless_they_are_given():
    model, mask = served(instances=True), png(labels())
    (image,) = ask(model, "serving_default", mask)
    np.testing.assert_array_equal(image[..., 0], labels())
    things = tf.constant([png(labels() + 70)])
    (image,) = ask(model, "things", mask, thing_bytes=things)
    np.testing.assert_array_equal(image[..., 0], labels() + 70)


def test_styles_are_of_seeds_or_of_pictures():
    model = served(latent_size=1, encode=lambda images: 2 * images[:, 0, 0, :1])
    assert set(model.signatures()) == {"serving_default", "styled"}
    mask = png(labels())
    white = tf.constant([tf.io.encode_png(np.full((5, 9, 3), 255, np.uint8)).numpy()])
    (image,) = ask(model, "styled", mask, image_bytes=white)
    assert set(image[..., 1].flat) == {118}
    seeds = tf.constant([3, 4, 3])
    first, other, same = ask(model, "serving_default", *[mask] * 3, seed=seeds)
    np.testing.assert_array_equal(first, same)
    assert set(first[..., 1].flat) != set(other[..., 1].flat)


def test_a_client_paints_a_folder_in_the_style_of_one_picture(tmp_path):
    model = served(latent_size=1, encode=lambda images: 2 * images[:, 0, 0, :1])
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(png(labels()))
    black = tf.io.encode_png(np.zeros((5, 9, 3), np.uint8)).numpy()
    client = InProcess(model.signatures(), "styled")
    examples, further = combinations(tmp_path), {"image_bytes": black}
    outcome = client_files.ask(client, examples, tmp_path / "painted", further=further)
    assert (outcome.written, outcome.failed) == (2, {})
    image = tf.io.decode_png((tmp_path / "painted" / "b.png").read_bytes()).numpy()
    assert set(image[..., 1].flat) == {82}


BAD = {
    "a JPEG": (pictures.saved(labels(), "JPEG"), r"mask_bytes\[1\] is a JPEG, which changes"),
    "a number": (png(labels() + 1), r"mask_bytes\[1\] has the number 3: labels have 0 to 2"),
    "colours": (png(pictures.noise(8, 8, 3)), r"mask_bytes\[1\] is of colours, not of label num"),
    "no picture": (b"x", r"mask_bytes\[1\] is no PNG"),
    "a broken one": (png(labels())[:-30], "mask_bytes must hold PNG files. .* at index 1"),
    "a bomb": (pictures.png(8, 0).replace(b"\0\x15\0\0", b"\xff\x15\0\0"), "its .* bytes can"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_mask_that_cannot_be_painted_is_named(bad):
    mask, expected = BAD[bad]
    with pytest.raises(tf.errors.InvalidArgumentError, match=expected):
        ask(served(), "serving_default", png(labels()), mask)
