"""Names of answers."""

import pathlib

import pytest

from tfgan_apps.serving.client.examples import Example, InputError, check_names


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
