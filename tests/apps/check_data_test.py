import os

import pytest

from apps import check_data
from tests import pictures
from tests.apps.conftest import call


def run(*flags):
    return call("check_data", *flags)


def test_a_good_folder_is_described(test_data):
    done = run(f"--dataset={test_data('mmgen_testdata/unpaired')}", "--image_size=64")
    assert done.returncode == 0, done.stderr
    assert "  trainA (x): 2 images, 256x256 pixels, as RGB\n" in done.stdout
    assert done.stdout.endswith("no problems found\n")


def test_all_problems_are_printed_without_a_traceback(tmp_path):
    for split in ("trainA", "trainB"):
        (tmp_path / split).mkdir()
        (tmp_path / split / "1.jpg").write_text("not a picture")
    done = run(f"--dataset={tmp_path}")
    assert done.returncode == 1
    assert "2 problems with the data in" in done.stderr
    assert "  trainA/1.jpg: is not an image" in done.stderr
    assert "  trainB/1.jpg: is not an image" in done.stderr
    assert "Traceback" not in done.stderr and not done.stdout


def test_a_folder_of_everything_ends_with_each_named_once(tmp_path):
    for split in ("trainA", "trainB"):
        (tmp_path / split).mkdir()
        (tmp_path / split / "1.JPG").write_bytes(pictures.jpegs()["JPEG, RGB"])
    folder = tmp_path / "trainA"
    os.mkfifo(folder / "pipe.png")
    (folder / "loop").symlink_to(tmp_path)
    (folder / "me.png").symlink_to("me.png")
    (folder / "photo.HEIC").write_bytes(b"x")
    (folder / "x\u00b2.png").write_bytes(pictures.png(8, 2))
    (folder / "x\u2082.webp").write_bytes(pictures.animated_webp())
    (folder / "notes.txt").write_text("x")
    (folder / os.fsdecode(b"caf\xe9.png")).write_bytes(b"x")
    done = run(f"--dataset={tmp_path}", "--image_size=16")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    lines = [line.strip() for line in done.stderr.splitlines() if line.startswith("  ")]
    assert [line.partition(": ")[0] for line in lines] == [
        *["trainA/caf\\xe9.png", "trainA/loop", "trainA/me.png", "trainA/photo.HEIC"],
        "trainA/pipe.png",
    ]
    for name in ("pipe.png", "loop", "me.png", "photo.HEIC", os.fsdecode(b"caf\xe9.png")):
        os.remove(folder / name)
    done = run(f"--dataset={tmp_path}", "--image_size=16")
    assert done.returncode == 0, done.stderr
    assert (
        "  trainA (x): 3 images, 21x13 pixels, as RGB; 1 file is no image: trainA/notes.txt\n"
        in (done.stdout)
    )


def test_lines_of_a_text_are_checked(tmp_path):
    path = tmp_path / "verses.txt"
    path.write_text("春眠不觉晓\n处处闻啼鸟\n\n", encoding="utf-8")
    flags = ["--kind=sequences", "--length=4", "--level=characters"]
    done = run(f"--dataset={path}", *flags)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "  verses.txt, line 3: empty" in done.stderr
    assert "  verses.txt, lines 1-2: more than 4 characters" in done.stderr
    done = run("--dataset=grammar", "--kind=sequences", "--length=12")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("no problems found\n")


def test_captions_are_checked(test_data):
    place = test_data("flickr8k_1000")
    done = run(f"--dataset={place}", "--kind=captioned", "--image_size=64")
    assert done.returncode == 0, done.stderr
    assert "  train: 1000 images, " in done.stdout and "    5000 captions, " in done.stdout


@pytest.mark.parametrize(
    ("kind", "dataset", "flags"),
    [
        ("images", "scenes", {"image_size": 16, "channels": 1}),
        ("simulated", "bars", {"image_size": 16, "channels": 1}),
        ("labelled", "shapes", {"image_size": 16}),
        ("masks", "shapes", {"image_size": 16, "classes": 5}),
        ("references", "shapes", {"image_size": 16}),
        ("few_shot", "hues", {"image_size": 16}),
        ("one_image", "landscape", {}),
        ("ratings", "latent_factors", {}),
        ("documents", "hidden_relevance", {}),
        ("questions", "echo", {"length": 8}),
    ],
)
def test_every_kind_of_data_is_checked(kind, dataset, flags, capsys, tmp_path):
    data_dir = {"data_dir": str(tmp_path)} if kind == "images" else {}
    assert check_data.main(dataset, kind, **flags, **data_dir) == 0
    assert f"data: {dataset}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "flags, message",
    [
        ([], "--dataset"),
        (["--dataset=x", "--kind=sequences"], "length must be given for --kind=sequences"),
        (["--dataset=x", "--length=3"], "length must be left out for --kind=unpaired. Received: "),
        (["--dataset=x", "--image_size=x"], "image_size"),
        (["--dataset=x", "--chanels=3"], "Unknown command line flag 'chanels'"),
        (["--dataset=x", "y"], "Flags begin with --. Received: y"),
    ],
)
def test_flags_that_make_no_sense_are_usage_errors(flags, message):
    done = run(*flags)
    assert done.returncode == 1
    assert message in done.stderr + done.stdout and "Traceback" not in done.stderr
