"""SeqGAN: the promises of every system, and the facts of its paper."""

import collections
import functools
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, ResumeTestCase
from tfgan_apps import strategies
from tfgan_apps.input_pipelines import TokenSequences
from tfgan_apps.models import Oracle, SeqGAN
from tfgan_apps.models.seqgan.networks import build_discriminator, build_generator
from tfgan_apps.models.seqgan.policy import Policy, draw, shifted
from tfgan_apps.models.seqgan.schedule import Schedule
from tfgan_apps.vocabulary import Vocabulary

TINY = {
    **{"vocabulary_size": 7, "length": 5, "embedding_size": 4, "hidden": 4, "rollouts": 3},
    **{"discriminator_embedding_size": 4, "windows": {1: 3, 3: 4}, "negatives": 8},
}


def tiny(schedule=(1, 1, 1, 1, 2), **kwargs):
    return SeqGAN(**TINY | kwargs, schedule=Schedule(*schedule))


class TinySeqGAN:
    """In a round of four steps every player moves, and the negatives are drawn."""

    schedule = (1, 1, 1, 1, 2)

    def build(self, **kwargs):
        model = tiny(self.schedule)
        model.compile(**kwargs)
        return model

    def data(self):
        tokens = np.random.default_rng(0).integers(0, 7, (16, 5), np.int32)
        return TokenSequences({"train": tokens, "test": tokens}, vocabulary_size=7, batch_size=4)


class TestSeqGAN(TinySeqGAN, ModelTestCase):
    round = 4


class TestResumeInsideLikelihood(TinySeqGAN, ResumeTestCase):
    """Killed after step 5 of 8, resumed from step 4, as in those below."""

    schedule = (6, 1, 1, 1, 2)


class TestResumeInsideDiscriminator(TinySeqGAN, ResumeTestCase):
    schedule = (1, 7, 1, 1, 7)  # what is kept was drawn before the kill


class TestResumeInsideARound(TinySeqGAN, ResumeTestCase):
    schedule = (1, 1, 1, 5, 5)


def test_parameter_counts_of_the_paper():
    assert build_generator().count_params() == 333_320
    assert build_discriminator().count_params() == 7_045_402


def test_the_published_schedule():
    schedule = Schedule()
    assert schedule.steps(0) == 18_720 + 46_800
    phases = [schedule.phase_at(step) for step in range(schedule.steps(2))]
    assert [len(list(same)) for _, same in itertools.groupby(phases)][:4] == [18_720, 1, 935, 1]
    assert phases[65_519:65_523] == ["discriminator", "generator", "negatives", "discriminator"]
    found = collections.Counter(phases)
    assert found["generator"] == 2
    assert found["negatives"] == 50 + 2 * 5
    assert found["discriminator"] == 46_800 + 2 * 4680 - 60


def test_draws_have_the_probabilities_of_the_logits():
    logits = tf.constant([[0.0, 1.0, -30.0, 2.0, 0.5, -1.0, 0.3]] * 40_000)
    uniform = tf.random.stateless_uniform((40_000,), (0, 1))
    counts = np.bincount(draw(logits, uniform), minlength=7)
    expected = 40_000 * tf.nn.softmax(logits[0]).numpy()
    assert counts[2] == 0
    assert np.all(np.abs(counts - expected) < 4.5 * np.sqrt(expected + 1e-9))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 97, 5000])
def test_a_draw_is_the_inverse_of_the_cumulated_probabilities(size):
    logits = np.random.default_rng(size).normal(size=(200, size)).astype("float32")
    uniform = np.random.default_rng(1).uniform(size=200).astype("float32")
    uniform[0], uniform[1] = 0.0, np.float32(1 - 2**-24)
    cumulated = np.cumsum(tf.nn.softmax(logits.astype("float64")), -1)
    found = draw(tf.constant(logits), tf.constant(uniform)).numpy()
    below = np.where(found > 0, np.take_along_axis(cumulated, found[:, None] - 1, 1)[:, 0], 0)
    above = np.take_along_axis(cumulated, found[:, None], 1)[:, 0]
    assert np.all((below - 1e-5 <= uniform) & (uniform <= above + 1e-5))


