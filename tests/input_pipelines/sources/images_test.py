import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.input_pipelines import ImageFiles, Images, ImagesInMemory, PixelsInMemory
from tfgan_apps.input_pipelines.sources import images as images_module
from tfgan_apps.input_pipelines.sources.decoding import resize


def one(path, half=None, channels=3):
    return Images(ImageFiles([str(path)], root=str(path.parent)), channels, half)


def problem(path, size=32, half=None):
    (line,) = one(path, half).find_problems(size)
    return line


def test_halves_are_the_left_and_the_right_of_the_image():
    image = np.arange(2 * 6 * 3, dtype=np.uint8).reshape(2, 6, 3)
    store = ImagesInMemory.from_arrays([image])
    left, right = (Images(store, 3, half).read(0) // 257 for half in ("left", "right"))
    np.testing.assert_array_equal(left, image[:, :3])
    np.testing.assert_array_equal(right, image[:, 3:])


@pytest.mark.parametrize(
    "channels, dtype, size, bits",
    [(1, np.uint8, 8, 0), (3, np.uint8, 8, 0), (3, np.uint8, 9, 1), (4, np.uint16, 8, 0)],
)
def test_images_that_are_kept_are_those_that_are_decoded(channels, dtype, size, bits):
    rng = np.random.default_rng(0)
    array = rng.integers(0, np.iinfo(dtype).max, (3, 8, 8, 4), dtype, endpoint=True)
    for source in (array, array[..., :1]):
        expected = Images(ImagesInMemory.from_arrays(source), channels)
        exact = [resize(expected.read(index), size) for index in (2, 0)]
        for store in (ImagesInMemory.from_arrays(source), PixelsInMemory(source)):
            images = Images(store, channels)
            images.keep(size)
            found = resize(images.read(tf.constant([2, 0])), size)
            np.testing.assert_allclose(found, exact, atol=bits / 65535, rtol=0)


def test_pixels_need_not_be_decoded_to_know_their_size():
    images = Images(PixelsInMemory(np.zeros((2, 8, 9, 1), np.uint8)), 1)
    assert images.find_problems(8) == [] and images.sizes == [(8, 9)] * 2
    (problem,) = Images(PixelsInMemory(np.zeros((1, 4, 9, 1), np.uint8)), 1).find_problems(16)
    assert "9x4 pixels is too small" in problem


def test_what_is_too_large_for_memory_is_not_kept(monkeypatch):
    monkeypatch.setattr(images_module, "_MOST_KEPT", 3 * 6 * 6 * 2 - 1)
    images = Images(ImagesInMemory.from_arrays(np.zeros((3, 6, 6, 1), np.uint8)), 1)
    images.keep(6)
    assert not images.has_pixels


@pytest.mark.parametrize("argument, value", [("channels", 2), ("half", "top")])
def test_an_argument_out_of_range_is_named(argument, value):
    with pytest.raises(ValueError, match=f"{argument} must be .*{value}"):
        Images(ImagesInMemory([]), **{argument: value})


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("file_channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_and_rgba_of_8_and_16_bits_are_fine(write, channels, file_channels, dtype):
    path = write("a.png", channels=file_channels, dtype=dtype)
    images = one(path, channels=channels)
    assert images.find_problems(32) == []
    assert images.read(0).shape == (32, 32, channels)


def test_a_truncated_jpeg_is_found(write):
    whole = write("whole.jpg").read_bytes()
    for length in (20, len(whole) // 2, len(whole) - 4):
        line = problem(write("a.jpg", content=whole[:length]))
        assert line == (
            "a.jpg: is truncated, damaged or an unsupported kind of JPEG. Replace or remove it."
        )


def test_a_truncated_png_is_found(write):
    whole = write("whole.png").read_bytes()
    assert "truncated" in problem(write("a.png", content=whole[: len(whole) // 2]))


def test_a_text_file_with_the_name_of_an_image_is_found(write):
    line = problem(write("a.jpg", content=b"hello, this is no picture"))
    assert line == (
        "a.jpg: is not an image (JPEG, PNG, GIF, BMP, WebP are read). Replace or remove it."
    )


def test_an_empty_file_is_found(write):
    assert problem(write("a.jpg", content=b"")) == "a.jpg: is empty. Replace or remove it."


def test_a_file_that_went_away_is_found(write):
    path = write("a.jpg")
    images = one(path)
    path.unlink()
    (line,) = images.find_problems(32)
    assert line.startswith("a.jpg: cannot be read (") and "No such file" in line


def test_a_broken_link_is_found(tmp_path):
    (tmp_path / "a.jpg").symlink_to(tmp_path / "nowhere")
    images = one(tmp_path / "a.jpg")
    assert images.store.fingerprint()
    (line,) = images.find_problems(32)
    assert line.startswith("a.jpg: cannot be read (")


def test_a_png_named_jpg_is_fine(write):
    path = write("a.png")
    path.rename(path.with_suffix(".jpg"))
    assert one(path.with_suffix(".jpg")).find_problems(32) == []


def test_an_image_too_small_is_found(write):
    assert problem(write("a.png", size=(1, 1))) == (
        "a.png: 1x1 pixels is too small, at least 8 a side are needed. "
        "Remove it, or train at a smaller image size."
    )
    assert "9x7 pixels is too small" in problem(write("b.png", size=(7, 9)))
    assert "100x15 pixels is too small, at least 16 a" in problem(write("c.png", (15, 100)), 256)
    assert one(write("d.png", size=(8, 8))).find_problems(128) == []
    assert one(write("e.png", size=(4, 4))).find_problems(4) == []


def test_halves_that_do_not_match_are_found(write):
    assert problem(write("a.png", size=(30, 65)), half="left") == (
        "a.png: 65x30 pixels cannot be cut into two equal halves (32 and 33 wide). "
        "Make A and B of one width."
    )
    assert problem(write("b.png", size=(32, 48)), half="left") == (
        "b.png: 48x32 pixels is not two images side by side (twice as wide as high). "
        "Put A left and B right of it, or use folders trainA and trainB."
    )
    assert "7x7 pixels is too small" in problem(write("c.png", size=(7, 14)), half="left")
    assert one(write("d.png", size=(32, 64)), half="left").find_problems(32) == []


def test_sizes_are_described_from_the_first_image_and_after_checking_from_all(write, tmp_path):
    paths = [str(write(name, size)) for name, size in (("1.png", (32, 40)), ("2.png", (64, 48)))]
    images = Images(ImageFiles(paths, root=str(tmp_path)))
    assert images.describe() == "2 images, 40x32 pixels, as RGB"
    images.find_problems(32)
    assert images.describe() == "2 images, 40x32 to 48x64 pixels, as RGB"


def test_an_unreadable_first_image_is_described(write):
    assert one(write("a.jpg", content=b"")).describe().startswith("1 image; the first is empty")


def test_reading_works_in_a_graph(write):
    images = one(write("a.jpg"))
    dataset = tf.data.Dataset.range(1).map(images.read)
    assert next(iter(dataset)).shape == (32, 32, 3)
