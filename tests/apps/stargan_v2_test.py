"""StarGAN v2 as its users start it: a folder per domain, a run, a folder in a picture's style."""

import numpy as np
import tensorflow as tf

from tests.apps.conftest import call

FLAGS = {"image_size": 16, "classes": 2, "batch_size": 2, "epochs": 1, "samples": 2}
FLAGS |= {"generator_filters": 2, "discriminator_filters": 2, "most_filters": 4, "halvings": 1}
FLAGS |= {"mapping_size": 8, "evaluation_judge_steps": 2, "verbosity": 0}


def test_a_run_and_a_folder_in_the_style_of_a_picture(tmp_path):
    folder, run = tmp_path / "set", tmp_path / "run"
    for index, name in enumerate(("cat", "cat", "dog", "dog")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        file = tf.io.encode_png(np.full((16, 20, 3), 60 * index, np.uint8))
        (folder / name / f"{index}.png").write_bytes(file.numpy())
    done = call("stargan_v2", dataset=folder, run_dir=run, **FLAGS)
    assert done.returncode == 0, done.stderr
    for value in (
        "swd",
        "pairwise_difference",
        "latent_accuracy",
        "reference_accuracy",
        "real_accuracy",
    ):
        assert value in done.stdout
    words = {"run_dir": run, "input": folder / "cat", "output": tmp_path / "dogs"}
    reference = f"reference_bytes=@{folder / 'dog' / '2.png'}"
    signature = {"signature": "reference"}
    done = call("generate", "--set", reference, "--set", "label=1", **words, **signature)
    assert done.returncode == 0, done.stderr
    assert tf.io.decode_png((tmp_path / "dogs" / "0.png").read_bytes()).shape == (16, 16, 3)
