"""StarGAN as its users start it: a folder per domain, a run, a sheet and a translated folder."""

import numpy as np
import tensorflow as tf

from tests.apps.conftest import call

FLAGS = {"image_size": 16, "classes": 2, "batch_size": 2, "epochs": 1, "samples": 2}
FLAGS |= {"generator_filters": 2, "residual_blocks": 1, "discriminator_filters": 2}
FLAGS |= {"discriminator_layers": 2, "verbosity": 0}


def test_a_run_a_sheet_and_a_translated_folder(tmp_path):
    folder, run = tmp_path / "set", tmp_path / "run"
    for index, name in enumerate(("cat", "cat", "dog", "dog")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        file = tf.io.encode_png(np.full((16, 20, 3), 60 * index, np.uint8))
        (folder / name / f"{index}.png").write_bytes(file.numpy())
    done = call("stargan", dataset=folder, run_dir=run, **{**FLAGS, "classes": 3})
    assert done.returncode == 1 and not run.exists()
    assert "classes must be 2, the number of the data's classes" in done.stderr
    done = call("stargan", dataset=folder, run_dir=run, **FLAGS)
    assert done.returncode == 0, done.stderr
    for value in ("swd", "cycle_error", "class_accuracy"):
        assert value in done.stdout
    done = call("generate", run_dir=run, input=folder / "cat", labels="0,1")
    assert done.returncode == 0, done.stderr
    picture = tf.io.decode_png((run / "generated" / "sheet.png").read_bytes())
    assert picture.shape[1] == 3 * 96 + 2 * 4
    words = {"run_dir": run, "input": folder / "cat", "output": tmp_path / "dogs"}
    done = call("generate", "--set", "label=1", **words)
    assert done.returncode == 0, done.stderr
    assert tf.io.decode_png((tmp_path / "dogs" / "0.png").read_bytes()).shape == (16, 20, 3)
