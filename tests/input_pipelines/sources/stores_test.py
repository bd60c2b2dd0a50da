import os

import numpy as np
import tensorflow as tf

from tfgan_apps.input_pipelines import ImageFiles, ImagesInMemory, PixelsInMemory
from tfgan_apps.input_pipelines.sources.listing import list_images


def test_files_are_read_by_index(write, tmp_path):
    paths = [str(write(f"{i}.png", content=bytes([i]) * 3)) for i in range(3)]
    files = ImageFiles(paths, root=str(tmp_path))
    assert len(files) == 3 and files.names == ["0.png", "1.png", "2.png"]
    assert files.load(tf.constant(2, tf.int64)).numpy() == b"\x02\x02\x02"


def fingerprint(folder):
    return ImageFiles(list_images(str(folder), str(folder)).paths, root=str(folder)).fingerprint()


def test_the_fingerprint_of_files_follows_list_size_and_time(write, tmp_path):
    path = write("1.png")
    first = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == first

    write("2.png")
    assert fingerprint(tmp_path) != first
    (tmp_path / "2.png").unlink()
    assert fingerprint(tmp_path) == first

    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert fingerprint(tmp_path) != first

    path.write_bytes(path.read_bytes() + b"!")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert fingerprint(tmp_path) != first


def test_the_fingerprint_does_not_depend_on_where_the_folder_lies(write, tmp_path):
    write("one/1.png")
    first = fingerprint(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two")
    assert fingerprint(tmp_path / "two") == first


def test_arrays_are_kept_without_loss():
    arrays = [np.full((4, 5, 3), 7, np.uint8), np.full((2, 2, 1), 700, np.uint16)]
    memory = ImagesInMemory.from_arrays(arrays)
    assert len(memory) == 2 and memory.names == ["image 0", "image 1"]
    np.testing.assert_array_equal(tf.io.decode_png(memory.load(0)), arrays[0])
    np.testing.assert_array_equal(tf.io.decode_png(memory.load(1), dtype=tf.uint16), arrays[1])
    assert memory.fingerprint() != ImagesInMemory.from_arrays(arrays[:1]).fingerprint()
    assert memory.fingerprint() == ImagesInMemory.from_arrays(arrays).fingerprint()


def test_pixels_are_kept_without_loss():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3, 1)
    memory = PixelsInMemory(pixels)
    assert len(memory) == 2 and memory.names == ["image 0", "image 1"]
    np.testing.assert_array_equal(tf.io.decode_png(memory.load(1)), pixels[1])
    np.testing.assert_array_equal(memory.subset([1]).pixels, pixels[1:])
    prints = [PixelsInMemory(array).fingerprint() for array in (pixels, pixels[:1], pixels + 1)]
    assert len({memory.fingerprint(), *prints}) == 3 and memory.fingerprint() == prints[0]
    assert len({*memory.contents.values()}) == 2


def test_a_subset_has_the_chosen_images_in_the_given_order(write, tmp_path):
    paths = [str(write(f"{i}.png", content=bytes([i]) * 3)) for i in range(3)]
    files = ImageFiles(paths, root=str(tmp_path))
    memory = ImagesInMemory([b"a", b"b", b"c"], ["x", "y", "z"])
    assert files.subset([2, 0]).names == ["2.png", "0.png"]
    assert files.subset([2, 0]).load(0).numpy() == b"\x02\x02\x02"
    assert memory.subset([2, 0]).names == ["z", "x"] and memory.subset([2, 0]).load(1) == b"a"
    assert files.subset([0, 1, 2]).fingerprint() == files.fingerprint()
