import pytest

from apps.command_line.resumed import with_flags_of_run


@pytest.fixture
def run_dir(tmp_path):
    (tmp_path / "flags.txt").write_text("# python -m apps.cyclegan\n--epochs=200\n")
    return tmp_path


@pytest.mark.parametrize("words", [["--run_dir={}"], ["--run_dir", "{}"], ["-run_dir={}"]])
def test_a_run_alone_brings_its_flags_and_what_is_given_wins(run_dir, words):
    words = ["--epochs=400", *(word.format(run_dir) for word in words)]
    found = with_flags_of_run("apps.cyclegan", ["tfgan cyclegan", *words])
    assert found == ["tfgan cyclegan", f"--flagfile={run_dir}/flags.txt", *words]


@pytest.mark.parametrize("word", ["--flagfile=mine", "--dataset=photos", "--dataset", "--helpfull"])
def test_what_says_more_is_left_as_it_is(run_dir, word):
    argv = ["tfgan cyclegan", f"--run_dir={run_dir}", word]
    assert with_flags_of_run("apps.cyclegan", argv) == argv


def test_a_new_directory_brings_nothing(tmp_path):
    argv = ["tfgan cyclegan", f"--run_dir={tmp_path / 'new'}"]
    assert with_flags_of_run("apps.cyclegan", argv) == argv


def test_a_run_of_another_command_is_named(run_dir):
    with pytest.raises(SystemExit, match=f"{run_dir} is a run of apps.cyclegan, not of apps.dcgan"):
        with_flags_of_run("apps.dcgan", ["tfgan dcgan", f"--run_dir={run_dir}"])
