"""StyleGAN: the promises of every system, and the facts of its paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase
from tests.random_images import unlabelled
from tfgan_apps.models import StyleGAN
from tfgan_apps.networks import growing, pggan, stylegan
from tfgan_apps.penalties import r1

# Batches of 4: two steps of 4 pixels, three of a fade, then 8 pixels to the end.
TINY = {"image_size": 8, "channels": 1, "latent_size": 4, "style_size": 3, "mapping_layers": 2}
TINY |= {"filters_base": 32, "most_filters": 4, "first_size": 4, "deviation_group": 2}
TINY |= {"stable_kimg": 0.007, "fade_kimg": 0.012, "truncation_cutoff": 2, "average_kimg": 0.01}


def tiny(**kwargs):
    """A compiled StyleGAN of 8 pixels."""
    model = StyleGAN(**TINY | kwargs)
    model.compile(run_eagerly=True)
    return model


class TestStyleGAN(ModelTestCase):
    stopped, ended = 3, 6  # inside the fade, and after it

    def build(self, **kwargs):
        model = StyleGAN(**TINY, mirror=True)
        model.compile(**kwargs)
        return model

    def data(self):
        return unlabelled(8)


@pytest.mark.parametrize(
    ("mapping", "image", "expected"),
    [
        ((512, 512, 8), (1024, 16384, 512), (26_219_627, 23_087_249)),
        ((512, 512, 8), (256, 16384, 512), (26_086_229, 23_052_353)),
        ((64, 64, 4), (32, 1024, 64), (289_452, 279_521)),
    ],
)
def test_parameters_of_the_authors(mapping, image, expected, monkeypatch):
    monkeypatch.setattr(keras.initializers, "RandomNormal", lambda stddev: "zeros")
    size, *widths = image
    networks = [stylegan.build_mapping(*mapping)]
    networks.append(stylegan.build_synthesis(size, 3, mapping[1], *widths))
    networks.append(pggan.build_discriminator(size, 3, *widths, 4, True))
    found = [sum(int(np.prod(v.shape)) for v in each.trainable_weights) for each in networks]
    assert (found[0] + found[1], found[2]) == expected
    assert stylegan.noise_size(1024) == 2_796_192


def synthesis(size=16):
    """A synthesis network with weights of noise, and its inputs."""
    network = stylegan.build_synthesis(size, 3, 5, 128, 8)
    rng = np.random.default_rng(0)
    network.set_weights([rng.normal(size=w.shape) for w in network.weights])
    layers = 2 * len([x for x in network.layers if x.name.startswith("block")])
    shapes = {"styles": (2, layers, 5), "noise": (2, stylegan.noise_size(size))}
    inputs = {n: tf.constant(rng.normal(size=s), tf.float32) for n, s in shapes.items()}
    return network, inputs | {"level": tf.fill([2], layers / 2 - 1)}


def test_statistics_of_features_are_those_of_styles():
    """S1."""
    network, inputs = synthesis(8)
    block = network.get_layer("block_8")
    last = block.get_layer("normalization1")
    told = keras.Model(block.input, [last.output, block.get_layer("style1").output])
    given = {"styles": inputs["styles"], "noise": inputs["noise"]}
    given["features"] = network.get_layer("block_4")(given)
    features, style = (np.asarray(x) for x in told(given))
    scale, offset = np.split(style, 2, -1)
    np.testing.assert_allclose(features.mean((1, 2)), offset, atol=1e-3)
    np.testing.assert_allclose(features.std((1, 2)), np.abs(1 + scale), atol=1e-3)


def test_a_style_tells_its_layers_and_those_behind_them():
    """S2."""
    network, inputs = synthesis(16)
    blocks = [network.get_layer(f"block_{size}") for size in (4, 8, 16)]
    given = {"styles": inputs["styles"], "noise": inputs["noise"]}

    def features(styles):
        x = blocks[0]({**given, "styles": styles})
        found = [x]
        for block in blocks[1:]:
            found.append(block({**given, "styles": styles, "features": found[-1]}))
        return found

    other = inputs["styles"] + tf.constant([0.0, 0, 1, 1, 1, 1])[:, None]
    before, after = features(inputs["styles"]), features(other)
    np.testing.assert_array_equal(before[0], after[0])
    assert all(np.abs(a - b).max() > 0.1 for a, b in zip(before[1:], after[1:], strict=True))


def test_at_first_noise_adds_nothing_and_truncation_to_0_leaves_one_image():
    """S2."""
    model = tiny()
    latents = tf.random.stateless_normal((3, 4), (0, 0))
    first = model.call({"latents": latents})
    model.fixed_noise.assign(model.fixed_noise + 1.0)
    np.testing.assert_array_equal(model.call({"latents": latents}), first)
    model.truncated.cutoff = None
    images = model.call({"latents": latents, "truncation": tf.zeros(3)})
    np.testing.assert_array_equal(images[1:], images[:-1])


def test_two_styles_meet_at_a_layer_drawn_for_the_batch():
    model = tiny(mixing=1.0)
    model.phase = "8 pixels"
    cuts = set()
    for step in range(12):
        model.step.assign(step)
        styles = np.asarray(model.mixed_styles(np.zeros(3), "test", 4))
        same = (styles == styles[:, :1]).all(-1)
        assert (same == same[:1]).all() and (same[0] == np.sort(same[0])[::-1]).all()
        cuts.add(int(same[0].sum()))
    assert cuts == {1, 2, 3}
    never = tiny(mixing=0.0).mixed_styles(np.zeros(3), "test", 4)
    np.testing.assert_array_equal(never, np.repeat(never[:, :1], 4, 1))


def test_the_mean_style_follows_styles_of_both_moves_in_training_alone():
    model = tiny(style_decay=0.75)
    mapped = []
    call = model.mapping.call
    model.mapping.call = lambda x, **k: mapped.append(call(x, **k)) or mapped[-1]
    model.train_on_batch(np.zeros((4, 8, 8, 1), np.float32))
    own = [np.mean(style, 0) for style in mapped[::2]]
    expected = 0.75 * (0.25 * own[0]) + 0.25 * own[1]
    np.testing.assert_allclose(model.truncated.mean, expected, atol=1e-6)
    model.test_on_batch(np.zeros((4, 8, 8, 1), np.float32))
    np.testing.assert_allclose(model.truncated.mean, expected, atol=1e-6)


def test_slopes_are_those_at_whole_images():
    """The authors' discriminator sees an image of 4 pixels as one of 8."""
    model, tracked = tiny(), {}
    model.phase, model.track = "4 pixels", lambda **values: tracked.update(values)
    real = model.prepared(tf.random.stateless_uniform((4, 8, 8, 1), (0, 0), -1.0, 1.0))
    model.discriminator_loss(real)

    def whole(image):
        return model.discriminator({"image": image, "level": tf.zeros(4)}, training=True)

    expected, _ = r1(whole, tf.repeat(tf.repeat(real, 2, 1), 2, 2))
    assert float(tracked["penalty"]) == pytest.approx(float(expected), rel=1e-4)


