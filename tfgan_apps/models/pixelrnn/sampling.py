"""Exact sampling with caches: each activation is computed once, when its pixel comes."""

import keras
import tensorflow as tf

from tfgan_apps.models.pixelrnn.caches import CACHES, dense


def levels_of(image, levels):
    """Returns the levels (int32, from 0) of an image in [-1, 1]."""
    return tf.cast(tf.round((image + 1.0) * ((levels - 1) / 2)), tf.int32)


def image_of(numbers, levels):
    """Returns the image in [-1, 1], float32, of levels."""
    return tf.cast(numbers, tf.float32) * (2 / (levels - 1)) - 1.0


def seen(numbers, levels):
    """Returns levels as the first convolution sees them; see `build_network`."""
    return tf.cast(numbers, tf.float32) if levels == 2 else image_of(numbers, levels)


def draw(logits, uniform, temperature, levels):
    """Returns the levels that uniform numbers stand for, by the inverse of the distribution.

    Args:
        logits: (...) for 2 levels, else (..., levels).
        uniform: (...) in [0, 1).
        temperature: float > 0 that logits are divided by.
        levels: int.
    """
    if levels == 2:
        return tf.cast(uniform < tf.sigmoid(logits / temperature), tf.int32)
    below = tf.cumsum(tf.nn.softmax(logits / temperature), axis=-1)[..., :-1]
    return tf.reduce_sum(tf.cast(below <= uniform[..., None], tf.int32), -1)


class Sampler:
    """Draws images pixel by pixel.

    Args:
        network, kind, image_shape, depth, levels, residual, skip_connections: as for
            `build_network`.
    """

    def __init__(self, network, kind, image_shape, depth, levels, residual, skip_connections):
        self.network = network
        self.image_shape = image_shape
        self.levels = levels
        self.depth = depth
        self.residual = residual
        self.skip_connections = skip_connections
        self.make_caches = CACHES[kind]

    def __call__(self, uniform, known=None, mask=None, temperature=1.0, condition=None):
        """Draws images.

        Args:
            uniform: float32 (B, height, width, channels) in [0, 1), what chance decides.
            known: int32 levels (B, height, width, channels), those that are given.
            mask: bool (B, height, width, channels), where they are given. Default to none.
            temperature: float > 0. Defaults to 1.
            condition: the smaller image of a conditional network, in [-1, 1].

        Returns:
            int32 levels (B, height, width, channels), and the logits that they were drawn by,
            as the network gives them.
        """
        if mask is None:
            known, mask = tf.zeros_like(uniform, tf.int32), tf.zeros_like(uniform, tf.bool)
        height, width, channels = self.image_shape
        batch = tf.shape(uniform)[0]
        caches = self.make_caches(self.network, self.depth, self._conditions(condition))
        pixels = _Pixels(self, caches, temperature)
        # Rows and columns first: a step of a loop reads one entry.
        given = [tf.transpose(x, (1, 2, 0, 3)) for x in (uniform, known, mask)]

        def row(r, above, cache, levels, logits):
            inputs = [x[r] for x in given]
            new_levels, new_logits, left = pixels.row(above, caches.row_terms(r, cache), inputs)
            above = self._next(above, new_levels)
            cache = caches.end_row(r, left, cache)
            return r + 1, above, cache, levels.write(r, new_levels), logits.write(r, new_logits)

        margin = pixels.margin
        above = tf.zeros((batch, margin, width + 2 * margin, channels))
        arrays = [tf.TensorArray(dtype, height) for dtype in (tf.int32, tf.float32)]
        loop = (tf.constant(0), above, caches.empty(batch, width), *arrays)
        *_, levels, logits = tf.while_loop(lambda r, *_: r < height, row, loop)
        # (H, W, B, ...) -> (B, H, W, ...)
        rest = () if self.levels == 2 else (4,)
        return tf.transpose(levels.stack(), (2, 0, 1, 3)), tf.transpose(
            logits.stack(), (2, 0, 1, 3, *rest)
        )

    def _next(self, above, levels):
        """Returns the rows above the next one, with margins for the first convolution."""
        margin = above.shape[1]
        row = seen(tf.transpose(levels, (1, 0, 2)), self.levels)[:, None]
        row = tf.pad(row, ((0, 0), (0, 0), (margin, margin), (0, 0)))
        return tf.concat([above, row], 1)[:, 1:]

    def _conditions(self, condition):
        """Returns what layers add to their gates, (height, width, depth, B, n), or None."""
        if condition is None:
            return None
        layers = [self.network.get_layer(f"layer_{i}_condition") for i in range(self.depth)]
        outputs = [layer.output for layer in layers]
        maps = keras.Model(self.network.get_layer("condition").output, outputs)
        return tf.transpose(tf.stack(maps(condition)), (2, 3, 0, 1, 4))


