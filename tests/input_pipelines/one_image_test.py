"""One picture as data: files of any size and mode, and what is wrong with others."""

import numpy as np
import pytest
from PIL import Image

from tfgan_apps.input_pipelines import DataError, one_image


def write(path, size=(60, 40), mode="RGB", seed=0):
    """Writes a rough picture and returns its pixels."""
    depth = {"RGB": 3, "RGBA": 4, "L": 1}[mode]
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], depth), np.uint8)
    Image.fromarray(pixels.squeeze(), mode).save(path)
    return pixels


def test_a_picture_is_its_own_batch(tmp_path):
    pixels = write(tmp_path / "a.png")
    data = one_image(str(tmp_path / "a.png"), scale_steps=7)
    assert data.image_size == (40, 60) and data.scales == 4 and data.steps_per_epoch == 7
    (batch,) = data.train().take(1)
    np.testing.assert_allclose((batch[0] + 1) * 127.5, pixels, atol=1e-3)
    assert len(list(data.test(4))) == 1
    assert "60x40 pixels, 4 scales" in data.describe()[-1]


def test_a_large_picture_is_shrunk(tmp_path):
    write(tmp_path / "a.jpg", (600, 300))
    data = one_image(str(tmp_path / "a.jpg"))
    assert data.image_size == (125, 250) and data.picture.shape == (125, 250, 3)
    assert np.abs(data.picture).max() <= 1


def test_what_is_transparent_is_seen_on_white(tmp_path):
    pixels = np.float64(write(tmp_path / "a.png", mode="RGBA"))
    found = (one_image(str(tmp_path / "a.png")).picture.numpy() + 1) * 127.5
    share = pixels[..., 3:] / 255
    expected = share * pixels[..., :3] + (1 - share) * 255
    assert (expected - found).max() < 1.01 and (expected - found).min() > -0.01  # cut off


def test_grey_becomes_colour(tmp_path):
    pixels = write(tmp_path / "a.png", mode="L")
    found = one_image(str(tmp_path / "a.png")).picture.numpy()
    np.testing.assert_allclose((found + 1) * 127.5, np.repeat(pixels, 3, -1), atol=1e-3)


def test_the_packages_own_landscape():
    data = one_image("landscape", max_size=64, coarsest_size=20)
    assert data.image_size == (48, 64) and data.scales == 6
    assert len(np.unique(data.picture.numpy().reshape(-1, 3), axis=0)) > 300


def test_another_file_is_other_data(tmp_path):
    write(tmp_path / "a.png")
    before = one_image(str(tmp_path / "a.png")).fingerprint
    write(tmp_path / "a.png", (60, 41))
    assert one_image(str(tmp_path / "a.png")).fingerprint != before


def test_what_cannot_be_used(tmp_path):
    with pytest.raises(DataError, match=r"is neither an image file nor .landscape"):
        one_image(str(tmp_path / "none.png"))
    with pytest.raises(DataError, match="it is a folder. Give one image file"):
        one_image(str(tmp_path))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 50)
    with pytest.raises(DataError, match="broken.png"):
        one_image(str(tmp_path / "broken.png"))
    write(tmp_path / "thin.png", (90, 12))
    with pytest.raises(ValueError, match="size must be sides of 25 or more"):
        one_image(str(tmp_path / "thin.png"))
    with pytest.raises(ValueError, match="scale_steps must be an integer >= 1"):
        one_image("landscape", scale_steps=0)
