"""BigGAN: the promises of every system, and the facts of its paper."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, parameters
from tests.networks.biggan_test import parameters_of
from tests.random_images import batch, labelled
from tests.recorded import recorded
from tfgan_apps.models import BigGAN
from tfgan_apps.networks import biggan
from tfgan_apps.penalties import orthogonality

SMALL = {"standing_batches": 2, "standing_batch_size": 4, "truncations": (0.5,)}
TINY = {"image_size": 8, "channels": 1, "classes": 3, "discriminator_steps": 2} | SMALL


def tiny(deep=False, blocks=1, **kwargs):
    """A BigGAN of 8 pixels, of one block, or of more with attention at 4 pixels."""
    attention = 0 if blocks == 1 else 4
    told = {"embedding_size": 3, "first_size": 8 >> blocks, "attention": attention}
    told["truncations"] = TINY["truncations"]
    build = biggan.build_deep_generator if deep else biggan.build_generator
    generator = build((8,) * (blocks + 1), 1, 3, 6, **told)
    build = biggan.build_deep_discriminator if deep else biggan.build_discriminator
    widths = (8,) * (2 if deep else 2 * blocks - 1)
    discriminator = build(widths, 8, 1, 3, 1 if deep else blocks, attention)
    return BigGAN(**TINY | kwargs, generator=generator, discriminator=discriminator)


@pytest.fixture(scope="module")
def given():
    """One that is not trained."""
    model = tiny()
    model.compile()
    return model


class TestBigGAN(ModelTestCase):
    stopped, ended, build_steps = 1, 2, 1

    def build(self, **kwargs):
        steps = self.build_steps
        numbers = {"average_start": 1, "average_decay": 0.9, "discriminator_steps": steps}
        model = tiny(**numbers, orthogonality_weight=0.0)  # which has tests of its own
        model.compile(**kwargs)
        return model

    def data(self):
        return labelled(8)

    def test_goes_on_as_if_never_stopped(self, tmp_path):
        """Stopped between the two moves of the discriminator."""
        self.build_steps = 2
        super().test_goes_on_as_if_never_stopped(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [({}, [87_982_370, 70_433_988]), ({"deep": True}, [34_590_210, 50_244_484])],
)
def test_parameters_of_the_authors(arguments, expected, monkeypatch):
    monkeypatch.setattr(biggan, "orthogonal", keras.initializers.Zeros)
    assert parameters_of(**arguments) == expected


def test_the_defaults_are_those_networks():
    model = BigGAN(image_size=32, generator_filters=2, discriminator_filters=2, **SMALL)
    assert model.latent_size == 80 and parameters(model)[1] < 200_000


def test_a_part_of_the_noise_reaches_its_block_and_those_behind_it():
    """S-Big-1."""
    generator = tiny(blocks=2).generator
    blocks = [generator.get_layer(f"blocks_{n}_0_conv2").output for n in range(2)]
    network = keras.Model(generator.input, [generator.get_layer("linear").output, *blocks])
    latents = tf.random.stateless_normal((1, 6), (0, 0))
    inputs = {"label": tf.constant([1]), "truncation": tf.constant([-1.0])}
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(latents)
        found = [tf.reduce_sum(x**2) for x in network({"latents": latents, **inputs})]
    slopes = np.stack([tape.gradient(x, latents)[0] for x in found]).reshape(3, 3, 2)
    reached = np.abs(slopes).max(-1) > 0
    np.testing.assert_array_equal(reached, np.tri(3, dtype=bool))
    swapped = tf.concat([latents[:, 2:4], latents[:, :2], latents[:, 4:]], 1)
    same = generator({"latents": latents, **inputs}) == generator({"latents": swapped, **inputs})
    assert not np.all(same)


@pytest.fixture(scope="module")
def stepped():
    """What four steps have done: the states of the average and the generator, what was asked."""
    model = tiny(average_start=1, average_decay=0.9)
    model.compile(run_eagerly=True, generator_learning_rate=1e-2)
    networks = model.average, model.generator
    state = lambda: [np.concatenate([w.ravel() for w in n.get_weights()]) for n in networks]  # noqa: E731
    states, seen, made = [state()], recorded(model.discriminator), recorded(model.generator)
    for _ in range(4):
        model.train_on_batch(batch(8))
        states.append(state())
    return {"states": states, "seen": seen, "made": made}


def test_the_average_is_a_copy_at_first_and_follows_then(stepped):
    """S-Big-3."""
    states = stepped["states"]
    for step, ((before, _), (average, generator)) in enumerate(itertools.pairwise(states)):
        decay = {1: 0.0, 3: 0.9}.get(step, 1.0)  # else the generator rests
        expected = decay * before + (1 - decay) * generator
        np.testing.assert_allclose(average, expected, atol=1e-5)


def test_real_and_generated_images_are_judged_at_once_each_as_its_class(stepped):
    seen, made, data = stepped["seen"], stepped["made"], batch(8)
    count = len(data["label"])
    assert [len(x["label"]) for x, _ in seen] == [2 * count, 2 * count, count] * 2
    asked = np.concatenate([made[0][0]["label"], data["label"]])
    np.testing.assert_array_equal(seen[0][0]["label"], asked)
    np.testing.assert_array_equal(seen[0][0]["image"][-count:], data["image"])
    draws = [np.array(inputs["latents"]) for inputs, _ in made]
    assert len(draws) == 6 and len({draw.tobytes() for draw in draws}) == 6


def test_kernels_alone_are_held_orthogonal(given):
    weights, image = given.get_weights(), batch(8)["image"]
    kernels = [x.kernel for x in given.generator.layers if hasattr(x, "kernel")]
    assert len(kernels) == 4 + 3 + 2  # of gains and offsets, the block, both ends
    found = []
    for given.orthogonality_weight in (0.0, 0.5):
        given.set_weights(weights)  # a look in training moves vectors and averages
        found.append(float(given.generator_loss(image)))
    given.set_weights(weights)
    expected = 0.5 * float(orthogonality(kernels))
    assert expected > 0.01 and found[1] - found[0] == pytest.approx(expected, rel=1e-3)
    assert float(given.trackers["orthogonality"].result()) == pytest.approx(expected, rel=1e-5)


def test_statistics_of_each_truncation_are_those_of_its_batches(given):
    model = given
    before = model.generator.get_weights()
    model.settle()
    norm = model.average.get_layer("blocks_0_0_bn1")
    first = keras.Model(model.average.input, norm.input[0])
    for row, truncation in enumerate((0.0, 0.5)):
        features = [first(inputs) for inputs in model._standing(row, truncation)]
        mean = np.mean([np.mean(x, (0, 1, 2)) for x in features], 0)
        variance = np.mean([np.var(x, (0, 1, 2)) for x in features], 0)
        np.testing.assert_allclose(norm.mean[row], mean, atol=1e-5)
        np.testing.assert_allclose(norm.variance[row], variance, rtol=1e-3, atol=1e-6)
    assert np.ptp(norm.variance, 0).max() > 0.01
    for old, new in zip(before, model.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_what_is_served_says_its_truncations_and_repeats_itself(given):
    served = given.serving()
    assert served.about["truncations"] == [0.5]
    request = {"seed": np.int32([1, 1, 1]), "label": np.int32([2, 2, 2])}
    request["truncation"] = np.float32([0.5, 0.0, 0.5])
    found = served.predict("serving_default", request)
    first, whole, again = found["image_bytes"]
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - whole).max() > 1


def test_a_sheet_has_classes_the_way_between_them_and_truncations(given):
    found = given.samples(batch(8))
    between = [f"as real, 1 to 2: {part}%" for part in (25, 50, 75)]
    assert list(found) == ["real", "0", "1", "2", *between, "as real, truncation 0.5"]
    assert {x.shape for x in found.values()} == {found["real"].shape}


def test_a_step_of_deep_networks_is_finite_and_reaches_every_weight():
    model = tiny(deep=True, discriminator_steps=1)
    model.compile(run_eagerly=True, generator_learning_rate=1e-2, discriminator_learning_rate=1e-2)
    before = model.get_weights()
    model.train_on_batch(batch(8))
    names = [w.path for w in model.weights]
    assert all(np.all(np.isfinite(w)) for w in model.get_weights())
    changed = {
        name
        for name, a, b in zip(names, before, model.get_weights(), strict=True)
        if not np.array_equal(a, b)
    }
    trained = {v.path for n in (model.generator, model.discriminator) for v in n.trainable_weights}
    assert trained <= changed


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 28}, r"image_size must be one of \(32, 64, 128, 256, 512\)"),
        ({"image_size": 32, "latent_size": 90}, "latent_size must be a multiple of 4"),
        ({"image_size": 32, "deep": True, "embedding_size": 0}, "embedding_size must be an int"),
        ({"truncations": (0.5, 0.0)}, "truncations must be numbers above 0"),
        ({"discriminator_steps": 0}, "discriminator_steps must be an integer >= 1"),
        ({"orthogonality_weight": -1.0}, "orthogonality_weight must be a finite number and >= 0"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        BigGAN(**argument)


def test_truncations_that_a_given_generator_does_not_know(given):
    own = {"generator": given.generator, "discriminator": given.discriminator}
    with pytest.raises(ValueError, match="truncations must be those of the generator's"):
        BigGAN(**TINY | own | {"truncations": (2.0,)})
