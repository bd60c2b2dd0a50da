"""Names of answers."""

import pathlib

import pytest

from tfgan_apps.serving.client.examples import (
    Example,
    InputError,
    check_names,
    check_seeds,
    settings,
)


@pytest.mark.parametrize(
    "example, stem",
    [
        (Example(pathlib.Path("a/b.c.jpg")), "b.c"),
        (Example(text=" ../etc/passwd"), "etc-passwd"),
        (Example(text="x" * 500, seed=1), "x" * 150 + "_1"),
        (Example(text="x" + "漢" * 500), "x" + "漢" * 49),
        (Example(text=""), "answer"),
        (Example(pathlib.Path("a/b.jpg"), keep_suffix=True), "b.jpg"),
        (Example(pathlib.Path("b.png"), "Snow!", 0), "b_snow_0"),
    ],
)
def test_names_of_answers(example, stem):
    assert example.stem == stem


def test_two_answers_of_one_name_are_refused():
    check_names([Example(text="a", seed=1), Example(text="a", seed=2), Example(text="b", seed=1)])
    with pytest.raises(InputError, match="Received: a!, 1 and A, 1, both to be called 'a_1'"):
        check_names([Example(text="a!", seed=1), Example(text="A", seed=1)])


def test_other_inputs_are_json_or_files(tmp_path):
    assert settings(["label=3", "code=[0.5, -1]"]) == {"label": 3, "code": [0.5, -1]}
    (tmp_path / "style").write_bytes(b"\x89PNG")
    assert settings([f"image_bytes=@{tmp_path / 'style'}"]) == {"image_bytes": b"\x89PNG"}
    (tmp_path / "b").write_bytes(b"b")
    both = f"reference_bytes=@{tmp_path / 'style'},@{tmp_path / 'b'}"
    assert settings([both]) == {"reference_bytes": [b"\x89PNG", b"b"]}
    for words in (["label"], ["label=a"], ["a=1", "a=2"], [f"image_bytes=@{tmp_path / 'no'}"]):
        with pytest.raises(ValueError, match="^set must be name=value, each name once.*Received"):
            settings(words)


def test_seeds_have_32_bits():
    check_seeds([-(2**31), 2**31 - 1])
    with pytest.raises(ValueError, match="^seeds must be 32-bit integers.* Received: seeds="):
        check_seeds([1, 2**31])
