"""Serving of networks that turn a text into an image: a sentence and a seed in, a PNG file out."""

import tensorflow as tf

from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.served_model import (
    ServedModel,
    Signature,
    tables_of,
    tolerance_of,
    variables_of,
)
from tfgan_apps.serving.kinds.text_to_embedding import texts
from tfgan_apps.sheets import between


class TextToImage(ServedModel):
    """The signatures of a generator that is conditioned on an encoded text.

    `serving_default` maps `text` (string[None], UTF-8) and `seed` (int32[None]) to `image_bytes`
    (string[None], PNG files), `uint8` to `image` (uint8[None, height, width, channels]). The same
    text and seed always give the same image. With a vocabulary, `unknown_words` maps `text` to
    `words` (string[None]), those that are not in it, with a space between them.

    Args:
        generator: `keras.Model` with inputs `latents` (float32 (B, ...), standard normal) and
            `embedding` (float32 (B, D)), to images in [-1, 1].
        encoder: `keras.Model` or layer from strings (B,) to embeddings (B, D).
        vocabulary: `Vocabulary` of the captions of the training. Defaults to None.

    Raises:
        ValueError: the generator has other inputs.
    """

    def __init__(self, generator, encoder, vocabulary=None):
        shapes = {tensor.name: tensor.shape for tensor in generator.inputs}
        if set(shapes) != {"latents", "embedding"}:
            raise ValueError(
                "generator must have the inputs 'latents' and 'embedding'. "
                f"Received: inputs {sorted(shapes)}"
            )
        self.generator = generator
        self.encoder = encoder
        self.vocabulary = vocabulary
        self._shape = shapes["latents"][1:]
        inputs = [tf.TensorSpec([None], tf.string, "text"), tf.TensorSpec([None], tf.int32, "seed")]
        self.offered = {
            "serving_default": Signature(inputs, self._draw_as("image_bytes"), _request),
            "uint8": Signature(inputs, self._draw_as("image"), _request),
        }
        if vocabulary is not None:
            self.offered["unknown_words"] = Signature(
                inputs[:1],
                lambda text: {"words": vocabulary.unknown_words(text)},
                lambda size: {"text": texts(size)},
            )

    @property
    def variables(self):
        return variables_of(self.generator, self.encoder)

    @property
    def tables(self):
        return tables_of(self.encoder) + (self.vocabulary.tables if self.vocabulary else [])

    def tolerance(self, signature):
        return tolerance_of(self.generator)

    def interpolation(self, text, to_text, seeds, steps):
        """Returns images on the way between captions: for each step float32 (seeds, H, W, C).

        Args:
            text, to_text: str; the first step is drawn from the one, the last from the other.
            seeds: sequence of int; all steps of a seed have the same noise.
            steps: int >= 2.
        """
        seeds = tf.constant(seeds)
        first, last = self.encoder(tf.constant([text, to_text]), training=False)
        embeddings = between(first, last, steps)
        repeated = [tf.repeat(embedding[None], len(seeds), axis=0) for embedding in embeddings]
        return [self._drawn(embedding, seeds).numpy() for embedding in repeated]

    def _drawn(self, embedding, seed):
        inputs = {"latents": served_model.normal(seed, self._shape), "embedding": embedding}
        return served_model.call(self.generator, inputs)

    def _draw_as(self, name):
        return lambda text, seed: {name: self._drawn(self.encoder(text, training=False), seed)}


def _request(size):
    return {"text": texts(size), "seed": served_model.seeds(size)}
