"""What the networks are given: embeddings of texts."""

import tensorflow as tf


def embedding_of(batch, encoder, jit_compile="auto"):
    """Returns the embeddings of a batch, (batch, embedding_size) float32.

    Args:
        batch: dict of `embedding`, or of strings: `captions` (batch, k) or `caption` (batch,).
        encoder: see `embed`.
        jit_compile: bool or "auto", as `compile` was asked. Defaults to "auto".

    Raises:
        ValueError: when the batch has neither, or strings meet no encoder, or a demand for XLA.
    """
    if "embedding" in batch:
        return batch["embedding"]
    name = next((name for name in ("captions", "caption") if name in batch), None)
    if name is None:
        raise ValueError(f"a batch must have 'embedding' or 'captions'. Received: {sorted(batch)}")
    if jit_compile is True:
        raise ValueError(
            "jit_compile must be 'auto' or False for batches of strings, which XLA does not "
            f"compile; or give 'embedding'. Received: jit_compile=True, strings in {name!r}"
        )
    return embed(batch[name], encoder)


def embed(text, encoder):
    """Returns the embeddings of texts, of several the mean: (batch, embedding_size) float32.

    Args:
        text: strings (batch,) or (batch, k).
        encoder: Keras model or layer, from strings (batch,) to embeddings.

    Raises:
        ValueError: when there is no encoder.
    """
    text = tf.convert_to_tensor(text)
    embedding = required(encoder)(tf.reshape(text, [-1]), training=False)
    texts = (tf.shape(text)[0], -1, embedding.shape[-1])
    return tf.reduce_mean(tf.cast(tf.reshape(embedding, texts), tf.float32), 1)


def required(encoder):
    """Returns the encoder, or raises `ValueError` when it is None."""
    if encoder is None:
        raise ValueError("encoder must be given to the model, for texts. Received: encoder=None")
    return encoder
