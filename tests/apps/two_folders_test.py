"""docs/two_folders.md, executed: from photographs of any size to a folder of translations."""

import re
import shlex
import shutil

import tensorflow as tf

from tests.apps.conftest import REPOSITORY, call

SMALL = {
    **{
        "epochs": 1,
        "image_size": 32,
        "load_size": 36,
        "generator_filters": 4,
        "residual_blocks": 1,
    },
    **{"discriminator_filters": 4, "discriminator_layers": 1, "samples": 1},
}


def test_at_most_six_commands_lead_from_nothing_to_translations(test_data, tmp_path, monkeypatch):
    page = (REPOSITORY / "docs" / "two_folders.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", page, re.S)
    clone, check, train, generate = blocks
    assert sum(block.count(" && ") + 1 for block in blocks) <= 7  # cd and . are no commands
    monkeypatch.chdir(tmp_path)
    for split in ("trainA", "trainB", "testA", "testB"):
        names = ("unpaired", split) if split.startswith("test") else ("..", "gta2city", split)
        shutil.copytree(test_data("mmgen_testdata").joinpath(*names), tmp_path / "photos" / split)
    for block, flags in ((check, {}), (train, SMALL), (generate, {})):
        (command,) = block.replace("\\\n", "").splitlines()
        _, name, *words = shlex.split(command)
        done = call(name, *words, **flags)
        assert done.returncode == 0, done.stderr
    photos = list((tmp_path / "photos" / "testA").iterdir())
    assert len(photos) == 1 and all(
        tf.io.decode_image(photo.read_bytes()).shape
        == tf.io.decode_png((tmp_path / "translated" / f"{photo.stem}.png").read_bytes()).shape
        for photo in photos
    )
    assert (tmp_path / "saved_models" / "mine" / "1" / "saved_model.pb").exists()
