"""StyleGAN3's networks equal the authors' in PyTorch, with the same weights; see goldens/."""

import inspect
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.layers import FourierFeatures, ModulatedConv2D
from tfgan_apps.metrics import equivariance
from tfgan_apps.networks import stylegan3
from tfgan_apps.networks.mapping import build_mapping_network

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "style"
RATE, CLASSES = 0.01, 5  # of the maker
SMALL = {"image_size": 32, "style_size": 32, "filters_base": 1024, "most_filters": 16}
DOUBLED = {"filters_base": 65536, "most_filters": 1024, "rotation": True}
TINY = {"image_size": 16, "style_size": 4, "filters_base": 64, "most_filters": 4}
TINY |= {"depth": 4, "margin": 2}
MOVED, TURNED, BETWEEN = (3 / 32, -2 / 32), 0.7, (0.07, -0.11)


@pytest.fixture(scope="module")
def goldens():
    with np.load(FOLDER / "stylegan3.npz") as arrays:
        return dict(arrays)


def filled_mapping(inputs, place, network):
    """Returns the mapping network with the weights that the maker gives the authors'."""
    numbers = iter(range(9))
    for layer in network.layers:
        if not hasattr(layer, "kernel"):
            continue
        embeds = layer.name == "embedding"
        own = f"{place}/embedding" if embeds else f"{place}/{next(numbers)}"
        factor = 1 if embeds else 1 / RATE
        kernel = inputs.drawn(f"{own}/kernel", tuple(layer.kernel.shape)) * factor
        layer.set_weights([kernel, inputs.drawn(f"{own}/bias", layer.bias.shape) * 0.2 * factor])
    return network


def filled(inputs, place, network, magnitudes):
    """Returns the synthesis network with the weights that the maker gives the authors'."""
    own = lambda name, like: inputs.drawn(f"{place}/{name}", tuple(like.shape))  # noqa: E731
    for layer in network.layers:
        if isinstance(layer, FourierFeatures):
            layer.affine_kernel.assign(own("input/kernel", layer.affine_kernel))
            bias = own("input/bias", layer.affine_bias) * 0.2
            layer.affine_bias.assign(bias + [1, 0, 0, 0])
            layer.kernel.assign(own("input/mix", layer.kernel))
            layer.frequencies.assign(np.tanh(own("input/frequencies", layer.frequencies)))
            layer.phases.assign(own("input/phases", layer.phases) * 0.3)
    for number, magnitude in enumerate(magnitudes):
        layer = network.get_layer(f"layer_{number}_conv")
        layer.affine.kernel.assign(own(f"{number}/affine/kernel", layer.affine.kernel))
        layer.affine.bias.assign(own(f"{number}/affine/bias", layer.affine.bias) * 0.2 + 1)
        layer.kernel.assign(own(f"{number}/kernel", layer.kernel))
        layer.magnitude.assign(magnitude)
        bias = network.get_layer(f"layer_{number}").bias
        bias.assign(own(f"{number}/bias", bias) * 0.1)
    return network


@pytest.mark.parametrize(("of", "classes"), [("t", 0), ("r", CLASSES)])
def test_the_mapping_network(inputs, goldens, of, classes):
    network = build_mapping_network(32, 32, 2, classes)
    filled_mapping(inputs, f"stylegan3 {of} mapping", network)
    given = {"latents": inputs.drawn("stylegan3 latents", (2, 32))}
    given |= {"label": np.int32([3, 1])} if classes else {}
    np.testing.assert_allclose(network(given), goldens[f"{of} styles"], atol=1e-5)


@pytest.mark.parametrize("of", ["t", "r"])
def test_the_synthesis_network_and_how_it_moves(inputs, goldens, of):
    network = stylegan3.build_synthesis(**SMALL, rotation=of == "r")
    filled(inputs, f"stylegan3 {of}", network, goldens[f"{of} magnitudes"])
    styles = goldens[f"{of} styles"][:, None] + np.zeros((1, 16, 1), np.float32)
    styles = styles + 0.5 * inputs.drawn("stylegan3 styles", styles.shape)
    measured = tf.function(stylegan3.build_measured(network))
    transform = np.tile(goldens["transform"], (2, 1, 1))
    found = measured({"styles": styles, "transform": transform})
    np.testing.assert_allclose(found["image"], goldens[f"{of} image"], atol=2e-5)
    np.testing.assert_allclose(found["squares"], goldens[f"{of} squares"], rtol=1e-3)
    for kind, decibels in moved(measured, styles).items():
        assert decibels == pytest.approx(goldens[f"{of} {kind}"], abs=0.1)


