"""What a folder holds: images, in order; what cannot be used, named once; what is no image."""

import os
import shutil
import socket
import subprocess

import pytest
from PIL import Image

from tfgan_apps.input_pipelines.sources import listing


def listed(folder):
    """Returns the names of the images, the problems and the other files of a folder."""
    found = listing.list_images(str(folder), str(folder))
    return [os.path.relpath(path, folder) for path in found.paths], found.problems, found.left_out


def test_images_are_listed_in_natural_order_without_hidden_files(write, tmp_path):
    names = ["10.jpg", "9.PNG", "a/2.jpeg", "b.BMP", "a/1.gif", "c.webp", "._9.png", ".x/1.png"]
    for name in names:
        write(name)
    expected = ["9.PNG", "10.jpg", "a/1.gif", "a/2.jpeg", "b.BMP", "c.webp"]
    assert listed(tmp_path) == (expected, [], [])


def test_digits_of_other_scripts_are_text_and_equal_numbers_keep_one_order(write, tmp_path):
    names = ["01.png", "1.png", "1².png", "2.png", "x².png", "x٣.png", "x③.png", "٣.png", "²"]
    for name in reversed(names):
        write(name)
    assert listed(tmp_path) == (names[:-1], [], ["²"])


def test_files_that_are_no_images_are_left_out_by_name(write, tmp_path):
    write("1.png")
    write("b/notes.txt", content=b"x")
    write("a.json", content=b"x")
    assert listed(tmp_path) == (["1.png"], [], ["a.json", "b/notes.txt"])


def test_extensions_that_are_not_read_are_named(write, tmp_path):
    write("1.png")
    write("a.jfif", content=b"x")
    sentence = "has an extension that is not read. Rename it to .jpg."
    assert listed(tmp_path) == (["1.png"], [f"a.jfif: {sentence}"], [])


@pytest.mark.skipif(not shutil.which("mogrify"), reason="ImageMagick is not installed")
def test_the_command_that_converts_is_right(write, tmp_path):
    for name in ("my photos/a.tif", "my photos/b/c.TIF", "my photos/d.png"):
        Image.new("RGB", (9, 8), "red").save(write(name), format="TIFF")
    _, (problem,), _ = listed(tmp_path)
    subprocess.run(problem.partition("in place: ")[2], shell=True, check=True)
    names = [f"my photos/{name}.png" for name in ("a", "b/c", "d")]
    assert listed(tmp_path) == (names, [], [])
    image = Image.open(tmp_path / names[0]).convert("RGB")
    assert image.getpixel((0, 0)) == (255, 0, 0)


def test_pipes_sockets_and_devices_are_named_and_not_opened(write, tmp_path, monkeypatch):
    write("1.png")
    os.mkfifo(tmp_path / "2.png")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "3.jpg").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)  # A socket's path is short.
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("4.gif")
    special = "is not a file but a pipe, socket or device. Remove it."
    names = ["2.png", "3.jpg", "4.gif", "pipe"]
    assert listed(tmp_path) == (["1.png"], [f"{name}: {special}" for name in names], [])


def test_folders_are_listed_once_whatever_links_lead_to_them(write, tmp_path):
    write("set/real/1.png")
    write("elsewhere/2.png")
    for name, target in {
        "set/a": "real",
        "set/b": "../elsewhere",
        "set/real/loop": "..",
        "elsewhere/loop": "../set",
        "elsewhere/self": "self",
    }.items():
        (tmp_path / name).symlink_to(target)
    paths, problems, left_out = listed(tmp_path / "set")
    assert paths == ["b/2.png", "real/1.png"] and not left_out
    assert problems == [
        "a: is the folder real once more. Remove the link.",
        "b/loop: is the folder . once more. Remove the link.",
        "b/self: cannot be read (Too many levels of symbolic links). Mend or remove the link.",
        "real/loop: is the folder . once more. Remove the link.",
    ]


def test_links_to_nothing_are_named(write, tmp_path):
    write("1.png")
    (tmp_path / "2.png").symlink_to("nowhere")
    assert listed(tmp_path)[1] == [
        "2.png: cannot be read (No such file or directory). Mend or remove the link."
    ]


def test_names_that_are_not_utf8_are_named_in_escapes(write, tmp_path):
    write("1.png")
    for name in (b"caf\xe9.png", b"caf\xe9"):
        os.mkdir(os.fsencode(tmp_path) + b"/" + name)
    with open(os.fsencode(tmp_path) + b"/\xe8.png", "w"):
        pass
    paths, problems, _ = listed(tmp_path)
    assert paths == ["1.png"]
    sentence = "has a name that is not UTF-8. Rename it."
    names = ["\\xe8.png", "caf\\xe9", "caf\\xe9.png"]
    assert sorted(problems) == sorted(f"{name}: {sentence}" for name in names)
    assert listing.printable("a\nb") == "a\\nb" and listing.printable("猫.png") == "猫.png"


def test_files_larger_than_any_picture_are_not_opened(write, tmp_path):
    os.truncate(write("1.png"), listing.MAX_BYTES + 1)
    os.truncate(write("2.png"), listing.MAX_BYTES)
    paths, problems, _ = listed(tmp_path)
    assert paths == ["2.png"]
    assert problems == ["1.png: has 715827881 bytes, more than any image that is read. Remove it."]


def test_a_folder_that_cannot_be_listed_is_named(write, tmp_path, monkeypatch):
    write("1.png")
    write("closed/2.png")
    scandir = os.scandir

    def refusing(path):
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    problem = "closed: cannot be listed (Permission denied). Make it readable."
    assert listed(tmp_path) == (["1.png"], [problem], [])
