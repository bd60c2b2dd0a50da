"""What the networks are given: embeddings of texts, and noise."""

import tensorflow as tf


def embedding_of(batch, encoder, jit_compile=False):
    """Returns the embeddings of a batch, (batch, embedding_size) float32.

    Args:
        batch: dict of `embedding`, or of strings: `captions` (batch, k) or `caption` (batch,).
        encoder: see `embed`.
        jit_compile: bool, whether XLA compiles the step. Defaults to False.

    Raises:
        ValueError: when the batch has neither, or strings meet no encoder, or XLA.
    """
    strings = [name for name, value in batch.items() if tf.as_dtype(value.dtype) == tf.string]
    if jit_compile and strings:
        raise ValueError(
            "jit_compile must be False for batches with strings, which XLA does not compile; or "
            f"give embeddings in their place. Received: jit_compile=True, strings in {strings}"
        )
    if "embedding" in batch:
        return batch["embedding"]
    for name in ("captions", "caption"):
        if name in batch:
            return embed(batch[name], encoder)
    raise ValueError(f"a batch must have 'embedding' or 'captions'. Received: {sorted(batch)}")


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


def draw_latents(model, name, count, latent_size):
    """Returns standard normal noise (count, latent_size), a replica's part of the global batch's.

    Args:
        model: `AdversarialModel` in a training step.
        name: str, tells apart the draws of one step.
        count: int scalar tensor, examples of this replica.
        latent_size: int.
    """
    replica = tf.distribute.get_replica_context()
    shape = (count * replica.num_replicas_in_sync, latent_size)
    latents = tf.random.stateless_normal(shape, model.draw_seed(name, per_replica=False))
    first = count * replica.replica_id_in_sync_group
    return latents[first : first + count]