def test_what_has_no_probability_is_not_drawn():
    logits = tf.constant([[-np.inf, 0.0, -np.inf, 0.0] + [-np.inf] * 21] * 3, tf.float32)
    drawn = draw(logits, tf.constant([0.0, 0.5, 1 - 2**-24], tf.float32))
    np.testing.assert_array_equal(drawn, [1, 3, 3])


def test_the_likelihood_and_its_gradient_are_those_of_the_softmax():
    network = build_generator(7, 4, 4, stddev=1.0)
    tokens = tf.constant(np.random.default_rng(0).integers(0, 7, (3, 5)), tf.int32)
    policy = Policy(network, 2)
    weights = [v.value for v in network.trainable_variables]
    upstream = tf.random.stateless_normal((3, 5), (0, 0))
    with tf.GradientTape(persistent=True) as tape:
        previous = shifted(tokens, 2)
        found = policy.log_likelihood(tokens)
        expected = -tf.nn.sparse_softmax_cross_entropy_with_logits(tokens, network(previous))
        sums = [tf.reduce_sum(x * upstream) for x in (found, expected)]
    np.testing.assert_array_equal(previous[:, 0], [2, 2, 2])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    pairs = zip(*(tape.gradient(each, weights) for each in sums), strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(tf.convert_to_tensor(a), tf.convert_to_tensor(b), atol=1e-5)


def test_samples_follow_the_likelihood_of_the_network():
    """Every token is the one that its number picks from the network's own distribution."""
    model = tiny(vocabulary_size=3, length=4)
    uniform = tf.random.stateless_uniform((1500, 4), (3, 3))  # more than are drawn at a time
    tokens = model.sample(uniform)
    logits = model.generator(shifted(tokens, 0))
    for time in range(4):
        np.testing.assert_array_equal(draw(logits[:, time], uniform[:, time]), tokens[:, time])


def test_temperature_and_top_k():
    model = tiny()
    model.generator.set_weights([5 * w for w in model.generator.get_weights()])
    uniform = tf.random.stateless_uniform((500, 5), (0, 0))
    likelihoods = [np.mean(model(model.sample(uniform, t))) for t in (0.3, 1.0, 3.0)]
    assert likelihoods[0] > likelihoods[1] > likelihoods[2]
    greedy = model.sample(uniform, top_k=1)
    logits = model.generator(shifted(greedy, 0))
    np.testing.assert_array_equal(greedy, tf.argmax(logits, -1))
    assert len(np.unique(model.sample(uniform, top_k=2)[:, 0])) == 2


def test_continuations_keep_their_beginnings_and_go_on_as_samples_do():
    model = tiny()
    model.generator.set_weights([5 * w for w in model.generator.get_weights()])
    tokens = model.sample(tf.random.stateless_uniform((2, 5), (0, 0)))
    uniform = tf.random.stateless_uniform((4, 6, 5), (1, 1))
    found = tf.function(model.policy.continuations)(tokens, uniform, 3)
    assert found.shape == (4, 6, 5)
    for kept in range(1, 5):
        expected = np.tile(tokens, (3, 1))
        for time in range(kept, 5):
            logits = model.generator(shifted(tf.constant(expected), 0))[:, time]
            expected[:, time] = draw(logits, uniform[kept - 1, :, time])
        np.testing.assert_array_equal(found[kept - 1], expected)


def test_the_reward_of_the_last_token_is_the_verdict():
    model = tiny()
    tokens = model.sample(tf.random.stateless_uniform((6, 5), (0, 0)))
    rewards = model.rewards(tokens, tf.random.stateless_uniform((6, 4, 3, 5), (0, 0)))
    np.testing.assert_array_equal(rewards[:, -1], model.verdict(tokens))
    probabilities = tf.nn.softmax(model.discriminator(tokens))
    np.testing.assert_array_equal(model.verdict(tokens), probabilities[:, 1])


def test_the_policy_gradient_is_unbiased():
    """Against the gradient of the expected reward, enumerated over all 27 sequences."""
    model = tiny(vocabulary_size=3, length=3, rollouts=4, windows={1: 2})
    table = tf.random.stateless_uniform((3, 3, 3), (5, 5))
    model.verdict = lambda tokens: tf.gather_nd(table, tokens)
    weights = [v.value for v in model.generator.trainable_variables]
    every = tf.constant(list(itertools.product(range(3), repeat=3)), tf.int32)
    with tf.GradientTape() as tape:
        expected = tf.reduce_sum(tf.exp(tf.reduce_sum(model(every), 1)) * model.verdict(every))
    exact = tape.gradient(expected, weights)
    tokens = model.sample(tf.random.stateless_uniform((20_000, 3), (7, 7)))
    rewards = model.rewards(tokens, tf.random.stateless_uniform((20_000, 2, 4, 3), (8, 8)))
    with tf.GradientTape() as tape:
        found = tf.reduce_sum(model(tokens) * rewards) / 20_000
    estimate = tape.gradient(found, weights)
    a, b = (
        np.concatenate([np.ravel(tf.convert_to_tensor(g)) for g in gs]) for gs in (exact, estimate)
    )
    assert a @ b / np.linalg.norm(a) / np.linalg.norm(b) >= 0.99


def test_negatives_are_drawn_when_it_is_time_and_kept_until_then():
    model = tiny((0, 4, 1, 1, 2))
    model.compile(run_eagerly=True)
    data = TinySeqGAN().data()
    kept = []
    record = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: kept.append(model.kept.numpy())
    )
    model.fit(data.train(), steps_per_epoch=4, shuffle=False, callbacks=[record], verbose=0)
    assert (kept[0] == kept[1]).all() and (kept[2] == kept[3]).all()
    assert (kept[0] != kept[2]).any()
    assert len(np.unique(kept[0], axis=0)) > 1


