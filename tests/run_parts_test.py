"""What a run lacks is said before it trains; see own_gan_test.py for a game's methods."""

import pytest
import tensorflow as tf

from tests.tiny_gan import Points, TinyGAN
from tfgan_apps import training


def compiled(serving=None):
    model = TinyGAN()
    model.compile()
    model.serving = serving or model.serving
    return model


def comparing():
    model = compiled()
    model.least_batch = 5
    return model


@pytest.mark.parametrize(
    ("build", "data", "message"),
    [
        (TinyGAN, Points(), "build_model must be .*compiled AdversarialModel. Received: .*TinyGAN"),
        (lambda: None, Points(), "build_model must be .* Received: build_model=None"),
        (compiled, tf.data.Dataset.range(3), r"data must be of input_pipelines, as from_arrays"),
        (compiled, Points(), r"TinyGAN must have a method serving\(...\): Returns what a server"),
        (comparing, Points(), "batch_size must be at least 5, .* Received: batch_size=4"),
        (lambda: compiled(dict), Points(), "serving must be a ServedModel .* Received: serving={}"),
    ],
)
def test_what_is_missing_is_named(tmp_path, build, data, message):
    options = training.RunOptions(str(tmp_path / "run"), 1, saved_model=str(tmp_path / "saved"))
    with pytest.raises(ValueError, match=message):
        training.run(build, data, options)
    assert not list(tmp_path.glob("run/checkpoints/*")) and not (tmp_path / "saved").exists()
