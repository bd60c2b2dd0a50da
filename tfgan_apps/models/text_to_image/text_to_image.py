"""Text to image: GAN-CLS, GAN-INT and GAN-INT-CLS draw what the embedding of a caption says.

Reference:
    Reed, Akata, Yan, Logeswaran, Schiele, Lee, "Generative Adversarial Text to Image Synthesis",
    ICML 2016, https://arxiv.org/abs/1605.05396
    https://github.com/reedscot/icml2016 at db3f0c6 (the authors' Torch code)

Parameters:
    generator 18,905,472, discriminator 4,030,080

Differences:
    GAN-INT interpolates between neighbours of the batch, where the authors pair i with i + B/2:
    examples are drawn independently, and so the replicas pair what one device does, if each has an
    even share of the batch.
    The discriminator's third convolution at 64 px is followed by a leaky ReLU, as in the authors'
    main_cls.lua; their script with interpolation has none there. Here the weights of the losses do
    not change the network.
"""

import keras
import tensorflow as tf

from tfgan_apps import batches, losses
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_choice, check_integers, check_learning_rate, check_numbers
from tfgan_apps.models.text_to_image import inputs
from tfgan_apps.models.text_to_image.networks import build_discriminator, build_generator
from tfgan_apps.optimizers import Adam
from tfgan_apps.schedules import StepDecay
from tfgan_apps.serving.kinds.text_to_image import TextToImage

SAMPLES = 4
"""Columns of generated images in a sample sheet."""


