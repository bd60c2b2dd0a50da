import os
import subprocess

import pytest

from tfgan_apps.input_pipelines import DataError
from tfgan_apps.input_pipelines.sources.folders import open_domains


def opened(folder):
    return {split: (store.names, half) for split, (store, half) in open_domains(folder).items()}


def problems(folder):
    with pytest.raises(DataError) as error:
        open_domains(str(folder))
    return [problem.replace(f"{folder}{os.sep}", "") for problem in error.value.problems]


def test_domain_folders(write, tmp_path):
    for split in ("trainA", "trainB", "testA", "testB"):
        write(f"{split}/{split}.png")
    assert opened(str(tmp_path)) == {
        split: ([f"{split}/{split}.png"], None) for split in ("trainA", "trainB", "testA", "testB")
    }


def test_test_folders_may_be_absent_but_only_together(write, tmp_path):
    write("trainA/1.png")
    write("trainB/1.png")
    assert list(opened(str(tmp_path))) == ["trainA", "trainB"]
    write("testA/1.png")
    (problem,) = problems(tmp_path)
    assert problem.startswith("testB is missing. Make it and put its images there (.bmp .gif")


def test_val_stands_for_test(write, tmp_path):
    for split in ("trainA", "trainB", "valA", "valB"):
        write(f"{split}/1.png")
    assert opened(str(tmp_path))["testB"] == (["valB/1.png"], None)
    write("testA/1.png")
    assert problems(tmp_path)[0].startswith("testB is missing.")


def test_two_folders_of_other_names_are_two_domains(write, tmp_path):
    write("my photos/1.png")
    write("zebras/a/1.png")
    (problem,) = problems(tmp_path)
    command = problem.removeprefix(
        "it has no trainA and trainB, but my photos and zebras. Rename them: "
    )
    subprocess.run(command, shell=True, check=True)
    assert opened(str(tmp_path)) == {
        "trainA": (["trainA/1.png"], None), "trainB": (["trainB/a/1.png"], None)
    }  # fmt: skip


@pytest.mark.parametrize(
    "name, meant", [("Test_A", "testA"), ("traina", "trainA"), ("val-B", "valB")]
)
def test_folders_that_are_all_but_named_right(write, tmp_path, name, meant):
    for split in ("trainA", "trainB", name):
        write(f"{split}/1.png")
    assert problems(tmp_path) == [f"{name} is not {meant}. Rename it, or take it away."]


def test_images_of_two_halves_directly_in_the_folder(write, tmp_path):
    write("1.png")
    assert opened(str(tmp_path)) == {"trainA": (["1.png"], "left"), "trainB": (["1.png"], "right")}


@pytest.mark.parametrize("held_out", ["test", "val"])
def test_images_of_two_halves_in_train_and_test(write, tmp_path, held_out):
    write("train/1.png")
    write(f"{held_out}/2.png")
    assert opened(str(tmp_path)) == {
        "trainA": (["train/1.png"], "left"),
        "trainB": (["train/1.png"], "right"),
        "testA": ([f"{held_out}/2.png"], "left"),
        "testB": ([f"{held_out}/2.png"], "right"),
    }


def test_two_domains_inside_train_are_no_pairs(write, tmp_path):
    for name in ("summer", "winter"):
        write(f"train/{name}/1.png")
    (problem,) = problems(tmp_path)
    assert problem.startswith("it has no trainA and trainB, but train/summer and train/winter. ")
    assert problem.endswith("&& mv train/summer trainA && mv train/winter trainB")


def test_folders_one_deeper_than_looked_for(write, tmp_path):
    for name in ("trainA", "trainB"):
        write(f"horse2zebra/{name}/1.png")
    assert problems(tmp_path) == ["its folders are one deeper. Use horse2zebra in its place."]


def test_test_goes_before_val(write, tmp_path):
    for name in ("train", "test", "val"):
        write(f"{name}/{name}.png")
    assert opened(str(tmp_path))["testA"] == (["test/test.png"], "left")


def test_an_empty_folder(tmp_path):
    (problem,) = problems(tmp_path)
    assert problem == (
        f"{tmp_path} is empty. Put images there (.bmp .gif .jpeg .jpg .png .webp), "
        "or for two domains use subfolders trainA and trainB."
    )


def test_a_folder_of_other_files(write, tmp_path):
    for name in "abcdef":
        write(f"{name}.txt")
    (problem,) = problems(tmp_path)
    assert f"{tmp_path} has no images, only a.txt, b.txt, c.txt, d.txt, e.txt, ..." in problem


def test_a_folder_of_formats_that_are_not_read(write, tmp_path):
    for name in ("trainA/1.tif", "trainA/2.heic", "trainA/3.HEIC", "trainB/1.png"):
        write(name)
    how = "is not read. Convert it, by ImageMagick in place: find trainA -iname"
    assert problems(tmp_path) == [
        f"trainA/1.tif: TIF {how} '*.tif' -exec mogrify -format png {{}} \\; -delete",
        f"trainA/2.heic and 1 more: HEIC {how} '*.heic' -exec mogrify -format jpg {{}} \\; -delete",
    ]


def test_every_missing_and_empty_folder_is_listed_at_once(write, tmp_path):
    write("trainA/1.png")
    (tmp_path / "testA").mkdir()
    listed = problems(tmp_path)
    assert [problem.split(". ")[0] for problem in listed] == [
        "trainB is missing", "testA is empty", "testB is missing"
    ]  # fmt: skip


def test_testing_without_training(write, tmp_path):
    write("test/1.png")
    assert problems(tmp_path)[0].startswith("train is missing")
