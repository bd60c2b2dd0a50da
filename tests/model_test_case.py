"""The promises that every system keeps; a system's test declares itself and inherits the checks.

    class CycleGANTest(ModelTestCase):
        def build(self, **kwargs): ...   # tiny, compiled; kwargs are those of compile()
        def data(self): ...              # an IndexedData with test examples

Run as a program it trains such a system, to be killed on the way (see `test_kill_and_resume`).
"""

import functools
import importlib
import json
import os
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.serving import c_program
from tfgan_apps import strategies, training
from tfgan_apps.checkpoints import Checkpoints, load_weights
from tfgan_apps.serving import export

EPOCHS = 2


class ResumeTestCase:
    """Checks of one promise, for systems whose phases are to be resumed one by one."""

    stopped, ended = 2, 3  # after a step all state is compared: what is equal then stays equal

    def build(self, **kwargs):
        """Returns the tiny system, compiled with `kwargs`; its pools are full at once."""
        raise NotImplementedError

    def data(self):
        """Returns an `IndexedData` of at least 3 steps an epoch and an even batch size."""
        raise NotImplementedError

    def test_goes_on_as_if_never_stopped(self, tmp_path):
        """N steps = k steps + a checkpoint, or `.keras` file + (N - k) steps, to the bit."""
        data = self.data()
        unbroken = self._seeded()
        self._fit(unbroken, data, 0, self.stopped)
        checkpoints = Checkpoints(str(tmp_path / "checkpoints"))
        checkpoints.save(unbroken)
        unbroken.save(tmp_path / "model.keras")
        resumed, loaded = self.build(run_eagerly=True), load_model(tmp_path / "model.keras")
        assert checkpoints.restore(resumed) == self.stopped
        for model in (unbroken, resumed, loaded):
            self._fit(model, data, self.stopped, self.ended - self.stopped)
        assert int(unbroken.step) == self.ended
        assert differing(state(unbroken), state(resumed)) == []
        assert differing(state(unbroken), state(loaded)) == []

    def _seeded(self, run_eagerly=True, **kwargs):
        keras.utils.set_random_seed(0)
        return self.build(run_eagerly=run_eagerly, **kwargs)

    def _optimizers(self, learning_rate):
        """Returns gradient descent for each player."""
        names = [f"{player}_optimizer" for player in _players(type(self))]
        return {name: keras.optimizers.SGD(learning_rate) for name in names}

    def _fit(self, model, data, start_step, steps):
        model.fit(data.train(start_step), steps_per_epoch=steps, shuffle=False, verbose=0)


