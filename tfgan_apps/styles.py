"""What systems whose noise becomes styles share: two styles for an image, and their sheets."""

import tensorflow as tf

from tfgan_apps import noise, sheets

_CUTS = (0.25, 0.5, 0.75)  # shares of the layers, after which the second style begins
_TRUNCATIONS = (0.7, 0.3, 0.0)


def mixed(model, first, second, name, probability, last=None):
    """Returns styles for all layers: the first, and by chance the second one from a layer on.

    The chance and the layer are drawn once for the global batch.

    Args:
        model: `AdversarialModel`.
        first, second: tensors (batch, style_size).
        name: str, tells apart the draws of one step.
        probability: float in [0, 1], that there are two.
        last: int, the layers that count. Defaults to those of `model.truncated`, all.

    Returns:
        Tensor (batch, layers, style_size).

    Reference: Karras et al. 2019 (StyleGAN), https://arxiv.org/abs/1812.04948, section 3.1
    """
    count, uniform = model.truncated.count, tf.random.stateless_uniform
    chance, place = (model.draw_seed(f"{name} {what}") for what in ("mixing", "cut"))
    cut = uniform((), place, 1, last or count, tf.int32)
    cut = tf.where(uniform((), chance) < probability, cut, count)
    return tf.where((tf.range(count) < cut)[:, None], first[:, None], second[:, None])


def parts(batch):
    """Returns a batch, images or a dict of `image` and `label`, as a dict.

    Args:
        batch: tensor, or dict of tensors.
    """
    if not isinstance(batch, dict):
        return {"image": batch}
    return {"image": batch["image"], "label": tf.cast(batch["label"], tf.int32)}


def samples(model, batch, style_of, label=None):
    """Returns the columns of a sample sheet: fixed noise, two styles in an image, truncations.

    Args:
        model: `AdversarialModel` with `noise`, `latent_size`, `truncated` and `shown`.
        batch: real images (B, H, W, C) in [-1, 1].
        style_of: function of latents and labels to styles, that of inference.
        label: int tensor (B,), of the images. Defaults to None.

    Returns:
        dict, title -> images.
    """
    count, layers = len(batch), tf.range(model.truncated.count)[:, None]

    def styles(latents, truncation=1.0):
        return model.truncated(style_of(latents, label), tf.fill([count], truncation))

    def drawn(latents):
        return model.shown(styles(latents))

    latents = [noise.fixed(model, count, number) for number in range(2)]
    own, other = map(styles, latents)

    def crossed(share):
        return model.shown(tf.where(layers < round(share * model.truncated.count), own, other))

    columns = sheets.of_noise(drawn, lambda i: noise.fixed(model, count, i), batch, 3)
    columns |= {f"1, then 2 from {share:.0%} of the layers on": crossed(share) for share in _CUTS}
    near = lambda truncation: model.shown(styles(latents[0], truncation))  # noqa: E731
    return columns | sheets.sweep(near, "1, truncation", _TRUNCATIONS)
