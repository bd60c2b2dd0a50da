"""Serving of networks that turn a text into an image: a sentence and a seed in, a PNG file out."""

import tensorflow as tf

from tfgan_apps.serving.kinds import pixels, served_model
from tfgan_apps.serving.kinds.served_model import ServedModel, tables_of, tolerance_of, variables_of
from tfgan_apps.serving.kinds.text_to_embedding import texts


class TextToImage(ServedModel):
    """The signatures of a generator that is conditioned on an encoded text.

    `serving_default` maps `text` (string[None], UTF-8) and `seed` (int32[None]) to `image_bytes`
    (string[None], PNG files), `uint8` to `image` (uint8[None, height, width, channels]). The same
    text and seed always give the same image.

    Args:
        generator: `keras.Model` with inputs `latents` (float32 (B, ...), standard normal) and
            `embedding` (float32 (B, D)), to images in [-1, 1].
        encoder: `keras.Model` or layer from strings (B,) to embeddings (B, D).

    Raises:
        ValueError: the generator has other inputs.
    """

    def __init__(self, generator, encoder):
        shapes = {tensor.name: tensor.shape for tensor in generator.inputs}
        if set(shapes) != {"latents", "embedding"}:
            raise ValueError(
                "generator must have the inputs 'latents' and 'embedding'. "
                f"Received: inputs {sorted(shapes)}"
            )
        self.generator = generator
        self.encoder = encoder
        self._shape = shapes["latents"][1:]
        self._predict = tf.function(lambda **request: pixels.levels(self._generate(**request)))

    @property
    def variables(self):
        return variables_of(self.generator, self.encoder)

    @property
    def tables(self):
        return tables_of(self.encoder)

    def signatures(self):
        inputs = {
            "text": tf.TensorSpec([None], tf.string, "text"),
            "seed": tf.TensorSpec([None], tf.int32, "seed"),
        }

        def image(**request):
            return {"image": pixels.rounded(self._generate(**request))}

        def encoded(**request):
            return {"image_bytes": pixels.encode_png(image(**request)["image"])}

        return {
            "serving_default": served_model.signature(encoded, inputs),
            "uint8": served_model.signature(image, inputs),
        }

    def examples(self, size):
        request = {"text": texts(size), "seed": served_model.seeds(size)}
        return {"serving_default": request, "uint8": request}

    def predict(self, signature, request):
        name = {"serving_default": "image_bytes", "uint8": "image"}[signature]
        tensors = {key: tf.constant(value) for key, value in request.items()}
        return {name: self._predict(**tensors).numpy()}

    def tolerance(self, signature):
        return tolerance_of(self.generator)

    def _generate(self, text, seed):
        latents = served_model.normal(seed, self._shape)
        embedding = self.encoder(text, training=False)
        return served_model.call(self.generator, {"latents": latents, "embedding": embedding})
