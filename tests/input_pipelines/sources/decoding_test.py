import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tfgan_apps.input_pipelines.sources import decoding


def encoded(array, kind, mode=None):
    stream = io.BytesIO()
    image = Image.fromarray(array) if mode is None else Image.fromarray(array).convert(mode)
    image.save(stream, kind)
    return stream.getvalue()


def noise(*shape, dtype=np.uint8):
    rng = np.random.default_rng(0)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF"])
def test_colour_images_decode_to_what_pil_reads(kind):
    data = encoded(noise(9, 7, 3), kind)
    expected = np.array(Image.open(io.BytesIO(data)).convert("RGB"))
    image = decoding.decode_image(data, 3)
    assert image.dtype == tf.uint16
    np.testing.assert_array_equal(image, expected.astype(np.uint16) * 257)


@pytest.mark.parametrize("path", ["facades/train/1.jpg", "gta2city/trainA/00001.jpg"])
def test_jpeg_decode_to_what_pil_reads(test_data, path):
    path = test_data(path)
    expected = np.array(Image.open(path).convert("RGB")).astype(int)
    image = decoding.decode_image(path.read_bytes(), 3) // 257
    np.testing.assert_array_equal(image, expected)


def test_webp_is_read():
    stream = io.BytesIO()
    Image.fromarray(noise(9, 7, 3)).save(stream, "WEBP", lossless=True)
    image = decoding.decode_image(stream.getvalue(), 3)
    np.testing.assert_array_equal(image // 257, noise(9, 7, 3))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P"])
@pytest.mark.parametrize("channels, target", [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_channels_are_converted_as_pil_does_and_seen_on_white(mode, channels, target):
    data = encoded(noise(9, 7, 3 if mode == "P" else 4), "PNG", mode)
    picture = Image.open(io.BytesIO(data))
    if mode in ("LA", "RGBA") and channels < 4:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    expected = np.array(picture.convert(target)).reshape(9, 7, channels)
    image = decoding.decode_image(data, channels).numpy() / 257
    # PIL rounds what it mixes to 8 bits, and the luma.
    np.testing.assert_allclose(image, expected, atol=1.01 if mode.endswith("A") else 0.51)


def test_a_grey_jpeg_becomes_colour_and_opaque():
    data = encoded(noise(16, 16), "JPEG")
    grey = decoding.decode_image(data, 1)
    np.testing.assert_array_equal(decoding.decode_image(data, 3), np.repeat(grey, 3, -1))
    assert np.all(decoding.decode_image(data, 4)[..., 3] == 65535)


def test_sixteen_bits_are_kept():
    pixels = noise(8, 8, 3, dtype=np.uint16)
    data = tf.io.encode_png(pixels)
    np.testing.assert_array_equal(decoding.decode_image(data, 3), pixels)
    image = decoding.resize(decoding.decode_image(data, 3), 8)
    np.testing.assert_allclose((image + 1) * 32767.5, pixels, atol=0.01)
    assert len(np.unique(image)) > 180  # 8 bits would leave fewer different values apart


def test_the_range_is_minus_one_to_one():
    image = decoding.resize(tf.constant([[[0], [65535]]] * 2, tf.uint16), 2)
    np.testing.assert_array_equal(image[..., 0], [[-1, 1], [-1, 1]])


@pytest.mark.parametrize("size", [31, 128, 300])
def test_resizing_equals_pil_bicubic(test_data, size):
    pixels = np.array(Image.open(test_data("gta2city/trainA/00001.jpg")).convert("RGB"))
    planes = [Image.fromarray(plane.astype(np.float32)) for plane in np.moveaxis(pixels, -1, 0)]
    expected = np.stack([p.resize((size, size), Image.Resampling.BICUBIC) for p in planes], -1)
    image = decoding.resize(tf.constant(pixels.astype(np.uint16) * 257), size)
    np.testing.assert_allclose((image + 1) * 127.5, expected.clip(0, 255), atol=0.02)


def test_enlarging_an_edge_stays_in_range():
    edge = np.zeros((8, 8, 1), np.uint16)
    edge[:, 4:] = 65535
    image = decoding.resize(tf.constant(edge), 20).numpy()
    assert image.min() == -1 and image.max() == 1


def augmented(draws, load_size=5, image_size=3, **kwargs):
    pixels = tf.constant(np.arange(25, dtype=np.uint16).reshape(5, 5, 1) * 1000)
    image = decoding.augment(pixels, load_size, image_size, tf.constant(draws), **kwargs)
    return np.rint((image.numpy()[..., 0] + 1) * 32.7675).astype(int)


def test_draws_choose_the_crop_and_the_flip():
    window = np.arange(25).reshape(5, 5)
    np.testing.assert_array_equal(augmented([0.0, 0.0, 0.5]), window[:3, :3])
    np.testing.assert_array_equal(augmented([0.999, 0.4, 0.9]), window[2:, 1:4])
    np.testing.assert_array_equal(augmented([0.34, 0.999, 0.49]), window[1:4, 2:][:, ::-1])


def test_a_flip_can_be_left_out():
    window = np.arange(25).reshape(5, 5)[:3, :3]
    np.testing.assert_array_equal(augmented([0.0, 0.0, 0.1], flip=False), window)


def test_without_room_to_crop_the_whole_image_is_kept():
    window = np.arange(25).reshape(5, 5)
    np.testing.assert_array_equal(augmented([0.9, 0.9, 0.9], 5, 5), window)
    np.testing.assert_array_equal(augmented([0.9, 0.9, 0.1], 5, 5), window[:, ::-1])