class KillTestCase(ResumeTestCase):
    """The same through `training.run`, in processes that are killed: for what the base holds."""

    def test_kill_and_resume(self, tmp_path):
        """N steps = k + kill -9 + resume + (N - k) steps, to the bit, at an odd place."""
        steps = EPOCHS * self.data().steps_per_epoch
        unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
        assert self._train(unbroken).returncode == 0
        killed = self._train(broken, kill_at_step=steps // 2 + 1)
        assert killed.returncode == -signal.SIGKILL
        assert 0 < Checkpoints(broken / "checkpoints").steps()[-1] <= steps // 2 + 1
        resumed = self._train(broken)
        assert resumed.returncode == 0
        assert "goes on after step" in resumed.stdout
        expected, found = (self._final_state(run) for run in (unbroken, broken))
        assert int(expected["step"]) == steps
        assert differing(expected, found) == []

    def _train(self, run_dir, kill_at_step=-1):
        case = type(self)
        program = [
            sys.executable,
            "-m",
            "tests.model_test_case",
            f"{case.__module__}:{case.__name__}",
        ]
        return subprocess.run(
            [*program, str(run_dir), str(kill_at_step)],
            capture_output=True,
            text=True,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )

    def _final_state(self, run_dir):
        model = self.build()
        checkpoints = Checkpoints(run_dir / "checkpoints")
        load_weights(model, str(checkpoints.path(checkpoints.steps()[-1])) + "/model.weights.h5")
        return state(model)


class ModelTestCase(ResumeTestCase):
    """Checks of the base's promises for one system.

    Attributes:
        round: int, training steps in which every player moves.
        replicas_rate: float, at which weights move by more than 1e-4 in two of them.
    """

    round = 1
    replicas_rate = 1e-3

    def serving(self, model):
        """Returns what the model serves, or None for a system that serves nothing yet."""
        return model.serving()

    def test_each_player_changes_only_its_own_networks(self):
        data, model = self.data(), self._seeded(**self._optimizers(1e-2))
        start = values(model.weights)
        for mover, networks in model.players().items():
            for player in model.players():
                model.optimizer_of(player).learning_rate = 1e-2 if player == mover else 0.0
            for weight, value in zip(model.weights, start, strict=True):
                weight.assign(value)
            before = {p: values(model.variables_of(p)) for p in model.players()}
            self._fit(model, data, 0, self.round)
            names = {network.name for network in networks}
            for player, others in model.players().items():
                after = values(model.variables_of(player))
                changed = [
                    not np.array_equal(a, b) for a, b in zip(before[player], after, strict=True)
                ]
                # Two players may train one network, each in its phase.
                assert any(changed) == any(n.name in names for n in others), (mover, player)

    def test_two_replicas_equal_one_device(self, two_cpus):
        """The same global batch gives the same update, learning rates and all; so does a graph."""
        data = self.data()
        before, one = self._train_with(tf.distribute.get_strategy(), data, run_eagerly=True)
        start, two = self._train_with(two_cpus, data)
        for a, b in zip(before, start, strict=True):
            np.testing.assert_array_equal(a, b)
        moved = max(np.abs(a - b).max() for a, b in zip(one, before, strict=True))
        apart = max(np.abs(a - b).max() for a, b in zip(one, two, strict=True))
        assert moved > 1e-4
        assert apart < 1e-3 * moved, (apart, moved)

    def _train_with(self, strategy, data, steps=2, **kwargs):
        optimizers = self._optimizers(self.replicas_rate)
        keras.utils.set_random_seed(0)
        with strategy.scope():
            model = self.build(**optimizers, **kwargs)
        before = values(model.trainable_variables)
        model.fit(
            strategies.distributed(data, strategy, 0),
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
        )
        return before, values(model.trainable_variables)

    @pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
    def test_mixed_precision_stays_finite_and_is_saved(self, policy, tmp_path):
        keras.mixed_precision.set_global_policy(policy)
        try:
            model = self._seeded(run_eagerly=policy == "mixed_bfloat16")
        finally:
            keras.mixed_precision.set_global_policy("float32")
        scaled = keras.optimizers.LossScaleOptimizer
        for player in model.players():
            half = policy == "mixed_float16"
            assert isinstance(model.optimizer_of(player), scaled) == half
        # Loss scaling skips steps until the scale, halved each time, fits the gradients.
        self._learns(model, steps=12 if half else max(2, self.round))
        model.save(tmp_path / "model.keras")
        assert policies(load_model(tmp_path / "model.keras")) == policies(model)

    def test_jit_compile_stays_finite(self):
        model = self._seeded(run_eagerly=False, jit_compile=True)
        self._learns(model, steps=max(2, self.round))

    def _learns(self, model, steps):
        before = values(model.trainable_variables)
        self._fit(model, self.data(), 0, steps)
        after = values(model.trainable_variables)
        assert all(np.isfinite(value).all() for value in after)
        assert any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))

    def test_exported_model_is_the_model(self, request, tmp_path):
        """The export's own gate compares with `predict`; here fresh loads answer a request."""
        served = self.serving(self._seeded())
        if served is None:
            pytest.skip("serves nothing")
        path = export.export_saved_model(served, str(tmp_path / "model"))
        loaded = tf.saved_model.load(path)
        for name, asked in served.examples(2).items():
            found = served.read(loaded.signatures[name](**tensors(asked)))
            for output, expected in served.predict(name, asked).items():
                if expected.dtype.kind == "f":
                    rounding = 0.51 if found[output][0].dtype == np.uint8 else 1e-4
                    np.testing.assert_allclose(np.stack(found[output]), expected, 1e-4, rounding)
                else:
                    np.testing.assert_array_equal(np.stack(found[output]), expected)
        # TensorFlow's own loader in a C program, without Python, gives the same bytes.
        program = request.getfixturevalue("program")
        asked = served.examples(2)["serving_default"]
        lists = {key: value.tolist() for key, value in asked.items()}
        for output, expected in loaded.signatures["serving_default"](**tensors(asked)).items():
            found = c_program.run(program, path, "serving_default", lists, output)
            rows = [r if isinstance(r, bytes) else r.tobytes() for r in expected.numpy()]
            assert found == rows

    def test_config_and_json_round_trip(self):
        model = self.build()
        text = json.dumps(keras.saving.serialize_keras_object(model))
        again = keras.saving.deserialize_keras_object(json.loads(text), safe_mode=False)
        assert json.dumps(again.get_config()) == json.dumps(model.get_config())
        shapes = [[w.shape for w in each.weights] for each in (model, again)]
        assert shapes[0] == shapes[1]


@functools.cache
def _players(case):
    """Returns the names of the players of a case's system."""
    return list(case().build().players())


def parameters(model):
    """Returns how many trainable parameters each player has."""
    return [sum(np.prod(v.shape) for v in model.variables_of(p)) for p in model.players()]


def load_model(path):
    """Returns the model of a `.keras` file."""
    return keras.saving.load_model(path)


def policies(model):
    """Returns the dtype policies of all layers of a model's networks, in order."""
    networks = {id(net): net for nets in model.players().values() for net in nets}
    return [
        layer.dtype_policy.name
        for network in networks.values()
        for layer in network._flatten_layers()
    ]


def tensors(request):
    """Returns a request's arrays as tensors."""
    return {key: tf.constant(value) for key, value in request.items()}


def values(variables):
    """Returns copies of the variables' values."""
    return [np.array(v) for v in variables]


def state(model):
    """Returns name -> value of all that a model remembers: weights, pools, optimizers, the step."""
    found = {f"{i}/{v.path}": np.array(v) for i, v in enumerate(model.weights)}
    for player in model.players():
        variables = model.optimizer_of(player).variables
        found |= {f"{player}/{i}/{v.path}": np.array(v) for i, v in enumerate(variables)}
    return found | {"step": np.array(model.step)}


def differing(expected, found):
    """Returns the names of the values that are not equal to the bit.

    Keras numbers layers through the process, so the states are compared in order.
    """
    pairs = zip(expected.items(), found.values(), strict=True)
    return [name for (name, a), b in pairs if not np.array_equal(a, b)]


class KillAtStep(keras.callbacks.Callback):
    """Kills this process, as a power cut would."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step.numpy()) == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


def main(case, run_dir, kill_at_step):
    module, name = case.split(":")
    test = getattr(importlib.import_module(module), name)()
    options = training.RunOptions(run_dir, EPOCHS, checkpoint_steps=2, samples=2)
    training.run(
        test.build,
        test.data(),
        options,
        extra_callbacks=[KillAtStep(int(kill_at_step))],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