def moved(measured, styles):
    """Returns how well a network follows the maker's movements, in decibels."""

    def generate(matrix):
        return measured({"styles": styles, "transform": np.stack([matrix] * 2)})["image"].numpy()

    plain, found = generate(np.eye(3, dtype=np.float32)), {}
    for kind, function, movement in (
        ("eq_t", equivariance.translated, MOVED),
        ("eq_t_frac", equivariance.fractionally_translated, BETWEEN),
    ):
        found[kind] = generate(equivariance.moving(*movement)), *function(plain, *movement)
    wanted, mask = equivariance.rotated(plain, TURNED)
    seen, also = equivariance.pseudo_rotated(generate(equivariance.turning(TURNED)), TURNED)
    found["eq_r"] = seen, wanted, mask & also
    squares = {n: np.mean(np.square(x - y)[:, mask]) for n, (x, y, mask) in found.items()}
    return {n: 10 * np.log10(4 / square) for n, square in squares.items()}


# At 1024 pixels: rates, sizes, cutoffs and half widths before and after, up, down, channels of T
# and of R, zeros of T and of R.
TWO, FOUR = (2, 2, (9, 8), (11, 10)), (4, 2, (-6, -9), (-2, -5))
ROWS = [
    (16, 16, 36, 36, 2, 2, 6, 6, 512, 1024, *TWO),
    (16, 16, 36, 36, 2, 3.1748, 6, 4.8252, 512, 1024, *TWO),
    (16, 32, 36, 52, 3.1748, 5.0397, 4.8252, 10.9603, 512, 1024, *FOUR),
    (32, 32, 52, 52, 5.0397, 8, 10.9603, 8, 512, 1024, *TWO),
    (32, 64, 52, 84, 8, 12.6992, 8, 19.3008, 512, 1024, *FOUR),
    (64, 128, 84, 148, 12.6992, 20.1587, 19.3008, 43.8413, 512, 1024, *FOUR),
    (128, 128, 148, 148, 20.1587, 32, 43.8413, 32, 512, 1024, *TWO),
    (128, 256, 148, 276, 32, 50.7968, 32, 77.2032, 323, 645, *FOUR),
    (256, 256, 276, 276, 50.7968, 80.6349, 77.2032, 47.3651, 203, 406, *TWO),
    (256, 512, 276, 532, 80.6349, 128, 47.3651, 128, 128, 256, *FOUR),
    (512, 1024, 532, 1044, 128, 203.1873, 128, 308.8127, 81, 161, *FOUR),
    (1024, 1024, 1044, 1044, 203.1873, 322.5398, 308.8127, 189.4602, 51, 102, *TWO),
    (1024, 1024, 1044, 1044, 322.5398, 512, 189.4602, 118.3459, 32, 64, *TWO),
    (1024, 1024, 1044, 1024, 512, 512, 118.3459, 118.3459, 32, 64, 2, 2, (-11, -12), (-9, -10)),
    (1024, 1024, 1024, 1024, 512, 512, 118.3459, 118.3459, 3, 3, 1, 1, (0, 0), (0, 0)),
]


def schedule(**arguments):
    """The layers of a network of `build_synthesis`, by its defaults."""
    known = inspect.signature(stylegan3.build_synthesis).parameters
    own = {n: known[n].default for n in inspect.signature(stylegan3.schedule).parameters}
    return stylegan3.schedule(**own | arguments)


def test_the_schedule_of_1024_pixels():
    both = schedule(), schedule(**DOUBLED)
    for row, t, r in zip(ROWS, *both, strict=True):
        before, after = t.before, t.after
        found = (before.rate, after.rate, before.size, after.size, before.cutoff, after.cutoff)
        found += (before.half_width, after.half_width, after.channels, r.after.channels)
        assert found == pytest.approx(row[:10], abs=6e-5)
        assert (t.up, t.down, t.padding, r.padding) == row[10:]
        assert (r.up, r.down, t.radial) == (*row[10:12], False)
        taps = (t.up_taps, t.down_taps, r.up_taps, r.down_taps)
        shapes = [None if each is None else each.shape for each in taps]
        lines, square = [(6 * n,) for n in row[10:12]], [(6 * row[11],) * 2]
        if row[10] == 1:
            assert shapes == [None] * 4
        else:
            assert shapes == [*lines, lines[0], square[0] if r.radial else lines[1]]
    assert [step.radial for step in both[1]] == [True] * 12 + [False] * 3


