"""What a `--dataset` is: a set of the package's own, a folder, a file, or a name of TFDS."""

import os

import pytest

from tfgan_apps.input_pipelines import DataError
from tfgan_apps.input_pipelines.sources.opened import opened


def kind(dataset, *taken):
    """Returns what a name is taken for, and with what it is opened."""
    functions = {name: lambda given, name=name: (name, given) for name in taken}
    return opened(dataset, {"own": lambda: ("own", None)}, **functions)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The user's home and working directory, with a folder `photos` and a file `poems.txt`."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "poems.txt").write_text("a")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return str(tmp_path)


def test_a_set_of_the_package_goes_before_a_folder_of_its_name(home):
    os.mkdir("own")
    assert kind("own", "folder", "file", "tfds") == ("own", None)
    assert kind("./own", "folder", "file", "tfds") == ("folder", f"{home}/own")


@pytest.mark.parametrize("name", ["photos", "./photos/", "~/photos", "photos/../photos"])
def test_a_folder_goes_before_a_name_of_tfds_and_is_absolute(home, name):
    assert kind(name, "folder", "tfds") == ("folder", f"{home}/photos")
    assert kind(name, "folder", "file") == ("folder", f"{home}/photos")


def test_a_link_is_followed_before_its_parent_is_taken(home):
    os.makedirs("elsewhere/deep")
    os.mkdir("elsewhere/photos")
    os.symlink("elsewhere/deep", "link")
    assert kind("link/../photos", "folder") == ("folder", f"{home}/elsewhere/photos")


def test_a_file_says_itself_what_is_wrong_with_it(home):
    assert kind("~/poems.txt", "file") == ("file", f"{home}/poems.txt")
    assert kind("none.txt", "file") == ("file", "none.txt")
    assert kind("photos", "file") == ("file", "photos")


def test_what_is_not_on_the_disk_is_a_name_of_tfds(home):
    assert kind("cycle_gan/horse2zebra", "folder", "tfds") == ("tfds", "cycle_gan/horse2zebra")


@pytest.mark.parametrize("name", ["poems.txt", "~/poems.txt"])
def test_a_file_is_no_folder(home, name):
    message = f"problem with the data in {name}:\n  it is a file. Give the folder that holds the"
    with pytest.raises(DataError, match=message):
        kind(name, "folder", "tfds")


def test_a_pipe_is_no_file_and_is_not_opened(home):
    os.mkfifo("pipe")
    for name in ("pipe", "/dev/zero"):
        with pytest.raises(DataError, match="it is not a file but a pipe, socket or device. Write"):
            kind(name, "file")


def test_a_path_that_is_not_utf8_is_named_in_escapes(home):
    os.mkdir(b"caf\xe9")
    os.symlink(b"caf\xe9", "link")
    for name in (os.fsdecode(b"caf\xe9"), "link"):
        with pytest.raises(DataError, match=r"caf\\xe9:\n  its path is not UTF-8. Rename its"):
            kind(name, "folder")


def test_what_is_not_there_is_named(home):
    message = "it is neither a folder nor own. Check the spelling."
    with pytest.raises(DataError, match=f"problem with the data in photo:\n  {message}"):
        kind("photo", "folder")
