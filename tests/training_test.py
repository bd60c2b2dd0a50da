import contextlib
import json
import re
import signal

import keras
import numpy as np
import pytest

from tests.model_test_case import differing, state
from tests.tiny_gan import Points, TinyGAN
from tfgan_apps import training
from tfgan_apps.callbacks import NonFiniteError
from tfgan_apps.checkpoints import Checkpoints
from tfgan_apps.run_directory import RunDirectory, RunDirectoryError


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


def test_means_of_an_interrupted_epoch_are_of_all_its_steps_and_replicas(tmp_path, two_cpus):
    def means(name, stop):
        options = training.RunOptions(str(tmp_path / name), 1, samples=2, checkpoint_steps=1)
        for callbacks in [[SignalAt(1, signal.SIGTERM)]] * stop + [[]]:
            with contextlib.suppress(SystemExit):
                training.run(build, Points(), options, two_cpus, extra_callbacks=callbacks)
        (line,) = map(json.loads, (tmp_path / name / "metrics.jsonl").read_text().splitlines())
        return {name: line[name] for name in ("generator_loss", "score")}

    def build():
        model = TinyGAN()
        model.compile()  # replicas need a graph
        return model

    assert means("stopped", stop=1) == means("unbroken", stop=0)


def test_a_finished_run_does_nothing(tmp_path):
    done = run(tmp_path)
    lines = (tmp_path / "metrics.jsonl").read_text()
    again = run(tmp_path)
    assert differing(state(done), state(again)) == []
    assert (tmp_path / "metrics.jsonl").read_text() == lines


def test_a_run_may_be_given_more_epochs_and_not_fewer(tmp_path):
    run(tmp_path, epochs=1, settings={"epochs": 1})
    longer = run(tmp_path, epochs=2, settings={"epochs": 2})
    assert differing(state(longer), state(run(tmp_path / "at_once", epochs=2))) == []
    with pytest.raises(RunDirectoryError, match="epochs: was 2, now 1"):
        run(tmp_path, epochs=1, settings={"epochs": 1})


class FirstWeights(keras.callbacks.Callback):
    """Keeps the step and the networks' weights that training begins with."""

    def on_train_begin(self, logs=None):
        self.step = int(self.model.step.numpy())
        self.weights = weights_of(self.model)


def weights_of(model):
    return [w for networks in model.players().values() for n in networks for w in n.get_weights()]


def test_a_new_run_starts_from_the_weights_of_another_run_or_of_a_file(tmp_path):
    before = run(tmp_path / "before", epochs=1)
    before.save(tmp_path / "before.keras")
    for name in ("before", "before.keras"):
        first, again = FirstWeights(), FirstWeights()
        given = {"init_from": str(tmp_path / name), "epochs": 1}
        run(tmp_path / f"after_{name}", callbacks=[first], **given)
        assert first.step == 0
        assert all(map(np.array_equal, first.weights, weights_of(before)))
        run(tmp_path / f"after_{name}", callbacks=[again], **{**given, "epochs": 2})
        assert again.step == 3  # it goes on, and does not start from there once more


def test_a_start_from_something_else_is_refused_before_data_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(Points, "check", lambda self: pytest.fail("the data were read first"))
    with pytest.raises(ValueError, match="init_from must be a run directory or a .keras file"):
        run(tmp_path / "run", init_from=str(tmp_path / "absent"))
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]).save(tmp_path / "other.keras")
    with pytest.raises(
        ValueError, match="networks of this run, generator .* Received: .*other.keras with seq"
    ):
        run(tmp_path / "run", init_from=str(tmp_path / "other.keras"))


class Meant(Points):
    """Points that mean something."""

    meaning = {}

    def __init__(self, **meaning):
        super().__init__()
        self.meaning = meaning


def train_on(data, run_dir, epochs=1, **options):
    return training.run(
        build, data, training.RunOptions(str(run_dir), epochs, samples=2, **options)
    )


def test_a_run_goes_on_with_what_its_data_mean_alone(tmp_path):
    train_on(Meant(encoder=[0.0, -8.0], vocabulary="a"), tmp_path)
    train_on(Meant(encoder=[0.1, -8.1], vocabulary="a"), tmp_path, 2)  # rounding elsewhere, at most
    others = ([0.0, 8.0], [0.3, -8.0], [0.0, -8.0, 1.0])
    for other in (*({"encoder": each, "vocabulary": "a"} for each in others), {"vocabulary": "a"}):
        with pytest.raises(RunDirectoryError, match="another encoder: .* Restore the encoder, or"):
            train_on(Meant(**other), tmp_path, 3)
    with pytest.raises(RunDirectoryError, match="another vocabulary"):
        train_on(Meant(encoder=[0.0, -8.0], vocabulary="b"), tmp_path, 3)


def test_a_setting_that_an_old_run_lacks_counts_as_its_default(tmp_path):
    train_on(Points(), tmp_path, settings={"old": 1})
    now = {"settings": {"old": 1, "new": 2}, "defaults": {"old": 5, "new": 2}}
    train_on(Points(), tmp_path, 2, **now)
    with pytest.raises(RunDirectoryError, match="new: was 2, now 3"):
        train_on(Points(), tmp_path, 3, **{**now, "settings": {"old": 1, "new": 3}})


