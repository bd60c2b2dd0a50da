"""The mapping network of StyleGAN2 and its successors: from noise to styles, and from labels.

Reference: Karras et al. 2020 (StyleGAN2-ADA), https://arxiv.org/abs/2006.06676;
https://github.com/NVlabs/stylegan2-ada-pytorch at d72cc7d, training/networks.py, MappingNetwork
"""

import keras
from keras import layers

from tfgan_apps.arguments import check, check_integers, check_numbers
from tfgan_apps.layers import EqualizedDense, OneHot, PixelNormalization, scaled_leaky_relu


def build_mapping_network(
    latent_size=512, style_size=512, depth=8, classes=0, width=None, rate=0.01, name="mapping"
):
    """Returns the network that makes a style of noise, of a class, or of both.

    Args:
        latent_size: int >= 0, of the noise; 0 for a network that sees labels alone, as that of a
            discriminator. Defaults to 512.
        style_size: int, of the style. Defaults to 512.
        depth: int >= 1, dense layers. Defaults to 8.
        classes: int >= 0, labels are below it; 0 for none. Defaults to 0.
        width: int, of the layers before the last one. Defaults to the style's size.
        rate: float > 0, how much faster than others the layers learn (the authors' lr_multiplier).
            Defaults to 0.01.
        name: str, of the model.

    Returns:
        Functional model, all in float32: `latents` (batch, latent_size) and, where there are
        classes, `label` int32 (batch,) -> `styles` (batch, style_size).

    Raises:
        ValueError: a size does not fit, or the network would see nothing.
    """
    check_integers(1, style_size=style_size, depth=depth)
    check_integers(0, classes=classes, latent_size=latent_size)
    check_numbers(1e-9, rate=rate)
    check(latent_size or classes, "at least 1 without classes", latent_size=latent_size)
    inputs, seen = {}, []
    if latent_size:
        inputs["latents"] = keras.Input((latent_size,), name="latents")
        seen.append(_normalized(inputs["latents"]))
    if classes:
        inputs["label"] = keras.Input((), dtype="int32", name="label")
        one_hot = OneHot(classes, dtype="float32")(inputs["label"])
        embedded = EqualizedDense(style_size, name="embedding", dtype="float32")(one_hot)
        seen.append(_normalized(embedded))
    x = layers.Concatenate(dtype="float32")(seen) if len(seen) > 1 else seen[0]
    options = {"rate": rate, "activation": scaled_leaky_relu, "dtype": "float32"}
    for number in range(depth - 1):
        x = EqualizedDense(width or style_size, name=f"dense_{number}", **options)(x)
    x = EqualizedDense(style_size, name="styles", **options)(x)
    return keras.Model(inputs, x, name=name)


def _normalized(x):
    return PixelNormalization(dtype="float32")(x)
