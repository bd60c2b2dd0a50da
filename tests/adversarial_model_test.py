"""The base keeps its promises for a game with noise, and where only the base is asked."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import KillTestCase, ModelTestCase, differing, state, values
from tests.tiny_gan import Points, TinyGAN


class TestTinyGAN(KillTestCase, ModelTestCase):
    def build(self, **kwargs):
        model = TinyGAN()
        model.compile(**kwargs)
        return model

    def data(self):
        return Points()

    def serving(self, model):
        return None


def sgd(rate):
    return {f"{p}_optimizer": keras.optimizers.SGD(rate) for p in ("discriminator", "generator")}


def test_no_optimizer_of_keras_own():
    assert not isinstance(TestTinyGAN().build().optimizer, keras.optimizers.Optimizer)


def test_optimizers_are_built_with_their_players_variables():
    model = TestTinyGAN().build()
    for player in model.players():
        slots = 2 * len(model.variables_of(player))  # Adam's two moments
        assert len(model.optimizer_of(player).variables) == slots + 2  # its step and its rate


def test_a_model_has_sums_in_a_fixed_order():
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": True})
    TinyGAN()
    assert tf.config.optimizer.get_experimental_options()["arithmetic_optimization"] is False


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
            model.compile(**sgd(0.1))
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
        model.compile(**sgd(1.0))
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


def test_replicas_draw_what_one_device_draws(two_cpus):
    def draw(count):
        return model.draw(tf.random.stateless_uniform, "noise", count, (3,), batch)

    with two_cpus.scope():
        model = TestTinyGAN().build()
    found = {}
    for batch in (None, 0, 1):
        one = draw(4).numpy()
        two = two_cpus.experimental_local_results(two_cpus.run(draw, args=(2,)))
        np.testing.assert_array_equal(one, np.concatenate(two))
        assert len(np.unique(one)) == one.size
        found[batch] = one
    assert not np.isin(found[0], found[1]).any() and not np.isin(found[None], found[0]).any()


@keras.saving.register_keras_serializable(package="tests")
class TinyPhases(TinyGAN):
    """Two steps of the discriminator, one of the generator; the sixth is of both."""

    def phase_at(self, step):
        return "both" if step == 5 else ["discriminator", "discriminator", "generator"][step % 3]

    def train_step(self, real):
        noise = self.draw(tf.random.stateless_normal, "noise", tf.shape(real)[0], (4,))
        if self.phase != "generator":
            self.update("discriminator", lambda: (self.discriminator_loss(real, noise), None))
        if self.phase != "discriminator":
            self.update("generator", lambda: (self.generator_loss(noise), None))
        return self.finish_step()


class TestTinyPhases(KillTestCase):
    def build(self, **kwargs):
        model = TinyPhases()
        model.compile(**kwargs)
        return model

    def data(self):
        return Points()


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


@keras.saving.register_keras_serializable(package="tests")
class TinySums(TinyGAN):
    """Players with losses whose gradients are known: each other's product with its own bias."""

    def biases(self):
        return [self.variables_of(p)[-1].value[0] for p in ("discriminator", "generator")]

    def anything(self, player):  # that has a gradient for all variables of a player, 0
        return sum(0.0 * tf.reduce_sum(v.value) for v in self.variables_of(player))

    def together(self):
        def discriminator_loss():
            d, g = self.biases()
            return d * g + self.anything("discriminator"), d

        def generator_loss():
            d, g = self.biases()
            return -3.0 * d * g + self.anything("generator"), g

        losses = {"discriminator": discriminator_loss, "generator": generator_loss}
        return self.update_together(losses)

    def discriminator_move(self, fake):
        on_real, on_fake = self.discriminator(tf.ones((2, 2))), self.discriminator(fake)
        return tf.reduce_mean(on_real - on_fake), 7

    def nested(self):
        def generator_loss():
            fake = self.generator(tf.ones((2, 4)))
            inner = tf.stop_gradient(fake)
            assert self.update("discriminator", lambda: self.discriminator_move(inner)) == 7
            return tf.reduce_mean(self.discriminator(fake)), fake

        return self.update("generator", generator_loss)

    def one_after_the_other(self):
        fake = self.generator(tf.ones((2, 4)))
        self.update("discriminator", lambda: self.discriminator_move(fake))

        def generator_loss():
            return tf.reduce_mean(self.discriminator(self.generator(tf.ones((2, 4))))), None

        self.update("generator", generator_loss)
        return fake


