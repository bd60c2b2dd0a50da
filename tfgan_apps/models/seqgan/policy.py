"""The generator as a policy: it draws tokens one after the other, and scores those that are there.

A state is what the LSTM is left with, (hidden, cell). Chance comes in as numbers in [0, 1), one
for each token, so that the same numbers give the same sequence.
"""

import tensorflow as tf

from tfgan_apps.models.seqgan.networks import part

_ROWS = 1024  # of sequences that are drawn at a time
_SMALLEST = 1e-20  # the authors' bound below of a probability


def draw(logits, uniform):
    """Draws an index for each row: the first whose cumulative probability exceeds a number.

    Sums of blocks are looked through first, then the block: the sum over all is never cumulated.

    Args:
        logits: float32 (rows, V).
        uniform: float32 (rows,) in [0, 1).

    Returns:
        int32 (rows,).
    """
    size = logits.shape[-1]
    block = _block(size)
    probabilities = tf.nn.softmax(logits)
    if size % block:
        probabilities = tf.pad(probabilities, ((0, 0), (0, -size % block)))
    blocks = tf.reshape(probabilities, (-1, probabilities.shape[1] // block, block))
    sums = tf.reduce_sum(blocks, -1)
    cumulated = tf.cumsum(sums, -1)
    number = uniform * cumulated[:, -1]
    index = _first_beyond(cumulated, number)
    number -= tf.gather(cumulated - sums, index, batch_dims=1)
    inside = tf.cumsum(tf.gather(blocks, index, batch_dims=1), -1)
    return index * block + _first_beyond(inside, number)


def _block(size):
    """Returns a block's length near the root of the size, which leaves little to pad."""
    root = max(1, int(size**0.5))
    return min(range(root, 2 * root + 1), key=lambda block: -size % block)


def _first_beyond(cumulated, number):
    """Returns the first index whose sum exceeds a number.

    If rounding leaves none, it is the last that adds anything: what has probability 0 is not drawn.
    """
    before = (cumulated <= number[:, None]) & (cumulated < cumulated[:, -1:])
    return tf.reduce_sum(tf.cast(before, tf.int32), -1)


class Policy:
    """A language model that draws its own input.

    Args:
        network: `build_generator`'s.
        start_token: int, what comes before the first token. Defaults to 0.
    """

    def __init__(self, network, start_token=0):
        self.start_token = start_token
        self.embedding = network.get_layer("embedding")
        self.cell = network.get_layer("lstm").cell
        self.hidden = part(network, "lstm")
        # The variables themselves: a `call` under mixed precision would read rounded weights.
        self.kernel, self.bias = (weight.value for weight in network.get_layer("logits").weights)

    def first_state(self, rows):
        """Returns the state before the first token."""
        zeros = tf.zeros((rows, self.cell.units), self.cell.compute_dtype)
        return zeros, zeros

    def advance(self, tokens, state):
        """Returns the state after tokens (rows,) that were seen."""
        return tuple(self.cell(self.embedding(tokens), list(state))[1])

    def next_tokens(self, state, uniform, temperature=1.0, top_k=0):
        """Draws the tokens that follow states, (rows,), from numbers (rows,)."""
        hidden, weights = self._with_bias(state[0])
        logits = hidden @ weights / temperature
        if top_k:
            smallest = tf.math.top_k(logits, top_k).values[:, -1:]
            logits = tf.where(logits < smallest, logits.dtype.min, logits)
        return draw(logits, uniform)

    def sample(self, uniform, temperature=1.0, top_k=0):
        """Draws whole sequences.

        Args:
            uniform: float32 (batch, length) in [0, 1).
            temperature: float > 0; logits are divided by it. Defaults to 1.
            top_k: int, only the k likeliest tokens are drawn; 0 for all. Defaults to 0.

        Returns:
            int32 (batch, length).
        """
        rows, length = uniform.shape[0] or tf.shape(uniform)[0], uniform.shape[1]
        parts = (rows + _ROWS - 1) // _ROWS
        each = (rows + parts - 1) // parts
        padded = tf.pad(uniform, ((0, parts * each - rows), (0, 0)))
        # One part after the other: its probabilities stay in a cache.
        drawn = tf.map_fn(
            lambda part: self._sample(part, temperature, top_k),
            tf.reshape(padded, (parts, each, length)),
            fn_output_signature=tf.int32,
        )
        return tf.reshape(drawn, (-1, length))[:rows]

    def _sample(self, uniform, temperature, top_k):
        numbers = tf.transpose(uniform)
        length, rows = numbers.shape[0], tf.shape(numbers)[1]
        first = tf.fill((rows,), self.start_token)
        first.set_shape(numbers.shape[1:])

        def step(i, tokens, state, drawn):
            state = self.advance(tokens, state)
            tokens = self.next_tokens(state, numbers[i], temperature, top_k)
            return i + 1, tokens, state, drawn.write(i, tokens)

        drawn = tf.TensorArray(tf.int32, length, element_shape=first.shape)
        loop = (0, first, self.first_state(rows), drawn)
        loop = tf.while_loop(lambda i, *_: i < length, step, loop, maximum_iterations=length)
        return tf.transpose(loop[3].stack())

    def continuations(self, tokens, uniform, copies):
        """Completes every beginning of every sequence, several times.

        Beginnings share the states of their sequence. They join one batch as time goes on: at each
        time all that have begun are advanced together, and what is known already is not computed.

        Args:
            tokens: int32 (batch, length).
            uniform: float32 (length - 1, copies * batch, length) in [0, 1).
            copies: int, continuations of each beginning.

        Returns:
            int32 (length - 1, copies * batch, length); the first axis: tokens that were kept, from
            1 on; the second: all sequences, again and again.
        """
        length = tokens.shape[1]
        before = tf.fill(tf.shape(tokens)[:1], self.start_token)
        shared = self.first_state(tf.shape(tokens)[0])
        previous, state, columns = tf.zeros((0,), tf.int32), self.first_state(0), []
        for time in range(1, length):
            shared = self.advance(before, shared)
            before = tokens[:, time - 1]
            new = [tf.tile(x, (copies, *[1] * (x.shape.rank - 1))) for x in (before, *shared)]
            joined = [tf.concat(x, 0) for x in zip((previous, *state), new, strict=True)]
            state = self.advance(joined[0], joined[1:])
            column = self._by_group(state, uniform[:time, :, time])
            previous = tf.reshape(column, (-1,))
            columns.append(tf.pad(column, ((0, length - 1 - time), (0, 0))))
        columns = tf.stack([tf.zeros_like(columns[0]), *columns], -1)
        kept = tf.range(length) < tf.range(1, length)[:, None]
        return tf.where(kept[:, None], tf.tile(tokens, (copies, 1)), columns)

    def _by_group(self, state, uniform):
        """Draws for (groups, rows) one group after the other: probabilities stay in a cache."""
        groups = uniform.shape[0]
        grouped = [tf.reshape(x, (groups, -1, x.shape[-1])) for x in state]
        return tf.map_fn(
            lambda group: self.next_tokens(group[:-1], group[-1]),
            (*grouped, uniform),
            fn_output_signature=tf.int32,
        )

    def log_likelihood(self, tokens):
        """Returns the log-probability of each token, given those before it.

        The gradient of the logits is never made: that of the weights follows from probabilities.

        Args:
            tokens: int32 (batch, length).

        Returns:
            float32 (batch, length), nats; at least the logarithm of 1e-20.
        """
        hidden = self.hidden(shifted(tokens, self.start_token))
        hidden, weights = self._with_bias(tf.reshape(hidden, (-1, self.cell.units)))
        likelihood = _log_likelihood(hidden, weights, tf.reshape(tokens, (-1,)))
        return tf.reshape(likelihood, tf.shape(tokens))

    def _with_bias(self, hidden):
        """Returns states with a 1 behind, and weights with the bias below: a product adds it."""
        hidden = tf.pad(tf.cast(hidden, tf.float32), ((0, 0), (0, 1)), constant_values=1.0)
        return hidden, tf.concat([self.kernel, self.bias[None]], 0)


def shifted(tokens, start_token):
    """Returns what comes before each token: the start, then all but the last."""
    return tf.pad(tokens[:, :-1], ((0, 0), (1, 0)), constant_values=start_token)


@tf.custom_gradient
def _log_likelihood(hidden, weights, tokens):
    probabilities = tf.nn.softmax(hidden @ weights)
    chosen = tf.gather(probabilities, tokens, batch_dims=1)

    def gradient(upstream):
        # The logits' gradient is (1 for the token - probabilities): a gather and a product.
        scale = tf.where(chosen > _SMALLEST, upstream, 0.0)[:, None]
        scaled = hidden * scale
        ones = tf.math.unsorted_segment_sum(scaled, tokens, weights.shape[1])
        to_weights = tf.transpose(ones) - tf.matmul(scaled, probabilities, transpose_a=True)
        to_hidden = tf.gather(tf.transpose(weights), tokens)
        to_hidden -= tf.matmul(probabilities, weights, transpose_b=True)
        return to_hidden * scale, to_weights, None

    return tf.math.log(tf.maximum(chosen, _SMALLEST)), gradient