def test_the_rates_and_channels_of_the_ablations():
    steps = schedule(image_size=256, filters_base=16384)
    assert [step.after.rate for step in steps] == [16] * 3 + [32] * 2 + [64] * 2 + [128] * 3 + [
        256
    ] * 5
    widths = [512] * 7 + [362, 256, 181, 128, 91, 64, 64, 3]
    assert [step.after.channels for step in steps] == widths


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, 2_101_248),
        ({"depth": 2}, 525_312),
        ({"classes": 10, "depth": 2}, 525_312 + 5_632 + 512**2),
        ({"classes": 10, "latent_size": 0}, 2_106_880),
        ({"latent_size": 3, "style_size": 5, "depth": 2, "width": 7}, 4 * 7 + 8 * 5),
    ],
)
def test_parameters_of_mapping_networks(arguments, expected):
    assert parameters(build_mapping_network(**arguments)) == expected


def parameters(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def tiny_inputs(count=2):
    styles = tf.random.stateless_normal((count, 6, 4), (0, 0))
    return {"styles": styles, "transform": stylegan3.untransformed(count)}


def test_magnitudes_follow_those_of_all_replicas(two_cpus):
    with two_cpus.scope():
        network = stylegan3.build_synthesis(**TINY)
        measured = stylegan3.build_measured(network)
    layers = [x for x in network.layers if isinstance(x, ModulatedConv2D)]
    given = tiny_inputs(4)
    means = np.mean(measured(given)["squares"], 0)
    assert means.shape == (5,)

    @tf.function
    def step():
        def of_replica():
            part = tf.distribute.get_replica_context().replica_id_in_sync_group * 2
            squares = measured({n: x[part : part + 2] for n, x in given.items()})["squares"]
            stylegan3.follow_magnitudes(network, squares, 0.75)

        two_cpus.run(of_replica)

    step()
    for layer, mean in zip(layers, means, strict=True):
        for own in two_cpus.experimental_local_results(layer.magnitude.value):
            assert float(own) == pytest.approx(0.75 + 0.25 * mean, rel=1e-5)


def test_a_saved_network_is_the_same(tmp_path):
    network = stylegan3.build_synthesis(**TINY, rotation=True)
    network.get_layer("layer_1_conv").magnitude.assign(0.5)
    network.save(tmp_path / "synthesis.keras")
    again = keras.saving.load_model(tmp_path / "synthesis.keras")
    given = tiny_inputs()
    np.testing.assert_array_equal(again(given), network(given))
    mapping = build_mapping_network(3, 4, 2, 5)
    mapping.save(tmp_path / "mapping.keras")
    again = keras.saving.load_model(tmp_path / "mapping.keras")
    given = {"latents": np.ones((1, 3), np.float32), "label": np.int32([2])}
    np.testing.assert_array_equal(again(given), mapping(given))


def test_half_precision_is_for_the_layers_of_many_pixels():
    """16, doubled four times, is not more than 256."""
    keras.config.set_dtype_policy("mixed_float16")
    try:
        network = stylegan3.build_synthesis(256, 3, 4, 256, 2, depth=4)
    finally:
        keras.config.set_dtype_policy("float32")
    steps = schedule(image_size=256, filters_base=256, most_filters=2, depth=4)
    rates = [step.after.rate for step in steps]
    assert rates[0] == 16 and set(rates) == {16, 64, 256}
    for number, rate in enumerate(rates):
        layer = network.get_layer(f"layer_{number}")
        assert layer.limit == 256 and layer.compute_dtype == ("float16" if rate > 16 else "float32")
    assert network.output.dtype == "float32"
    assert {variable.dtype for variable in network.variables} == {"float32"}


def test_wrong_arguments():
    with pytest.raises(ValueError, match="image_size must be a power of 2. Received: .*=48"):
        stylegan3.build_synthesis(48)
    with pytest.raises(ValueError, match="critical must be below depth=2. Received: critical=2"):
        stylegan3.build_synthesis(depth=2)
    with pytest.raises(ValueError, match="filters_base must be an integer >= 64. Received: "):
        stylegan3.build_synthesis(64, filters_base=63)
    with pytest.raises(ValueError, match="first_stopband must be a finite number and >= 2.0"):
        stylegan3.build_synthesis(first_stopband=1.0)
    with pytest.raises(ValueError, match="latent_size must be at least 1 without classes"):
        build_mapping_network(latent_size=0)
