"""What the generate app refuses; the systems' tests have what it gives of them."""

import re

import pytest

from tests.apps.conftest import call

BAD = {
    "no run": (["--run_dir=nowhere"], "run_dir must be the directory of a run"),
    "no seeds": (["--seeds="], "numbers are expected, such as 384"),
    "a large seed": (["--seeds=1,2147483648"], "seeds must be 32-bit integers"),
    "one step": (["--steps=1"], "steps must be an integer >= 2"),
}


def generate(*words):
    return call("generate", *words)


@pytest.mark.parametrize("bad", BAD)
def test_a_mistake_is_one_message(unbroken, bad):
    words, expected = BAD[bad]
    done = generate(f"--run_dir={unbroken}", *words)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert re.search(expected, done.stdout + done.stderr)


@pytest.mark.parametrize(
    "words, expected",
    [
        ([], "must be of a system that draws by seeds.* whose model takes image_bytes"),
        (["--to_text=a bird", "--text=a dog"], "to_text must be given with one text, for a model"),
    ],
)
def test_a_system_without_seeds(unbroken, words, expected):
    done = generate(f"--run_dir={unbroken}", *words)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert re.search(expected, done.stderr)
    assert not (unbroken / "generated").exists()
