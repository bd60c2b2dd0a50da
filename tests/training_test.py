import json
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import differing, state
from tests.tiny_gan import Points, TinyGAN
from tfgan_apps import training
from tfgan_apps.callbacks import NonFiniteError
from tfgan_apps.checkpoints import Checkpoints


def build(**kwargs):
    model = TinyGAN()
    model.compile(run_eagerly=True, **kwargs)
    return model


def run(run_dir, epochs=2, build=build, callbacks=(), **options):
    options = training.RunOptions(str(run_dir), epochs, samples=2, **options)
    return training.run(build, Points(), options, extra_callbacks=callbacks)


class SignalAt(keras.callbacks.Callback):
    def __init__(self, step, number):
        super().__init__()
        self.step, self.number = step, number

    def on_train_batch_begin(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            signal.raise_signal(self.number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("step", [1, 2, 4])
def test_a_signal_saves_and_the_run_goes_on_from_there(tmp_path, number, step):
    unbroken = run(tmp_path / "unbroken")
    with pytest.raises(SystemExit) as stopped:
        run(tmp_path / "stopped", callbacks=[SignalAt(step, number)])
    assert stopped.value.code == 128 + number
    assert Checkpoints(tmp_path / "stopped" / "checkpoints").steps()[-1] == step + 1
    resumed = run(tmp_path / "stopped")
    assert differing(state(unbroken), state(resumed)) == []


def test_a_finished_run_does_nothing(tmp_path):
    done = run(tmp_path)
    lines = (tmp_path / "metrics.jsonl").read_text()
    again = run(tmp_path)
    assert differing(state(done), state(again)) == []
    assert (tmp_path / "metrics.jsonl").read_text() == lines


def test_a_longer_run_is_another_run_only_if_the_settings_say_so(tmp_path):
    run(tmp_path, epochs=1, settings={"epochs": 1})
    with pytest.raises(training.RunDirectoryError, match="epochs: was 1, now 2"):
        run(tmp_path, epochs=2, settings={"epochs": 2})
    run(tmp_path / "free", epochs=1)
    assert int(run(tmp_path / "free", epochs=2).step.numpy()) == 6


def test_a_run_goes_on_with_its_text_encoder_alone(tmp_path):
    def train(encoder, epochs=1):
        data, options = Points(), training.RunOptions(str(tmp_path), epochs, samples=2)
        data.encoder = encoder
        return training.run(build, data, options)

    def encoder(*numbers):
        return lambda text, training: tf.ones((len(text), 1)) * tf.constant([numbers])

    train(encoder(0.0, -8.0))
    train(encoder(0.1, -8.1), epochs=2)  # rounding on another machine, at most
    for other in (encoder(0.0, 8.0), encoder(0.3, -8.0), encoder(0.0, -8.0, 1.0), None):
        message = "another text encoder: .* Restore the encoder, or use another run directory"
        with pytest.raises(training.RunDirectoryError, match=message):
            train(other, epochs=2)


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_checkpoint(tmp_path):
    def explode():
        names = ("discriminator_optimizer", "generator_optimizer")
        return build(**{name: keras.optimizers.SGD(1e38) for name in names})

    with pytest.raises(NonFiniteError, match="at step .* in epoch 1"):
        run(tmp_path, build=explode, checkpoint_steps=1)
    for step in Checkpoints(tmp_path / "checkpoints").steps():
        model = explode()
        path = Checkpoints(tmp_path / "checkpoints").path(step)
        model.load_weights(f"{path}/model.weights.h5")
        assert all(np.isfinite(v).all() for v in state(model).values())


def test_held_out_metrics_mark_the_best_checkpoint(tmp_path):
    values = iter([2.0, 1.0, 3.0])
    options = training.RunOptions(str(tmp_path), 3, samples=2, monitor="error")
    training.run(build, Points(), options, evaluate=lambda model: lambda: {"error": next(values)})
    best = Checkpoints(tmp_path / "checkpoints").best()
    assert (best["value"], best["epoch"]) == (1.0, 2)
    lines = [json.loads(x) for x in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line["error"] for line in lines] == [2.0, 1.0, 3.0]


def test_initial_weights_are_a_function_of_the_seed():
    def first(seed):
        options = training.RunOptions("unused", 1, seed=seed)
        return np.array(training.build(build, options).generator.trainable_variables[0])

    np.testing.assert_array_equal(first(1), first(1))
    assert not np.array_equal(first(1), first(2))


def test_strategies():
    assert training.make_strategy("one") is tf.distribute.get_strategy()
    assert training.make_strategy("mirrored").num_replicas_in_sync == 2
    with pytest.raises(ValueError, match="strategy must be one of .*Received: 'many'"):
        training.make_strategy("many")
