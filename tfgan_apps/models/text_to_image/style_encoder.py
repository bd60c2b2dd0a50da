"""StyleEncoder: the noise behind an image, for style transfer with a text-to-image generator.

Reference:
    Reed, Akata, Yan, Logeswaran, Schiele, Lee, "Generative Adversarial Text to Image Synthesis",
    ICML 2016, https://arxiv.org/abs/1605.05396, sections 4.4 and 5.2

Differences:
    The paper does not say what network inverts the generator, and its code has none: here it is
    the discriminator's convolutions, without the text.
"""

import keras
import tensorflow as tf
from keras import layers

from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_integers, check_learning_rate
from tfgan_apps.models.text_to_image import inputs, networks
from tfgan_apps.optimizers import Adam


def build_style_encoder(
    image_size=64, channels=3, latent_size=100, filters=64, name="style_encoder"
):
    """Returns the network that estimates the noise which an image was generated from.

    Args:
        image_size: int, a power of 2 from 16 on. Defaults to 64.
        channels: int, of the image. Defaults to 3.
        latent_size: int, of the noise. Defaults to 100.
        filters: int, of the first layer. Defaults to 64.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, image_size, image_size, channels) in [-1, 1] -> `latents`
        (batch, latent_size), float32.

    Raises:
        ValueError: another `image_size`.
    """
    image = layers.Input((image_size, image_size, channels), name="image")
    x = layers.Flatten()(networks.halve_to_4x4(image, filters))
    latents = layers.Dense(latent_size, dtype="float32", name="latents")(x)
    return keras.Model(image, latents, name=name)


@keras.saving.register_keras_serializable(package="tfgan_apps")
class StyleEncoder(AdversarialModel):
    """Inverts a trained generator: S with the least E||z - S(G(z, embedding))||^2.

    | here | paper |
    |---|---|
    | `network` | S |
    | `generator` | G, not trained |
    | `encoder` | phi, not trained |

    Args:
        generator: `keras.Model` of a dict of inputs `latents` (batch, latent_size) and `embedding`
            (batch, embedding_size), to images (batch, image_size, image_size, channels) in
            [-1, 1]; that of a trained `TextToImageGAN`.
        encoder: Keras model or layer, from strings (batch,) to embeddings. Defaults to None, which
            is enough for embeddings.
        filters: of the network's first layer.
        seed: of weights, data order and draws.

    Call: `image` (batch, image_size, image_size, channels) in [-1, 1] -> `latents`.
    A batch of `fit` is a dict of `embedding` (batch, embedding_size), or of `captions`, strings
    (batch, k); its images are not used.

    Raises:
        ValueError: when the generator's images are not square, of a power of 2 from 16 on.
    """

    def __init__(self, generator, encoder=None, filters: int = 64, seed: int = 0, **kwargs):
        super().__init__((), seed, **kwargs)
        check_integers(1, filters=filters)
        self.generator = generator
        self.encoder = encoder
        self.latent_size = generator.input["latents"].shape[-1]
        _, size, _, channels = generator.output_shape
        self.network = build_style_encoder(size, channels, self.latent_size, filters)

    def players(self):
        return {"network": [self.network]}

    def optimizers(self, learning_rate: float = 2e-4):
        """Returns the Adam of the generators that it inverts.

        Args:
            learning_rate: of Adam.
        """
        check_learning_rate(learning_rate=learning_rate)
        return {"network": Adam(learning_rate, beta_1=0.5)}

    def train_step(self, batch):
        embedding = inputs.embedding_of(batch, self.encoder, self.asked_jit_compile)
        latents = self._draw_latents("latents", embedding)
        image = self.generate(latents, embedding)
        self.update("network", lambda: (self.loss_of(latents, image, training=True), None))
        return self.finish_step()

    def test_step(self, batch):
        embedding = inputs.embedding_of(batch, self.encoder, self.asked_jit_compile)
        latents = self._draw_latents("test", embedding, self.tested("network_loss"))
        self.track(network_loss=self.loss_of(latents, self.generate(latents, embedding)))
        return self.results()

    def _draw_latents(self, name, embedding, batch=None):
        normal, count = tf.random.stateless_normal, tf.shape(embedding)[0]
        return self.draw(normal, name, count, (self.latent_size,), batch)

    def loss_of(self, latents, image, training=False):
        """Returns the mean squared distance of the estimated noise from the true one.

        Args:
            latents: (batch, latent_size).
            image: (batch, image_size, image_size, channels), generated from them.
            training: bool, whether the batch's own statistics normalize it. Defaults to False.
        """
        difference = latents - self.network(image, training=training)
        return tf.reduce_mean(tf.reduce_sum(tf.square(difference), -1))

    def generate(self, latents, embedding):
        """Returns the generator's images, (batch, image_size, image_size, channels) in [-1, 1].

        Args:
            latents: (batch, latent_size).
            embedding: (batch, embedding_size).
        """
        return self.generator({"latents": latents, "embedding": embedding}, training=False)

    def call(self, image, training=False):
        return self.network(image, training=training)

    def transfer(self, image, text=None, embedding=None):
        """Returns images of a text in the style of others: G(S(image), embedding).

        Args:
            image: (batch, image_size, image_size, channels) in [-1, 1], whose style is kept:
                background and pose, what the text does not say.
            text: strings (batch,) or (batch, k).
            embedding: (batch, embedding_size), in place of the text.

        Returns:
            float32 (batch, image_size, image_size, channels) in [-1, 1].

        Raises:
            ValueError: when not exactly one of text and embedding is given, or text without
                encoder.
        """
        if (text is None) == (embedding is None):
            raise ValueError(
                "transfer() expects either text or embedding. "
                f"Received: text={text}, embedding={embedding}"
            )
        if embedding is None:
            embedding = inputs.embed(text, self.encoder)
        return self.generate(self(image), embedding)

    def samples(self, batch):
        """Returns the columns of a sample sheet: texts, images of other texts, their styles on it.

        Args:
            batch: dict of `image` and `caption` (strings), and the `embedding` if at hand.
        """
        embedding = inputs.embedding_of(batch, self.encoder)
        columns = {"caption": tf.roll(batch["caption"], 1, 0), "style of": batch["image"]}
        transferred = self.transfer(batch["image"], embedding=tf.roll(embedding, 1, 0))
        return {**columns, "transferred": transferred}
