"""Networks that a user gives: what does not fit is named before training."""

import keras
import pytest
from keras import layers

from tests.tiny_gan import TinyGAN
from tfgan_apps.given_networks import check_network
from tfgan_apps.models import DCGAN, CycleGAN


def convolution(strides=1, channels=3, outputs=3):
    return keras.Sequential(
        [layers.Input((None, None, channels)), layers.Conv2D(outputs, 3, strides, padding="same")],
        name="given",
    )


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (convolution(strides=2), r"give \(None, 16, 16, 3\) for .* Received: \(None, 8, 8, 3\)"),
        (convolution(outputs=1), r"Received: \(None, 16, 16, 1\)"),
        (convolution(channels=1), r"take \(None, 16, 16, 3\). Received: \(None, None, None, 1\)"),
        (keras.Sequential([layers.Dense(3)], name="given"), "built.* Received: Sequential 'given'"),
        ("resnet", "a keras.Model that is built.* Received: str 'resnet'"),
    ],
)
def test_what_does_not_fit_is_named(network, message):
    with pytest.raises(ValueError, match=f"generator must .*{message}"):
        check_network((16, 16, 3), (16, 16, 3), generator=network)


def test_what_fits_or_is_built_in_passes():
    check_network((16, 16, 3), (16, 16, 3), generator=convolution())
    check_network((16, 16, 3), discriminator=convolution(strides=2, outputs=1))
    check_network((16, 16, 3), (1, 1, 1), generator=None)


def test_systems_look_at_what_they_are_given():
    with pytest.raises(ValueError, match="generator_y_to_x must give"):
        CycleGAN(16, discriminator_layers=1, generator_y_to_x=convolution(strides=2))
    with pytest.raises(ValueError, match="discriminator must take"):
        DCGAN(16, latent_size=2, discriminator=convolution(channels=1))


def test_players_have_built_networks_of_their_own():
    model = TinyGAN()
    model.players = lambda: {"painter": [model.generator, model.generator]}
    with pytest.raises(
        ValueError, match="networks of 'painter' must be different.* Received: .*gen"
    ):
        model.compile()
    model.players = lambda: {"painter": [keras.Sequential([layers.Dense(1)], name="late")]}
    with pytest.raises(ValueError, match="networks of 'painter' must be a .* Received: .*late"):
        model.compile()


def test_networks_of_named_parts():
    label = keras.Input((), dtype="int32", name="label")
    image = keras.Input((2,), name="image")
    logits = keras.layers.Dense(1)(image)
    network = keras.Model({"image": image, "label": label}, logits)
    check_network({"image": (2,), "label": ()}, (1,), discriminator=network)
    for takes in ({"image": (3,), "label": ()}, {"image": (2,)}, {"image": (2,), "code": ()}):
        with pytest.raises(ValueError, match="discriminator must take .* Received: .*'label'"):
            check_network(takes, discriminator=network)
