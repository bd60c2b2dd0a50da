"""What DRIT's coders make of images in a pass: translations there and back, in styles of all."""

import tensorflow as tf

OTHER = {"x": "y", "y": "x"}


def contents(model, images, name, batch=None):
    """Returns contents with noise, which training adds and inference does not.

    Args:
        model: `DRIT`.
        images: dict, domain -> (batch, height, width, channels).
        name: str, tells apart the draws of one step.
        batch: scalar tensor, of an evaluation. Defaults to None, for training.
    """
    found = {}
    for side, image in images.items():
        content = model.content_encoders[side](image)
        shape, normal = tuple(content.shape[1:]), tf.random.stateless_normal
        noise = model.draw(normal, f"{name} {side}", tf.shape(content)[0], shape, batch)
        found[side] = content + tf.cast(noise, content.dtype)
    return found


def styles(model, told, name, batch=None):
    """Returns styles, drawn where what is told has a variance; see `contents`.

    Args:
        told: dict, domain -> mean and log variance, or None.
    """
    found = {}
    for side, (mean, log_variance) in told.items():
        found[side] = mean
        if log_variance is not None:
            noise = _drawn(model, f"{name} {side}", mean, batch)
            found[side] = mean + tf.exp(0.5 * log_variance) * noise
    return found


def of_images(model, images, count, batch=None):
    """Returns all that a round makes of images, a dict.

    Args:
        model: `DRIT`.
        images: dict, domain -> (batch, height, width, channels) in [-1, 1].
        count: int, styles that are drawn for each image.
        batch: scalar tensor, of an evaluation. Defaults to None, for training.

    Returns:
        `drawn`, a list of styles, which both domains have; and dicts by domain: `content`; `told`
        of styles; `fake`, in styles of images; `own`, of both its codes; `random`, lists in drawn
        styles; `back`, of the codes of fakes; `again`, the style that the first of `random` tells.
    """
    content = contents(model, images, "content", batch)
    told = {side: model.style_of(image, side) for side, image in images.items()}
    made = {"content": content, "told": told, "fake": {}, "own": {}, "random": {}}
    made["drawn"] = [_drawn(model, f"drawn {i}", images["x"], batch) for i in range(count)]
    style = styles(model, told, "style", batch)
    for side, other in OTHER.items():
        from_contents = [content[other], content[side], *[content[other]] * count]
        in_styles = [style[side], style[side], *made["drawn"]]
        codes = {"content": tf.concat(from_contents, 0), "style": tf.concat(in_styles, 0)}
        parts = tf.split(model.decoders[side](codes), 2 + count)
        made["fake"][side], made["own"][side], *made["random"][side] = parts
    made["back"], made["again"] = _back(model, made["fake"], made["random"], batch)
    return made


def sheet(model, images):
    """Returns the columns of a sample sheet: images in two drawn styles, and in those of two.

    Args:
        model: `DRIT`.
        images: dict, domain -> (batch, height, width, channels) in [-1, 1].
    """
    columns = {}
    drawn = tf.random.stateless_normal((2, model.latent_size), (model.seed, 0))
    for side, other in OTHER.items():
        columns[side] = images[side]
        told = model.style_of(images[other][:2], other)[0]
        wanted = {f"as {other}, drawn style {i}": s for i, s in enumerate(drawn, 1)}
        wanted |= {f"as {other}, style of {other} {i}": s for i, s in enumerate(told, 1)}
        for title, style in wanted.items():
            same = tf.repeat(style[None], len(images[side]), 0)
            columns[title] = model.translate(images[side], same, other)
    return columns


def _back(model, fakes, random, batch):
    """Returns images translated back, and what the first of `random` tell of their styles.

    A fake has the content of the other domain's image, and a style of its own.
    """
    content = contents(model, fakes, "content of fakes", batch)
    told, again = {}, {}
    for side, fake in fakes.items():
        both = model.style_of(tf.concat([fake, random[side][0]], 0), side)
        means, variances = ((None, None) if x is None else tf.split(x, 2) for x in both)
        told[side], again[side] = (means[0], variances[0]), means[1]
    style = styles(model, told, "style of fakes", batch)
    codes = {s: {"content": content[other], "style": style[s]} for s, other in OTHER.items()}
    return {side: model.decoders[side](code) for side, code in codes.items()}, again


def _drawn(model, name, like, batch):
    normal, shape = tf.random.stateless_normal, (model.latent_size,)
    return model.draw(normal, name, tf.shape(like)[0], shape, batch)