def test_moves_together_do_not_see_each_other():
    model = TinySums()
    model.compile(**sgd(0.1))
    for player, start in (("discriminator", 2.0), ("generator", 5.0)):
        bias = model.variables_of(player)[-1]
        bias.assign(tf.fill(bias.shape, start))
    extras = tf.function(model.together)()
    biases = {p: float(model.variables_of(p)[-1][0]) for p in model.players()}
    assert biases == pytest.approx({"discriminator": 2 - 0.1 * 5, "generator": 5 + 0.1 * 3 * 2})
    assert {player: float(value) for player, value in extras.items()} == {
        "discriminator": 2.0,
        "generator": 5.0,
    }


def test_a_move_inside_another_one_reuses_what_was_generated(two_cpus):
    """The generator's gradient is through the discriminator that has moved, also on replicas."""
    found, fakes = [], []
    one = tf.distribute.get_strategy()
    for strategy, way in ((one, "one_after_the_other"), (one, "nested"), (two_cpus, "nested")):
        keras.utils.set_random_seed(0)
        with strategy.scope():
            model = TinySums()
            model.compile(**sgd(0.1))
        fake = strategy.run(tf.function(getattr(model, way)))
        fakes.append(strategy.experimental_local_results(fake)[0].numpy())
        found.append(values(model.trainable_variables))
    for other in (1, 2):
        np.testing.assert_allclose(fakes[0], fakes[other], rtol=1e-5)
        for a, b in zip(found[0], found[other], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_an_average_follows_and_what_counts_is_copied(two_cpus):
    layers = [keras.Sequential([keras.layers.Dense(2), keras.layers.Dropout(0.5)]) for _ in "ab"]
    with two_cpus.scope():
        model = TestTinyGAN().build()
        for layer in layers:
            layer.build((None, 3))
    old, new = layers
    start, target = values(old.weights), values(new.weights)
    two_cpus.run(tf.function(lambda: model.follow(old, new, 0.75)))
    for a, b, found in zip(start, target, values(old.weights), strict=True):
        expected = 0.75 * a + 0.25 * b if a.dtype.kind == "f" else b
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_one_batch_by_hand_is_a_step_of_fit():
    data = Points()
    batches = list(data.train().take(2))
    models = []
    for _ in range(2):
        keras.utils.set_random_seed(0)
        models.append(TestTinyGAN().build())
    by_hand, fitted = models
    found = [by_hand.train_on_batch(batch.numpy(), return_dict=True) for batch in batches]
    assert sorted(found[0]) == ["discriminator_loss", "generator_loss", "score"]
    fitted.fit(data.train(), steps_per_epoch=2, shuffle=False, verbose=0)
    assert differing(state(by_hand), state(fitted)) == []


@pytest.mark.parametrize("name", ["sample_weight", "class_weight"])
def test_weights_of_examples_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be None.* Received: {name}=1"):
        TestTinyGAN().build().train_on_batch(tf.zeros((4, 2)), **{name: 1})


def test_what_keras_cannot_save_is_refused(tmp_path):
    with pytest.raises(ValueError, match="filepath must be a .keras file.* Received: .*tiny.h5"):
        TinyGAN().save(tmp_path / "tiny.h5")
    with pytest.raises(ValueError, match="format must be one of .* Received: format='onnx'"):
        TinyGAN().export(tmp_path / "tiny", format="onnx")


def test_a_loaded_model_asks_xla_of_its_own_device(tmp_path):
    TestTinyGAN().build().save(tmp_path / "auto.keras")
    loaded = keras.saving.load_model(tmp_path / "auto.keras")
    assert loaded.get_compile_config()["jit_compile"] == "auto"


def test_networks_are_built_under_the_saved_policy(tmp_path):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        TinyGAN().save(tmp_path / "half.keras")
    finally:
        keras.config.set_dtype_policy("float32")
    loaded = keras.saving.load_model(tmp_path / "half.keras")
    assert loaded.generator.layers[1].compute_dtype == "float16"
    assert keras.config.dtype_policy().name == "float32"


def test_a_number_that_no_optimizer_would_have_is_refused():
    with pytest.raises(ValueError, match="paper's: .*learning_rate.* Received: .*rate"):
        TinyGAN().compile(rate=1.0)


@pytest.mark.parametrize("given", [((3,), {}), ((), {"seed": 3})])
def test_what_the_constructor_is_given_is_its_config(given):
    """By its place or by its name; Keras' own record would be of the defaults."""
    args, kwargs = given
    config = TinyGAN(*args, **kwargs).get_config()
    assert config["seed"] == 3
    assert TinyGAN.from_config(config).seed == 3


def test_channels_first_are_refused():
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match="image_data_format must be channels_last. Received"):
            TinyGAN()
    finally:
        keras.config.set_image_data_format("channels_last")