class _Pixels:
    """The loop over the pixels of a row."""

    def __init__(self, sampler, caches, temperature):
        self.sampler = sampler
        self.caches = caches
        self.temperature = temperature
        get = sampler.network.get_layer
        first = get("first")
        self.margin = first.kernel_size[0] // 2
        kernel = first.causal_kernel()
        self.first_above = tf.reshape(kernel[:-1], (-1, first.filters))
        self.first_bias = tf.convert_to_tensor(first.bias)
        here = kernel[-1, : self.margin + 1]
        self.first_here = tf.reshape(here, (-1, first.filters))
        self.skips = [
            dense(get(f"layer_{i}_skip")) for i in range(sampler.depth) if sampler.skip_connections
        ]
        self.head = [dense(get(name)) for name in ("head_0", "head_1", "outputs")]

    def row(self, above, terms, given):
        """Returns levels and logits (W, B, C, ...), and what `end_row` takes, (W, L, B, n) each."""
        width, batch, channels = given[0].shape[0], tf.shape(given[0])[1], given[0].shape[2]
        # The convolution over the rows above, for the whole row: a product with all windows.
        windows = [above[:, :, j : j + width] for j in range(2 * self.margin + 1)]
        windows = tf.transpose(tf.stack(windows, 3), (2, 0, 1, 3, 4))
        windows = tf.reshape(windows, (width, batch, self.first_above.shape[0]))
        first = tf.tensordot(windows, self.first_above, 1) + self.first_bias

        def column(c, window, left, outputs):
            at = [first[c], *(x[c] for x in given)]
            levels, logits, window, left, right = self._pixel(
                window, left, [t[c] for t in terms], at
            )
            values = (levels, logits, *right)
            outputs = tuple(o.write(c, value) for o, value in zip(outputs, values, strict=True))
            return c + 1, window, left, outputs

        window = tf.zeros((batch, self.margin * channels))
        dtypes = [tf.int32, tf.float32] + [tf.float32] * len(self.caches.right)
        outputs = tuple(tf.TensorArray(dtype, width) for dtype in dtypes)
        loop = (tf.constant(0), window, self.caches.nothing_left(batch), outputs)
        outputs = tf.while_loop(lambda c, *_: c < width, column, loop)[3]
        levels, logits, *right = [o.stack() for o in outputs]
        shape = (width, self.sampler.depth, None)
        sizes = [n * self.caches.filters for n in self.caches.right]
        right = tuple(tf.ensure_shape(x, (*shape, n)) for x, n in zip(right, sizes, strict=True))
        return levels, logits, right

    def _pixel(self, window, left, terms, at):
        """Draws the colours of a pixel one after the other; the last look is what is kept."""
        first, uniform, known, mask = at
        levels = self.sampler.levels
        drawn, all_logits = tf.zeros_like(known), []
        for colour in range(known.shape[-1]):
            pixels = tf.concat([window, seen(drawn, levels)], -1)
            x, new_left, right = self._layers(first + pixels @ self.first_here, left, terms)
            logits = self._logits(x, known.shape[-1])[:, colour]
            level = draw(logits, uniform[:, colour], self.temperature, levels)
            level = tf.where(mask[:, colour], known[:, colour], level)
            drawn = drawn + level[:, None] * tf.one_hot(colour, known.shape[-1], dtype=tf.int32)
            all_logits.append(logits)
        window = tf.concat([window, seen(drawn, levels)], -1)[:, known.shape[-1] :]
        return drawn, tf.stack(all_logits, 1), window, new_left, right

    def _layers(self, x, left, terms):
        """Returns the last map at a pixel, what its neighbour takes, what the next row takes."""
        lefts = list(zip(*(tf.unstack(t) for t in left), strict=True))
        terms = list(zip(*(tf.unstack(t) for t in terms), strict=True))
        new_lefts, rights, skipped = [], [], []
        for i in range(self.sampler.depth):
            y, new_left, right = self.caches.pixel(i, x, lefts[i], terms[i])
            x = x + y if self.sampler.residual else y
            new_lefts.append(new_left)
            rights.append(right)
            skipped += [x @ kernel + bias for kernel, bias in self.skips[i : i + 1]]
        new_left = tuple(tf.stack(parts) for parts in zip(*new_lefts, strict=True))
        right = tuple(tf.stack(parts) for parts in zip(*rights, strict=True))
        return sum(skipped, x), new_left, right

    def _logits(self, x, channels):
        for kernel, bias in self.head:
            x = tf.nn.relu(x) @ kernel + bias
        return x if self.sampler.levels == 2 else tf.reshape(x, (-1, channels, self.sampler.levels))
