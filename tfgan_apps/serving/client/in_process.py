"""A model in this process, asked by the graphs that its export would serve; no extra is needed."""

import tensorflow as tf

_BATCH = 16


def answers(serve, examples):
    """Yields what a signature with one output answers: (example, output's name, its value).

    Args:
        serve: `tf.function` of a `ServedModel`'s signature.
        examples: list of `Example`, with the same parts.
    """
    for first in range(0, len(examples), _BATCH):
        batch = examples[first : first + _BATCH]
        parts = [example.parts for example in batch]
        request = {name: tf.constant([part[name] for part in parts]) for name in parts[0]}
        ((name, values),) = serve(request).items()
        for example, value in zip(batch, values.numpy(), strict=True):
            yield example, name, value


def line(answer):
    """Returns a sequence as a line: text, or the numbers of its tokens.

    Args:
        answer: bytes, or int array (T,).
    """
    return answer.decode() if isinstance(answer, bytes) else " ".join(map(str, answer))
