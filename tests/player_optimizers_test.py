"""Callbacks of Keras find the optimizers of all players."""

import io

import keras
import pytest

from tests.tiny_gan import Points, TinyGAN

RATES = {"discriminator": 0.1, "generator": 0.2}


@pytest.fixture
def model():
    made = TinyGAN()
    optimizers = {f"{player}_optimizer": keras.optimizers.SGD(r) for player, r in RATES.items()}
    made.compile(run_eagerly=True, **optimizers)
    return made


def fit(model, *callbacks):
    options = {"epochs": 3, "shuffle": False, "verbose": 0}
    return model.fit(Points().train().take(1), callbacks=list(callbacks), **options).history


def test_learning_rates_of_all_players_are_scheduled_and_logged_by_name(model):
    history = fit(model, keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2))
    for player, rate in RATES.items():
        assert history[f"learning_rate_{player}"] == pytest.approx([rate / 2, rate / 4, rate / 8])
        assert float(model.optimizer_of(player).learning_rate) == pytest.approx(rate / 8)


def test_learning_rates_fall_on_a_plateau(model):
    never = {"monitor": "score", "mode": "min", "min_delta": 1e6}
    fit(model, keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=1, **never))
    for player, rate in RATES.items():
        assert float(model.optimizer_of(player).learning_rate) == pytest.approx(rate / 100)


def test_a_schedule_of_the_optimizer_is_not_overwritten():
    model = TinyGAN()
    model.compile(learning_rate=keras.optimizers.schedules.CosineDecay(0.1, 10))
    with pytest.raises(TypeError, match="learning rate is not settable"):
        fit(model, keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate))


def test_what_is_shown_counts_all_optimizers(model, tmp_path):
    fit(model, keras.callbacks.TensorBoard(tmp_path, write_steps_per_second=True))
    assert int(model.optimizer.iterations) == 3
    shown = io.StringIO()
    model.summary(print_fn=lambda line: shown.write(f"{line}\n"))
    assert "Optimizer params: 4 " in shown.getvalue()  # a step and a rate of each