def test_the_data_decide_and_not_the_path_to_them(tmp_path):
    train_on(Points(), tmp_path, settings={"dataset": "/data/points"})
    train_on(Points(), tmp_path, 2, settings={"dataset": "../points"})
    other = Points()
    other.fingerprint = "others"
    with pytest.raises(RunDirectoryError, match="dataset: was '../points', now 'others'"):
        train_on(other, tmp_path, 3, settings={"dataset": "others"})


def test_a_directory_without_a_checkpoint_belongs_to_nobody(tmp_path):
    RunDirectory(str(tmp_path)).record(build(), {"layers": 3}, Points())
    train_on(Points(), tmp_path, settings={"layers": 1})
    with pytest.raises(RunDirectoryError, match="layers: was 1, now 2"):
        train_on(Points(), tmp_path, settings={"layers": 2})


def test_a_directory_of_an_earlier_version_is_one_sentence(tmp_path):
    train_on(Points(), tmp_path)
    (tmp_path / "run.json").rename(tmp_path / "settings.json")
    with pytest.raises(RunDirectoryError, match="no run.json: it is of an earlier version"):
        train_on(Points(), tmp_path, 2)


def test_the_model_is_built_before_the_data_are_read(tmp_path):
    class Unread(Points):
        def check(self):
            raise AssertionError("the data were read")

    def too_small():
        raise ValueError("image_size must be larger")

    with pytest.raises(ValueError, match="image_size must be larger"):
        training.run(too_small, Unread(), training.RunOptions(str(tmp_path / "run"), 1))
    assert not (tmp_path / "run").exists()


def test_an_export_holds_the_run(tmp_path):
    """Nobody else trains in the directory meanwhile."""

    def exporting():
        model = build()
        model.serving = refused
        return model

    def refused():
        with RunDirectory(str(tmp_path / "run")).locked():
            pass

    with pytest.raises(RunDirectoryError, match="in use by another process"):
        run(tmp_path / "run", build=exporting, saved_model=str(tmp_path / "saved"))


def test_the_best_is_exported_only_where_there_is_one(tmp_path):
    with pytest.raises(ValueError, match="export_best must be False without a held-out metric"):
        run(tmp_path / "run", export_best=True)
    assert not (tmp_path / "run").exists()


def test_patience_and_a_monitor_need_an_evaluation_that_has_it(tmp_path):
    with pytest.raises(ValueError, match="patience must be 0 without a held-out metric"):
        run(tmp_path / "run", patience=1, monitor="error")
    options = training.RunOptions(str(tmp_path / "run"), 1, samples=2, monitor="-errors")
    with pytest.raises(ValueError, match=r"monitor must be one of \['error'\]. Rec.*'-errors'"):
        training.run(build, Points(), options, evaluate=lambda model: lambda: {"error": 1.0})


def test_what_finishes_a_run_is_in_its_checkpoint(tmp_path):
    def finish(model):
        model.generator.trainable_variables[0].assign(np.full((4, 8), 7.0))
        return True

    options = training.RunOptions(str(tmp_path), 1, samples=2)
    training.run(build, Points(), options, finish=finish)
    loaded, step = RunDirectory(str(tmp_path)).load()
    assert step == 3 and np.all(loaded.generator.get_weights()[0] == 7)


@pytest.mark.parametrize("name", ["epochs", "samples", "keep_checkpoints", "evaluate_epochs"])
def test_options_out_of_their_ranges(name):
    with pytest.raises(ValueError, match=f"{name} must be an integer >= 1. Received: {name}=0"):
        training.RunOptions("unused", **{name: 0})


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
    options = training.RunOptions(str(tmp_path), 3, samples=2, evaluate_epochs=1, monitor="error")
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


def test_a_run_begins_with_what_it_is_and_where_to_look(tmp_path, capsys):
    run(tmp_path, epochs=1, monitor="error")
    run(tmp_path, epochs=2)
    run(tmp_path, epochs=2)
    words = capsys.readouterr().out
    assert re.match(r"TinyGAN on a CPU with \d+ cores, float32\ndata: Points\n", words)
    assert "batches of 4, 3 steps per epoch" in words and f"look into {tmp_path}/samples" in words
    assert "steps: 1 epochs of 3\n" in words
    assert "steps: 2 epochs of 3; goes on after step 3, in epoch 2\n" in words
    assert "steps: 2 epochs of 3, all of them done; more epochs let it go on\n" in words
    assert "the smallest error of 4 held-out examples; with so few of them chance" in words


def test_losses_of_an_epoch_are_aligned_lines_with_the_time_left(tmp_path, capsys):
    run(tmp_path)
    first, *losses, last, _, _ = capsys.readouterr().out.splitlines()[5:]
    assert re.fullmatch(r"epoch 1/2  \d+ s, \d+ s left", first)
    assert re.fullmatch(r"epoch 2/2  \d+ s, 0 s left", last)
    number = r" +-?[\d.e-]+"
    names = f"  training discriminator_loss{number} +generator_loss{number}", f" +score{number}"
    assert all(map(re.fullmatch, names, losses))
