"""DRIT's networks of both domains: each one's own parts, joined with what both share."""

import keras

from tfgan_apps.networks import drit, unit

SIDES = ("x", "y")


def coders(architecture, channels, filters, blocks, latent_size, mlp_size, **options):
    """Returns content encoders, style encoders, decoders, dicts, and the generator's parts, a list.

    Args:
        architecture, channels, filters, blocks, latent_size, mlp_size: as of `DRIT`.
        **options: see `tfgan_apps.networks.drit`.
    """
    sizes, joins = (channels, filters), architecture == "concat"
    own = _both(drit.build_content_encoder, "own_encoder", *sizes, blocks, **options)
    shared = drit.build_shared(filters * 2**drit.HALVINGS, name="shared_encoder", **options)
    encoders = {side: unit.joined(each, shared, f"encoder_{side}") for side, each in own.items()}
    build = _joining_decoders if joins else _feature_wise_decoders
    decoders, parts = build(*sizes, blocks, latent_size, mlp_size, **options)
    told = drit.build_normal_encoder if joins else drit.build_style_encoder
    styles = _both(told, "style_encoder", *sizes, latent_size, **options)
    return encoders, styles, decoders, [*own.values(), shared, *parts]


def discriminators(*sizes, **options):
    """Returns those of images in encoded styles, and those of images in drawn ones, dicts.

    Args:
        *sizes, **options: see `build_discriminator`.
    """
    names = ("discriminator", "random_discriminator")
    return [_both(drit.build_discriminator, name, *sizes, **options) for name in names]


def of_contents(image_size, filters, *numbers):
    """Returns the content discriminator.

    Args:
        image_size: int, of images that contents are of.
        filters: int, of the content encoders.
        *numbers: kernel size and others of `build_content_discriminator`.
    """
    scale = 2**drit.HALVINGS
    return drit.build_content_discriminator(image_size // scale, filters * scale, *numbers)


def _joining_decoders(channels, filters, blocks, latent_size, _, **options):
    """Returns the decoders, a dict, and a list of their parts, the shared one once."""
    sizes = channels, filters, blocks, latent_size
    own = _both(drit.build_joining_decoder, "own_decoder", *sizes, **options)
    shared = drit.build_shared(filters * 2**drit.HALVINGS, name="shared_decoder", **options)
    decoders = {side: _after(shared, each, f"decoder_{side}") for side, each in own.items()}
    return decoders, [shared, *own.values()]


def _feature_wise_decoders(channels, filters, blocks, *sizes, **options):
    """Returns the decoders, a dict, and a list of them."""
    sizes = channels, filters, blocks + 1, *sizes
    own = _both(drit.build_feature_wise_decoder, "decoder", *sizes, **options)
    return own, list(own.values())


def _after(shared, own, name):
    """Returns a decoder that begins with what both share."""
    style = keras.Input(own.input["style"].shape[1:], name="style")
    content = keras.Input(shared.input_shape[1:], name="content")
    image = own({"content": shared(content), "style": style})
    return keras.Model({"content": content, "style": style}, image, name=name)


def _both(build, name, *sizes, **options):
    return {side: build(*sizes, name=f"{name}_{side}", **options) for side in SIDES}
