"""What the generate app makes of pictures, and refuses; the systems' tests have what it draws."""

import re

import numpy as np
import pytest
import tensorflow as tf

from apps.command_line import answers
from tests.apps.conftest import call

BAD = {
    "no run": (["--run_dir=nowhere"], "run_dir must be the directory of a run"),
    "no seeds": (["--seeds="], "numbers are expected, such as 384"),
    "a large seed": (["--seeds=1,2147483648"], "seeds must be 32-bit integers"),
    "one step": (["--steps=1"], "steps must be an integer >= 2"),
    "two models": (["--saved_model=there"], "run_dir must be given, or --saved_model"),
    "a fit of nothing": (["--fit=pad"], "fit must be left out without --input"),
    "another signature": (["--signature=z"], "must be one of the model's: fit, fit_y_to_x, "),
    "no picture": ([], "'serving_default' takes image_bytes; .* Received: nothing"),
    "seeds for pictures": (["--seeds=1", "--input=README.md"], "Received: files, seeds"),
    "a sheet": (["--to_text=a bird", "--text=a dog"], "to_text must be given with one text, for"),
}


def generate(*words):
    return call("generate", *words)


@pytest.mark.parametrize("bad", BAD)
def test_a_mistake_is_one_message(unbroken, bad):
    words, expected = BAD[bad]
    done = generate(f"--run_dir={unbroken}", *words)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert re.search(expected, done.stdout + done.stderr)

    assert not (unbroken / "generated").exists()


def test_a_run_and_its_export_translate_a_folder_alike(unbroken, tmp_path):
    """Pictures of any size; one that is broken is named, and what is there already is kept."""
    photos = tmp_path / "photos"
    photos.mkdir()
    rng = np.random.default_rng(0)
    for name, shape in (("a", (21, 34, 3)), ("b", (16, 16, 3)), ("c", (3, 50, 3))):
        png = tf.io.encode_png(rng.integers(0, 256, shape, np.uint8)).numpy()
        (photos / f"{name}.png").write_bytes(png)
    (photos / "broken.jpg").write_bytes(b"no picture")
    words = [f"--input={photos}", "--signature=y_to_x"]
    saved_model = unbroken.parent / "saved_models" / "tiny"
    done = generate(f"--run_dir={unbroken}", f"--output={tmp_path / 'run'}", *words)
    export = generate(f"--saved_model={saved_model}", f"--output={tmp_path / 'export'}", *words)
    for answered, folder in ((done, tmp_path / "run"), (export, tmp_path / "export")):
        assert answered.returncode == 1
        assert answered.stdout == f"3 written to {folder}\n"
        assert answered.stderr.splitlines()[-1] == (
            f"{photos / 'broken.jpg'}: INVALID_ARGUMENT: image_bytes must hold JPEG or PNG files. "
            "Received: broken files at index 0 (asked alone)"
        )
    images = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    assert images == {path.name: path.read_bytes() for path in (tmp_path / "export").iterdir()}
    shapes = {name: tf.io.decode_png(image).shape for name, image in images.items()}
    assert shapes == {"a.png": (21, 34, 3), "b.png": (16, 16, 3), "c.png": (3, 50, 3)}
    again = generate(f"--saved_model={saved_model}", f"--output={tmp_path / 'run'}", *words)
    assert again.stdout == f"0 written to {tmp_path / 'run'}, 3 there already\n"


def test_a_saved_model_needs_an_output(tmp_path):
    done = generate(f"--saved_model={tmp_path}", "--seeds=1")
    assert done.returncode == 1 and "output must be given with --saved_model" in done.stderr


def test_tokens_are_a_line():
    assert answers.line(tf.constant([3, 0, 12]).numpy()) == "3 0 12"
    assert answers.line("größer".encode()) == "größer"
