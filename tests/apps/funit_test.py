"""FUNIT as its users start it: a folder per class, a run without one, and a folder as that one."""

import numpy as np
import tensorflow as tf

from tests.apps.conftest import call

FLAGS = {"image_size": 16, "classes": 2, "batch_size": 2, "epochs": 1, "samples": 2, "shots": 2}
FLAGS |= {"generator_filters": 2, "residual_blocks": 1, "mlp_size": 8, "latent_size": 3}
FLAGS |= {"discriminator_filters": 2, "discriminator_blocks": 2, "verbosity": 0}


def test_a_run_and_a_folder_as_of_the_class_of_two_pictures(tmp_path):
    folder, run = tmp_path / "set", tmp_path / "run"
    for index, name in enumerate(("cat", "dog", "lynx") * 2):
        (folder / name).mkdir(parents=True, exist_ok=True)
        file = tf.io.encode_png(np.full((16, 20, 3), 40 * index, np.uint8))
        (folder / name / f"{index}.png").write_bytes(file.numpy())
    done = call("funit", "--unseen=lynx", dataset=folder, run_dir=run, **FLAGS)
    assert done.returncode == 0, done.stderr
    assert "1 that training does not see: lynx" in done.stdout and "diversity" in done.stdout
    words = {"run_dir": run, "input": folder / "cat", "output": tmp_path / "lynxes"}
    both = ",".join(f"@{folder / 'lynx' / name}" for name in ("2.png", "5.png"))
    done = call("generate", "--set", f"reference_bytes={both}", **words)
    assert done.returncode == 0, done.stderr
    assert tf.io.decode_png((tmp_path / "lynxes" / "0.png").read_bytes()).shape == (16, 16, 3)
    done = call("funit", dataset=folder, run_dir=tmp_path / "other", **FLAGS)
    assert done.returncode == 1 and "no class is unseen. Say --unseen" in done.stderr