def test_a_delayed_roll_out_policy_follows(two_cpus):
    """Equal to the generator until the rounds begin; then it keeps its share, in two replicas."""
    with two_cpus.scope():
        model = tiny((2, 1, 2, 1, 2), rollout_rate=0.8)
        rates = {f"{p}_optimizer": keras.optimizers.SGD(0.1) for p in model.players()}
        model.compile(**rates)
    data = TinySeqGAN().data()
    batches = strategies.distributed(data, two_cpus, 0)
    model.fit(batches, steps_per_epoch=3, shuffle=False, verbose=0)
    before = model.rollout.get_weights()
    assert all((a == b).all() for a, b in zip(before, model.generator.get_weights(), strict=True))
    batches = strategies.distributed(data, two_cpus, 3)
    model.fit(batches, steps_per_epoch=1, shuffle=False, verbose=0)
    after, generator = model.rollout.get_weights(), model.generator.get_weights()
    np.testing.assert_array_equal(after[0], generator[0])  # the embedding
    for old, new, policy in zip(before[1:], generator[1:], after[1:], strict=True):
        np.testing.assert_allclose(policy, 0.8 * old + 0.2 * new, rtol=1e-5, atol=1e-7)


def test_the_norm_that_clips_is_that_of_the_global_gradient(two_cpus):
    moves = []
    for strategy in (tf.distribute.get_strategy(), two_cpus):
        keras.utils.set_random_seed(0)
        with strategy.scope():
            model = tiny((9, 1, 1, 1, 2))
            model.compile(**{f"{p}_optimizer": keras.optimizers.SGD(1e3) for p in model.players()})
        before = model.generator.get_weights()
        # As large a loss as makes the norm exceed 5.
        model.policy.log_likelihood = functools.partial(times_1000, model.policy.log_likelihood)
        data = strategies.distributed(TinySeqGAN().data(), strategy, 0)
        model.fit(data, steps_per_epoch=1, shuffle=False, verbose=0)
        moves.append([a - b for a, b in zip(model.generator.get_weights(), before, strict=True)])
    norms = [np.sqrt(sum(np.sum(m**2) for m in move)) for move in moves]
    np.testing.assert_allclose(norms, [5e3, 5e3], rtol=1e-4)
    for a, b in zip(*moves, strict=True):
        np.testing.assert_allclose(a, b, atol=0.1)


