"""What systems of classes share: their number, draws of labels, and sheets by class."""

import functools

import tensorflow as tf

from tfgan_apps import noise, sheets
from tfgan_apps.arguments import check, check_integers

_SHOWN = 12  # classes of a sheet


def check_classes(classes, class_names):
    """Returns the names of classes, their numbers where none are given.

    Args:
        classes: int >= 1.
        class_names: sequence of str, as the data have them, or None.

    Raises:
        ValueError: there are not as many names as classes.
    """
    check_integers(1, classes=classes)
    names = tuple(class_names or map(str, range(classes)))
    check(classes == len(names), f"{len(names)}, the number of the data's classes", classes=classes)
    return names


def drawn(model, name, like, classes):
    """Returns labels of a training step, all as likely, int32; see `AdversarialModel.draw`.

    Args:
        model: `AdversarialModel`.
        name: str, tells apart the draws of one step.
        like: tensor with as many examples.
        classes: int, labels are below it.
    """
    uniform = functools.partial(
        tf.random.stateless_uniform, minval=0, maxval=classes, dtype=tf.int32
    )
    return model.draw(uniform, name, tf.shape(like)[0])


def samples(model, batch):
    """Returns the columns of a sample sheet: real images, each class, and between two noises.

    Args:
        model: `AdversarialModel` with `class_names`, called with `latents` and `label`, that has
            what `noise.fixed` asks for.
        batch: dict of `image`, real ones in [-1, 1], and `label`.

    Returns:
        dict, title -> images; a row has the same noise in all classes.
    """
    count = len(batch["image"])
    first, last = (noise.fixed(model, count, index) for index in (0, 1))

    def of_class(number, latents=first):
        return model.call({"latents": latents, "label": tf.fill([count], number)})

    labels = tf.cast(batch["label"], tf.int32)
    own = lambda latents: model.call({"latents": latents, "label": labels})  # noqa: E731
    between = {f"as real, {title}": x for title, x in sheets.on_the_way(own, first, last).items()}
    classes = sheets.of_classes(of_class, model.class_names[:_SHOWN])
    return {"real": batch["image"], **classes, **between}


def accuracy(label, logits):
    """Returns the share of examples whose largest logit is that of their label.

    Args:
        label: int32 tensor (B,).
        logits: float tensor (B, classes).
    """
    hits = tf.equal(tf.argmax(logits, -1, tf.int32), label)
    return tf.reduce_mean(tf.cast(hits, tf.float32))


def served(model, networks, logits_of):
    """Returns what `NoiseToImage` is told beside the generator, `classify` among it.

    Args:
        model: as for `samples`.
        networks: list of `keras.Model`s that tell the class.
        logits_of: function of images (B, H, W, C) in [-1, 1] to logits (B, classes).

    Returns:
        dict, name of an argument -> value.
    """

    def classify(image):
        probabilities = tf.nn.softmax(logits_of(image))
        return {"label": tf.argmax(probabilities, -1, tf.int32), "probabilities": probabilities}

    names = model.class_names
    own = {"classify": classify, "networks": networks, "names": names}
    return {"classes": len(names), "noise": model.noise, **own}