def test_the_losses_are_the_papers():
    model = tiny(penalty_weight=6.0)
    logits = []
    critic = model.critic
    model.critic = lambda x: logits.append(critic(x)) or logits[-1]
    real = tf.random.stateless_uniform((4, 8, 8, 1), (0, 0), -1.0, 1.0)
    means = model.train_on_batch(real, return_dict=True)
    on_fake, on_real = logits[0], logits[1]  # then the generator's
    both = tf.reduce_mean(tf.nn.softplus(on_fake)) + tf.reduce_mean(tf.nn.softplus(-on_real))
    expected = float(both) + 3 * means["penalty"]
    assert means["penalty"] > 0
    assert means["discriminator_loss"] == pytest.approx(expected, rel=1e-4)
    expected = float(tf.reduce_mean(tf.nn.softplus(-logits[-1])))
    assert means["generator_loss"] == pytest.approx(expected, rel=1e-4)


def test_networks_of_a_level_are_those_of_all_levels():
    network, inputs = synthesis(16)
    for level, size, fading in ((0, 4, 0), (0.25, 8, 1), (1, 8, 0), (1.75, 16, 1), (2, 16, 0)):
        inputs["level"] = tf.fill([2], float(level))
        small = growing.generator_at(network, size, fading)
        few = {**inputs, "noise": inputs["noise"][:, : stylegan.noise_size(size)]}
        enlarged = np.repeat(np.repeat(small(few), 16 // size, 1), 16 // size, 2)
        np.testing.assert_allclose(network(inputs), enlarged, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"image_size": 12}, "image_size must be a power of 2, at least 4"),
        ({"first_size": 16}, "first_size must be a power of 2, from 4 to 8"),
        ({"mixing": 1.5}, "mixing must be a finite number and >= 0 and <= 1"),
        ({"style_decay": 1}, r"style_decay must be in \[0, 1\)"),
        ({"truncation_cutoff": -1}, "truncation_cutoff must be an integer >= 0"),
        ({"average_kimg": 0}, "average_kimg must be a finite number and >= 1e-06"),
    ],
)
def test_arguments_out_of_their_range(argument, expected):
    with pytest.raises(ValueError, match=expected):
        StyleGAN(**TINY | argument)
