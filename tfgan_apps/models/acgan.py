"""ACGAN: images of a class, by a discriminator that has to name the class itself.

Reference:
    Odena, Olah, Shlens, "Conditional Image Synthesis with Auxiliary Classifier GANs", ICML 2017,
    https://arxiv.org/abs/1610.09585
    https://github.com/clvrai/ACGAN-PyTorch (the authors published no code)

Parameters:
    generator 11,465,728, discriminator 2,525,563

Differences:
    The class is joined to 100 numbers of noise, as in the paper; that code writes it over the first
    of 110. It ends its networks of 32 pixels in the same way.
    The discriminator's last layers begin with Glorot's values, the paper's with N(0, 0.02). Images
    are shown and served by moving averages; that code's by the statistics of their batch.
"""

import keras
import tensorflow as tf

from tfgan_apps import batches, class_labels, losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.given_networks import check_network
from tfgan_apps.networks import acgan as networks
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class ACGAN(AdversarialModel):
    """A generator that is told a class, and a discriminator that tells the source and the class.

    `latents` is the paper's z, `label` its c; the discriminator's outputs `source` and `class` are
    P(S|X) and P(C|X). `class_accuracy` is of real images.

    Args:
        image_size: height and width of the images in pixels, a power of 2 from 16 on.
        channels: of the images, 1 to 4.
        classes: of the images; the paper has 100 models of 10.
        latent_size: of the noise, standard normal.
        generator_filters: of the generator's largest layers, a multiple of 12.
        discriminator_filters: of the discriminator's first layer.
        class_weight: of the class in both losses; 0 leaves a GAN.
        seed: of weights, data order and draws.
        class_names: sequence of str, for sheets and servers. Defaults to the numbers.
        generator, discriminator: `keras.Model`s in place of the built ones.

    Call: a dict of `latents` (batch, latent_size) and `label` int (batch,) -> `image`.
    A batch of `fit` is a dict of `image` (batch, image_size, image_size, channels) in [-1, 1] and
    `label` int (batch,), below `classes`.

    Raises:
        ValueError: an argument is out of its range, or there is not a name for each class.
    """

    def __init__(
        self,
        image_size: int = 128,
        channels: int = 3,
        classes: int = 10,
        latent_size: int = 100,
        generator_filters: int = 384,
        discriminator_filters: int = 16,
        class_weight: float = 1.0,
        seed: int = 0,
        class_names=None,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__(["d_real", "d_fake", "class_accuracy"], seed, **kwargs)
        if generator is None or discriminator is None:
            check_integers(16, image_size=image_size)
            check(not image_size & (image_size - 1), "a power of 2", image_size=image_size)
        check(generator_filters % 12 == 0, "a multiple of 12", generator_filters=generator_filters)
        check_integers(1, discriminator_filters=discriminator_filters, latent_size=latent_size)
        check_choice((1, 2, 3, 4), channels=channels)
        check_numbers(0, class_weight=class_weight)
        self.class_names = class_labels.check_classes(classes, class_names)
        shape = (image_size, image_size, channels)
        check_network({"latents": (latent_size,), "label": ()}, shape, generator=generator)
        check_network(shape, discriminator=discriminator)
        self.batch_spec = batches.labelled(image_size, channels, classes)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["normal"]
        self.class_weight, size = class_weight, (image_size, channels, classes)
        self.generator = generator or networks.build_generator(
            *size, latent_size, generator_filters
        )
        self.discriminator = discriminator or networks.build_discriminator(
            *size, discriminator_filters
        )

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 2e-4):
        """Returns the paper's Adams.

        Args:
            learning_rate: of both; the paper tries 1e-4, 2e-4 and 3e-4.
        """
        check_learning_rate(learning_rate=learning_rate)
        return {p: Adam(learning_rate, 0.5, epsilon=1e-8) for p in self.players()}

    def train_step(self, batch):
        image, label = batch["image"], tf.cast(batch["label"], tf.int32)
        wanted = class_labels.drawn(self, "labels", image, len(self.class_names))

        def generator_loss():
            latents = noise.drawn(self, "latents", image)
            fake = self.generator({"latents": latents, "label": wanted}, training=True)
            real_and_fake = (image, label), (fake, wanted)
            self.update("discriminator", lambda: (self.discriminator_loss(*real_and_fake), None))
            on_fake = self.discriminator(fake, training=True)
            verdict = losses.non_saturating_generator_loss(on_fake["source"])
            return verdict + self.class_loss(wanted, on_fake), None

        self.update("generator", generator_loss)
        return self.finish_step()

    def test_step(self, batch):
        image, label = batch["image"], tf.cast(batch["label"], tf.int32)
        latents = noise.drawn(self, "test", image, self.tested("discriminator_loss"))
        fake = self.generator({"latents": latents, "label": label})
        loss = self.discriminator_loss((image, label), (fake, label), training=False)
        self.track(discriminator_loss=loss)
        return self.results()

    def discriminator_loss(self, real, fake, training=True):
        """Returns the loss of sources and classes; real and fake batches are normalized apart."""
        on_real, on_fake = (self.discriminator(x, training=training) for x, _ in (real, fake))
        sources = {"d_real": on_real["source"], "d_fake": on_fake["source"]}
        self.track(**{name: tf.reduce_mean(tf.sigmoid(on)) for name, on in sources.items()})
        self.track(class_accuracy=class_labels.accuracy(real[1], on_real["class"]))
        loss = losses.minimax_discriminator_loss(*sources.values())
        return loss + self.class_loss(real[1], on_real) + self.class_loss(fake[1], on_fake)

    def class_loss(self, label, judged):
        """Returns the weighted cross-entropy of the class that the discriminator names."""
        return self.class_weight * losses.class_cross_entropy(label, judged["class"])

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: each class, with the same noise."""
        return class_labels.samples(self, batch)

    def serving(self):
        """Returns what a server offers: images of a class, and the class of an image."""
        logits_of = lambda image: self.discriminator(image)["class"]  # noqa: E731
        own = class_labels.served(self, [self.discriminator], logits_of)
        return NoiseToImage(self.generator, **own)