@keras.saving.register_keras_serializable(package="tfgan_apps")
class TextToImageGAN(AdversarialModel):
    """A generator of images from captions, and a discriminator of images that match their text.

    | here | paper | authors' code |
    |---|---|---|
    | `cls_weight`=0.5 | GAN-CLS | `cls_weight` |
    | `interpolation_weight`=1.0 | GAN-INT; with the former, GAN-INT-CLS | `interp_weight` |
    | d_real, d_wrong, d_fake | s_r, s_w, s_f | outputs of netD |

    The networks are built from the sizes, or given: any models of a dict of inputs of the same
    names as those built.

    Args:
        image_size: height and width of the images in pixels, a power of 2 from 16 on.
        channels: of the images, 1, 3 or 4.
        embedding_size: of a text's embedding.
        latent_size: of the noise.
        text_size: each network compresses the embedding to it (nt).
        generator_filters: of the generator's last hidden layer (ngf).
        discriminator_filters: of the discriminator's first layer (ndf).
        cls_weight: in [0, 1], what an image with the text of another one weighs among the
            discriminator's negatives; 0: it sees none.
        interpolation_weight: >= 0, of the generator's loss for interpolated texts, 1 for GAN-INT;
            0: there are none. They are the middles of examples 0 and 1, 2 and 3 and so on of a
            replica's share of the batch; of an odd share the last example has no partner.
        normalize_text: whether the discriminator batch-normalizes its text, as in the authors'
            script with interpolation.
        seed: of weights, data order and draws.
        encoder: Keras model or layer, from strings (batch,) to embeddings (batch, embedding_size).
            It is not trained. Defaults to None, which is enough to train on embeddings.
        vocabulary: `Vocabulary` of the captions to learn from; then a server also tells which words
            of a text are none of them. Defaults to None.
        generator, discriminator: `keras.Model`s in place of the built ones.

    Call: (`latents`, `embedding`) -> `image`, as the generator's.
    A batch of `fit` is a dict: `image` and, with a `cls_weight`, `wrong_image`, which the text is
    not of, (batch, image_size, image_size, channels) in [-1, 1]; `embedding` (batch,
    embedding_size), or `captions`, strings (batch, k), whose mean embedding is taken.

    Raises:
        ValueError: when a number is out of its range.
    """

    def __init__(
        self,
        image_size: int = 64,
        channels: int = 3,
        embedding_size: int = 1024,
        latent_size: int = 100,
        text_size: int = 128,
        generator_filters: int = 128,
        discriminator_filters: int = 64,
        cls_weight: float = 0.5,
        interpolation_weight: float = 0.0,
        normalize_text: bool = False,
        seed: int = 0,
        encoder=None,
        vocabulary=None,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        scores = ["d_real", "d_wrong", "d_fake"] if cls_weight else ["d_real", "d_fake"]
        super().__init__(scores, seed, **kwargs)
        check_numbers(0, 1, cls_weight=cls_weight)
        check_numbers(0, interpolation_weight=interpolation_weight)
        check_integers(1, embedding_size=embedding_size, latent_size=latent_size)
        check_integers(1, text_size=text_size, generator_filters=generator_filters)
        check_integers(1, discriminator_filters=discriminator_filters)
        check_choice((1, 3, 4), channels=channels)
        self.batch_spec = {"image": batches.images(image_size, channels)}
        self.latent_size = latent_size
        self.cls_weight = float(cls_weight)
        self.interpolation_weight = float(interpolation_weight)
        self.least_batch = 2 if interpolation_weight else 1
        self.encoder, self.vocabulary = encoder, vocabulary
        sizes = (image_size, channels, embedding_size)
        self.generator = generator or build_generator(
            *sizes, latent_size, text_size, generator_filters
        )
        self.discriminator = discriminator or build_discriminator(
            *sizes, text_size, discriminator_filters, normalize_text
        )

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(
        self, learning_rate: float = 2e-4, decay_epochs: int = 100, steps_per_epoch=None
    ):
        """Returns the paper's Adams.

        Args:
            learning_rate: of both Adams, before the decay.
            decay_epochs: the rate is halved at the beginning of every epoch that this divides,
                counted from 1; the authors' for COCO is 40.
            steps_per_epoch: int, `len(dataset)`. Defaults to None, a constant rate.
        """
        check_learning_rate(learning_rate=learning_rate)
        check_integers(1, decay_epochs=decay_epochs)
        rate = learning_rate
        if steps_per_epoch is not None:
            rate = StepDecay(learning_rate, steps_per_epoch, decay_epochs)
        return {p: Adam(rate, 0.5, 0.999, epsilon=1e-8) for p in self.players()}

    def train_step(self, batch):
        embedding = inputs.embedding_of(batch, self.encoder, self.asked_jit_compile)
        if self.cls_weight and "wrong_image" not in batch:
            raise ValueError(
                "a batch must have 'wrong_image' (images that the text is not of), or the model "
                f"cls_weight=0. Received: {sorted(batch)}"
            )
        fake = self((self.draw_latents("fake", embedding), embedding), training=True)
        images = (batch["image"], batch.get("wrong_image"), fake)
        self.update("discriminator", lambda: (self.discriminator_loss(*images, embedding), None))
        self.update("generator", lambda: (self.generator_loss(embedding), None))
        return self.finish_step()

    def test_step(self, batch):
        embedding = inputs.embedding_of(batch, self.encoder, self.asked_jit_compile)
        latents = self.draw_latents("test", embedding, self.tested("generator_loss"))
        fake = self((latents, embedding))
        on_real, on_fake = (self.judge(x, embedding) for x in (batch["image"], fake))
        scores = {"d_real": _mean_score(on_real), "d_fake": _mean_score(on_fake)}
        self.track(generator_loss=losses.sigmoid_cross_entropy(on_fake, 1.0), **scores)
        return self.results()

    def discriminator_loss(self, image, wrong_image, fake, embedding):
        """Returns the discriminator's loss, its batches normalized each by itself.

        Args:
            image, wrong_image, fake: (batch, image_size, image_size, channels) in [-1, 1]: real and
                of the text, real and not of it, generated from it.
            embedding: (batch, embedding_size), of the text.
        """
        on_real = self.judge(image, embedding, training=True)
        on_fake = self.judge(tf.stop_gradient(fake), embedding, training=True)
        scores = {"d_real": _mean_score(on_real), "d_fake": _mean_score(on_fake)}
        negatives = (1 - self.cls_weight) * losses.sigmoid_cross_entropy(on_fake, 0.0)
        if self.cls_weight:
            on_wrong = self.judge(wrong_image, embedding, training=True)
            scores["d_wrong"] = _mean_score(on_wrong)
            negatives += self.cls_weight * losses.sigmoid_cross_entropy(on_wrong, 0.0)
        self.track(**scores)
        return losses.sigmoid_cross_entropy(on_real, 1.0) + negatives

    def generator_loss(self, embedding):
        """Returns the generator's loss for texts and, if it has a weight, what is between them.

        Args:
            embedding: (batch, embedding_size).
        """
        latents, weights = self.draw_latents("latents", embedding), 1.0
        if self.interpolation_weight:
            between = 0.5 * (embedding[:-1:2] + embedding[1::2])
            latents = tf.concat([latents, self.draw_latents("between", between)], 0)
            weight = tf.fill([tf.shape(between)[0], 1], self.interpolation_weight)
            weights = tf.concat([tf.ones_like(embedding[:, :1]), weight], 0)
            embedding = tf.concat([embedding, between], 0)
        fake = self((latents, embedding), training=True)
        on_fake = self.judge(fake, embedding, training=True)
        return losses.sigmoid_cross_entropy(on_fake, 1.0, weights)

    def judge(self, image, embedding, training=False):
        """Returns the discriminator's logits, (batch, 1).

        Args:
            image: (batch, image_size, image_size, channels) in [-1, 1].
            embedding: (batch, embedding_size).
            training: bool, whether the batch's own statistics normalize it. Defaults to False.
        """
        return self.discriminator({"image": image, "embedding": embedding}, training=training)

    def draw_latents(self, name, embedding, batch=None):
        """Returns the noise of this step for every example, (batch, latent_size).

        Args:
            name: str, tells apart the draws of one step.
            embedding: (batch, embedding_size), which says how many.
            batch: see `draw`.
        """
        normal, count = tf.random.stateless_normal, tf.shape(embedding)[0]
        return self.draw(normal, name, count, (self.latent_size,), batch)

    def call(self, latents_and_embedding, training=False):
        latents, embedding = latents_and_embedding
        return self.generator({"latents": latents, "embedding": embedding}, training=training)

    def generate(self, text, latents):
        """Returns images of texts, (batch, image_size, image_size, channels) in [-1, 1].

        Args:
            text: strings (batch,).
            latents: float32 (batch, latent_size), standard normal.

        Raises:
            ValueError: when the model has no encoder.
        """
        return self((latents, inputs.embed(text, self.encoder)))

    def samples(self, batch):
        """Returns the columns of a sample sheet: captions, real images, generated ones.

        Those of one column have the same noise.

        Args:
            batch: dict of `image` and `caption` (strings), and the `embedding` if at hand.
        """
        embedding = inputs.embedding_of(batch, self.encoder)
        shape = (SAMPLES, self.latent_size)
        columns = {"caption": batch["caption"], "image": batch["image"]}
        for index, latents in enumerate(tf.random.stateless_normal(shape, (self.seed, 0))):
            same = tf.repeat(latents[None], tf.shape(embedding)[0], axis=0)
            columns[f"sample {index + 1}"] = self((same, embedding))
        return columns

    def serving(self):
        """Returns what a server offers: images from texts and seeds.

        Raises:
            ValueError: when the model has no encoder.
        """
        return TextToImage(self.generator, inputs.required(self.encoder), self.vocabulary)


def _mean_score(logits):
    return tf.reduce_mean(tf.sigmoid(logits))
