"""The base keeps its promises for a game with noise, and where only the base is asked."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tests.tiny_gan import Points, TinyGAN


class TestTinyGAN(ModelTestCase):
    deterministic = False

    def build(self, **kwargs):
        model = TinyGAN()
        model.compile(**kwargs)
        return model

    def data(self):
        return Points()

    def serving(self, model):
        return None


def test_no_optimizer_of_keras_own():
    assert TestTinyGAN().build().optimizer is None


def test_optimizers_are_built_with_their_players_variables():
    model = TestTinyGAN().build()
    for player in model.players():
        slots = 2 * len(model.variables_of(player))  # Adam's two moments
        assert len(model.optimizer_of(player).variables) == slots + 2  # its step and its rate


def test_a_missing_optimizer_is_named():
    with pytest.raises(ValueError, match="Received: .*'painter_optimizer'"):
        TestTinyGAN().build(painter_optimizer="sgd")


def test_a_shared_optimizer_is_refused():
    shared = keras.optimizers.SGD()
    with pytest.raises(ValueError, match="an optimizer object per player"):
        TestTinyGAN().build(discriminator_optimizer=shared, generator_optimizer=shared)


def test_gradients_are_averaged_over_replicas(two_cpus):
    """SGD does not hide a factor, as Adam does: the sum of 2 replicas' gradients is their mean."""

    def step(model):
        real = tf.ones((2, 2))
        model.update("discriminator", lambda: (tf.reduce_mean(model.discriminator(real)), None))

    moves = []
    for strategy in (tf.distribute.get_strategy(), two_cpus):
        keras.utils.set_random_seed(0)
        with strategy.scope():
            model = TinyGAN()
            model.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
        before = np.array(model.discriminator.trainable_variables[0])
        strategy.run(tf.function(step), args=(model,))
        moves.append(np.array(model.discriminator.trainable_variables[0]) - before)
    np.testing.assert_allclose(moves[0], moves[1], rtol=1e-5)


def test_clipping_is_that_of_the_global_gradient(two_cpus):
    """Replica 0 has a large gradient, replica 1 nearly its opposite: the sum is small."""

    def step(model):
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        slope = tf.where(tf.equal(replica, 0), 100.0, -99.0)
        bias = model.discriminator.trainable_variables[-1].value
        model.update("discriminator", lambda: (slope * tf.reduce_sum(bias), None), clip_value=2.0)

    with two_cpus.scope():
        model = TinyGAN()
        model.compile(keras.optimizers.SGD(1.0), keras.optimizers.SGD(1.0))
    before = np.array(model.discriminator.trainable_variables[-1])
    two_cpus.run(tf.function(step), args=(model,))
    after = np.array(model.discriminator.trainable_variables[-1])
    np.testing.assert_allclose(before - after, [0.5], rtol=1e-5)  # the mean of 100 and -99


def test_draws_are_a_function_of_seed_name_and_step():
    model = TestTinyGAN().build()

    def draw(name):
        return tuple(model.draw_seed(name).numpy())

    first = draw("noise")
    assert draw("noise") == first
    assert draw("mask") != first
    model.step.assign(1)
    assert draw("noise") != first
    model.step.assign(0)
    assert draw("noise") == first
    model.seed = 1
    assert draw("noise") != first


def test_the_same_seed_for_all_replicas_on_request(two_cpus):
    with two_cpus.scope():
        model = TestTinyGAN().build()
    seeds = two_cpus.run(lambda: model.draw_seed("pool", per_replica=False))
    a, b = two_cpus.experimental_local_results(seeds)
    np.testing.assert_array_equal(a, b)


@keras.saving.register_keras_serializable(package="tests")
class TinyPhases(TinyGAN):
    """Two steps of the discriminator, one of the generator; the sixth is of both."""

    def phase_at(self, step):
        return "both" if step == 5 else ["discriminator", "discriminator", "generator"][step % 3]

    def train_step(self, real):
        noise = tf.random.stateless_normal((tf.shape(real)[0], 4), self.draw_seed("noise"))
        if self.phase != "generator":
            self.update("discriminator", lambda: (self.discriminator_loss(real, noise), None))
        if self.phase != "discriminator":
            self.update("generator", lambda: (self.generator_loss(noise), None))
        return self.finish_step()


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_a_step_does_what_its_phase_says(run_eagerly):
    model = TinyPhases()
    model.compile(run_eagerly=run_eagerly)
    moved, reported = [], []

    class Record(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.before = {p: np.array(model.variables_of(p)[0]) for p in model.players()}

        def on_train_batch_end(self, batch, logs=None):
            players = model.players()
            moved.append([p for p in players if (self.before[p] != model.variables_of(p)[0]).any()])
            reported.append(sorted(logs))

    options = {"epochs": 2, "steps_per_epoch": 3, "shuffle": False, "callbacks": [Record()]}
    history = model.fit(Points().train(), **options)
    both, first = ["discriminator", "generator"], ["discriminator"]
    assert moved == [first, first, ["generator"], first, first, both]
    of_first, of_all = ["discriminator_loss", "score"], [*_losses(both), "score"]
    assert reported == [of_first, of_first, of_all] * 2
    assert sorted(history.history) == of_all


def test_what_an_evaluation_tracks_is_not_reported_as_trained():
    model = TinyPhases()
    model.compile()
    fit = {"epochs": 1, "steps_per_epoch": 2, "shuffle": False, "verbose": 0}
    model.fit(Points().train(), **fit)
    model.test_step = lambda data: model.track(generator_loss=1.0) or model.results()
    model.evaluate(Points().test(), verbose=0)
    model.step.assign(0)
    assert sorted(model.fit(Points().train(), **fit).history) == ["discriminator_loss", "score"]


def test_several_steps_in_one_call_cannot_have_phases():
    with pytest.raises(ValueError, match="steps_per_execution must be 1 .* Received: .*=2"):
        TinyPhases().compile(steps_per_execution=2)


def _losses(players):
    return [f"{player}_loss" for player in players]


def test_reported_values_are_means_over_the_epoch():
    model = TestTinyGAN().build(run_eagerly=True)
    scores = []
    record = keras.callbacks.LambdaCallback(
        on_train_batch_begin=lambda batch, logs: scores.append(score(model, batch))
    )
    data = Points()
    batches = list(data.train().take(3))

    def score(model, batch):
        return float(tf.reduce_mean(model.discriminator(batches[batch])))

    history = model.fit(
        data.train(), steps_per_epoch=3, callbacks=[record], verbose=0, shuffle=False
    )
    np.testing.assert_allclose(history.history["score"][0], np.mean(scores), rtol=1e-5)


def test_a_model_that_was_not_compiled_is_saved_too(tmp_path):
    model = TinyGAN()
    model.save(tmp_path / "tiny.keras")
    loaded = keras.saving.load_model(tmp_path / "tiny.keras")
    assert not loaded.compiled
    for found, expected in zip(loaded.weights, model.weights, strict=True):
        np.testing.assert_array_equal(found, expected)