def times_1000(function, tokens):
    return 1e3 * function(tokens)


def test_batches_of_any_size_go_through_all_phases():
    """A `tf.data` set whose last batch is smaller, as Keras users have it."""
    model = tiny((1, 1, 1, 2, 2))
    model.compile()
    tokens = np.random.default_rng(0).integers(0, 7, (7, 5), np.int32)
    dataset = tf.data.Dataset.from_tensor_slices(tokens).batch(3)
    history = model.fit(dataset, epochs=4, shuffle=False, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert int(model.step.numpy()) == 12


def test_a_batch_of_something_else_is_refused_at_once():
    model = tiny((9, 1, 1, 1, 2))
    model.compile()
    fitting = np.zeros((4, 5), np.int64)  # NumPy's own integers
    model.fit(tf.data.Dataset.from_tensors(fitting), shuffle=False, verbose=0)
    for wrong in (np.zeros((4, 4), np.int32), np.zeros((4, 5), np.float32)):
        dataset = tf.data.Dataset.from_tensors(wrong)
        with pytest.raises(ValueError, match=r"integer \(batch, 5\) in \[0, \d+\]\. Received: "):
            model.fit(dataset, shuffle=False, verbose=0)


def test_a_step_without_a_phase_is_refused():
    model = tiny()
    model.compile(run_eagerly=True)
    with pytest.raises(ValueError, match="phase must be .* Received: phase=None"):
        model.train_step(tf.zeros((4, 5), tf.int32))


@pytest.mark.parametrize(
    "option",
    [
        *({"length": 1}, {"start_token": 7}, {"dropout": 1.0}, {"rollouts": 0}),
        *({"rollout_rate": 1.0}, {"negatives": 0}, {"temperature": 0.0}, {"top_k": 8}),
    ],
)
def test_an_option_out_of_its_range_is_refused(option):
    (name, value), *_ = option.items()
    with pytest.raises(ValueError, match=f"{name} must be .* Received: {name}={value}"):
        tiny(**option)


def test_an_evaluation_reports_what_it_measures():
    model = tiny()
    model.compile()
    found = model.evaluate(TinySeqGAN().data().test(4), verbose=0, return_dict=True)
    assert sorted(found) == ["likelihood_loss", "nll"]
    assert found["nll"] == pytest.approx(np.log(7), abs=0.1)


def test_sequences_of_another_length_can_be_drawn():
    model = tiny()
    shapes = [(4, 6), (5, 6), (5, 3)]
    for shape in shapes:
        assert model.sample(tf.random.stateless_uniform(shape, (0, 0))).shape == shape


def test_the_verdict_s_loss_by_hand():
    """Without dropout; the labels, and the decay of the last layer alone."""
    model = tiny(dropout=0.0, weight_decay=0.5)
    model.compile(run_eagerly=True)
    real = tf.constant([[1, 2, 3, 4, 5], [6, 5, 4, 3, 2]])  # the first of them is used
    generated = np.tile([[3, 3, 3, 3, 3]], (8, 1))
    model.kept.assign(generated)
    probabilities = [float(model.verdict(tokens)[0]) for tokens in (real[:1], generated[:1])]
    kernel, bias = model.discriminator.get_layer("logits").get_weights()
    expected = -(np.log(probabilities[0]) + np.log(1 - probabilities[1])) / 2
    expected += 0.5 * (np.sum(kernel**2) + np.sum(bias**2)) / 2
    assert float(model._verdict_loss(real)) == pytest.approx(expected, rel=1e-5)


def test_the_policy_s_gradient_is_that_of_the_global_batch(two_cpus):
    """A sum over all sequences, in one replica as in two, which share them."""
    moves = []
    for strategy in (tf.distribute.get_strategy(), two_cpus):
        keras.utils.set_random_seed(0)
        with strategy.scope():
            model = tiny((0, 0, 1, 0, 2))
            model.compile(**{f"{p}_optimizer": keras.optimizers.SGD(1e-3) for p in model.players()})
        before = model.generator.get_weights()
        model.policy.sample = lambda uniform: tf.tile([[1, 2, 3, 0, 1]], (tf.shape(uniform)[0], 1))
        model.rewards = lambda tokens, uniform: tf.fill(tf.shape(tokens), 0.1)
        data = strategies.distributed(TinySeqGAN().data(), strategy, 0)
        model.fit(data, steps_per_epoch=1, shuffle=False, verbose=0)
        moves.append([a - b for a, b in zip(model.generator.get_weights(), before, strict=True)])
    with tf.GradientTape() as tape:
        keras.utils.set_random_seed(0)
        model = tiny()
        loss = -0.1 * 4 * tf.reduce_sum(model(tf.constant([[1, 2, 3, 0, 1]])))
    gradients = tape.gradient(loss, [v.value for v in model.generator.trainable_variables])
    norm = tf.linalg.global_norm(gradients)
    for one, two, gradient in zip(*moves, gradients, strict=True):
        expected = -1e-3 * tf.convert_to_tensor(gradient) * min(1.0, 5.0 / norm)
        np.testing.assert_allclose(one, expected, rtol=1e-3, atol=1e-7)
        np.testing.assert_allclose(two, expected, rtol=1e-3, atol=1e-7)


def test_dropout_is_off_in_rewards_and_on_in_training():
    model = tiny(dropout=0.5)
    model.compile(run_eagerly=True)
    tokens = tf.zeros((4, 5), tf.int32)
    losses = []
    for step in (0, 1):
        model.step.assign(step)
        losses.append(float(model._verdict_loss(tokens)))
    assert losses[0] != losses[1]
    np.testing.assert_array_equal(model.verdict(tokens), model.verdict(tokens))


def test_text_comes_back(tmp_path):
    """A vocabulary is part of the model, of its file and of its export."""
    words = Vocabulary(["一", "隻", "貓"], level="characters")
    model = tiny(vocabulary=words)
    assert model.generator.output_shape[-1] == 5
    model.compile()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    uniform = tf.random.stateless_uniform((4, 5), (0, 0))
    text = [each.text(each.sample(uniform)).numpy().tolist() for each in (model, loaded)]
    assert text[0] == text[1]
    assert len(set(text[0])) > 1


@pytest.fixture(scope="module")
def oracle(test_data):
    return Oracle.from_file(str(test_data("seqgan") / "target_params.npz"))


def test_the_published_oracle(oracle, test_data):
    tokens = np.loadtxt(test_data("seqgan") / "real_data.txt", np.int32)
    assert oracle.nll(tokens) == pytest.approx(5.76095, abs=2e-4)
    drawn = oracle.sample(tf.random.stateless_uniform((2000, 20), (0, 0)))
    assert oracle.nll(drawn) == pytest.approx(5.743, abs=0.04)
    uniform = tf.random.stateless_uniform((2000, 20), (0, 0), 0, 5000, tf.int32)
    assert oracle.nll(uniform) == pytest.approx(11.444, abs=0.05)


def test_an_oracle_is_saved_and_loaded(tmp_path):
    oracle = Oracle(7, 4, 4)
    assert oracle.trainable_variables == []
    oracle.save(tmp_path / "oracle.keras")
    loaded = keras.saving.load_model(tmp_path / "oracle.keras")
    tokens = tf.constant([[1, 2, 3]])
    np.testing.assert_array_equal(oracle(tokens), loaded(tokens))


def test_a_file_of_other_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "few.npz", a=np.zeros(2), b=np.zeros(2))
    with pytest.raises(ValueError, match="15 arrays. Received: .*few.npz with 2"):
        Oracle.from_file(str(tmp_path / "few.npz"))
