"""DRIT as its users start it: a folder of two domains, a run, and a picture in another's style."""

import numpy as np
import tensorflow as tf

from tests.apps.conftest import call

FLAGS = {"image_size": 16, "load_size": 16, "batch_size": 2, "epochs": 1, "samples": 2}
FLAGS |= {"generator_filters": 2, "residual_blocks": 1, "latent_size": 2, "initializer": "kaiming"}
FLAGS |= {"discriminator_filters": 2, "discriminator_layers": 1, "scales": 2, "verbosity": 0}
FLAGS |= {"content_kernel": 3, "content_layers": 1}


def test_a_run_and_a_picture_in_the_style_of_another(tmp_path):
    folder, run = tmp_path / "set", tmp_path / "run"
    for split in ("trainA", "trainB", "testA", "testB"):
        (folder / split).mkdir(parents=True)
        for index in range(6 if split.startswith("train") else 1):
            file = tf.io.encode_png(np.full((16, 20, 3), 40 * index, np.uint8))
            (folder / split / f"{index}.png").write_bytes(file.numpy())
    done = call("drit", dataset=folder, run_dir=run, **FLAGS)
    assert done.returncode == 0, done.stderr
    assert "diversity" in done.stdout
    words = {"run_dir": run, "input": folder / "testA", "output": tmp_path / "made"}
    words["signature"] = "reference"
    reference = f"reference_bytes=@{folder / 'testB' / '0.png'}"
    done = call("generate", "--set", reference, **words)
    assert done.returncode == 0, done.stderr
    assert tf.io.decode_png((tmp_path / "made" / "0.png").read_bytes()).shape == (16, 16, 3)
