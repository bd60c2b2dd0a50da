"""Latent codes, of categories and of numbers: their draws, and sheets that sweep them."""

import tensorflow as tf

from tfgan_apps import noise, sheets
from tfgan_apps.arguments import check, check_integers

SWEPT = (-2.0, -1.0, 0.0, 1.0, 2.0)


class Code:
    """A code: categories as vectors of 0 and 1, then numbers.

    `size`: int, of all of it.

    Args:
        categories: tuple of int >= 2, how many each categorical part has.
        numbers: int >= 0.

    Raises:
        ValueError: a number is out of its range, or there is no part.
    """

    def __init__(self, categories, numbers):
        for count in categories:
            check_integers(2, categories=count)
        check_integers(0, continuous=numbers)
        self.categories, self.numbers = tuple(categories), numbers
        self.size = sum(categories) + numbers
        check(self.size > 0, "given, or continuous above 0", categories=categories)

    def get_config(self):
        """Returns the arguments, dict name -> numbers, that make the same code."""
        return {"categories": list(self.categories), "numbers": self.numbers}

    def split(self, code):
        """Returns [each categorical part, the numbers] of codes (B, size)."""
        return tf.split(code, [*self.categories, self.numbers], axis=-1)

    def drawn(self, model, name, like, batch=None):
        """Returns codes of a step, or of a test batch, (B, size); see `noise.drawn`.

        Categories are all as likely, numbers uniform in [-1, 1].
        """
        shape = (len(self.categories) + self.numbers,)
        uniform = tf.random.stateless_uniform
        return self.made(model.draw(uniform, name, tf.shape(like)[0], shape, batch))

    def by_chance(self, count, seed):
        """Returns codes drawn as in training, float32 array (count, size).

        Args:
            count, seed: int.
        """
        parts = len(self.categories) + self.numbers
        uniform = tf.random.stateless_uniform((count, parts), (seed, 7), alg="philox")
        return self.made(uniform).numpy()

    def made(self, uniform):
        """Returns the codes that uniform draws (B, parts) in [0, 1) stand for."""
        parts = []
        for place, count in enumerate(self.categories):
            chosen = tf.cast(uniform[:, place] * count, tf.int32)
            parts.append(tf.one_hot(chosen, count))
        numbers = uniform[:, len(self.categories) :]
        return tf.concat([*parts, 2.0 * numbers - 1.0], axis=-1)


def fakes(model, name, image, batch=None, training=True):
    """Returns images and the codes they are made of, new ones for each name.

    Args:
        model: as for `samples`, with a `generator`.
        name, batch: see `noise.drawn`.
        image: tensor with as many examples.
        training: bool. Defaults to True.
    """
    code = model.code.drawn(model, f"{name}'s code", image, batch)
    latents = noise.drawn(model, name, image, batch)
    return model.generator({"latents": latents, "code": code}, training=training), code


def samples(model, batch):
    """Returns the columns of a sample sheet: real images, and each part of the code swept.

    Args:
        model: `AdversarialModel` with a `code`, called with `latents` and `code`, that has what
            `noise.fixed` asks for.
        batch: real images (B, H, W, C) in [-1, 1].

    Returns:
        dict, title -> images; a row has one noise, and but for what is swept one code.
    """
    count, code = len(batch), model.code
    first, last = (noise.fixed(model, count, index) for index in (0, 1))
    parts = len(code.categories) + code.numbers
    fixed = code.made(tf.random.stateless_uniform((count, parts), (model.seed, 2)))
    columns, place = {"real": batch}, 0

    def with_part(values):
        """Returns images whose code has other values from `place` on."""
        end = place + values.shape[-1]
        changed = tf.concat([fixed[:, :place], values, fixed[:, end:]], axis=-1)
        return model.call({"latents": first, "code": changed})

    for number, categories in enumerate(code.categories):
        for chosen in range(categories):
            values = tf.one_hot(tf.fill([count], chosen), categories)
            columns[f"category {number + 1}: {chosen}"] = with_part(values)
        place += categories
    for number in range(code.numbers):
        make = lambda value: with_part(tf.fill([count, 1], value))  # noqa: E731
        columns |= sheets.sweep(make, f"number {number + 1}:", SWEPT)
        place += 1
    on_the_way = sheets.on_the_way(lambda z: model.call({"latents": z, "code": fixed}), first, last)
    return columns | {f"noise {title}": images for title, images in on_the_way.items()}
