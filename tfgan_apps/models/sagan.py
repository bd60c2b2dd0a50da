"""SAGAN: images of a class, by networks in which each place can see all others.

Reference:
    Zhang, Goodfellow, Metaxas, Odena, "Self-Attention Generative Adversarial Networks", ICML 2019,
    https://arxiv.org/abs/1805.08318
    https://github.com/brain-research/self-attention-gan at ad9612e

Parameters:
    generator 42,078,852, discriminator 39,463,618

Differences:
    The vectors of spectral norms get no gradient, as in the paper of Miyato et al.; that of the
    released code flows through them.
    beta_2 is the paper's 0.9; the released code has 0.999.
    Averages of the generator's weights, as BigGAN-PyTorch has for SAGAN, are an option.
"""

import keras
import tensorflow as tf

from tfgan_apps import averages, batches, class_labels, losses, noise, standing_statistics
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_choice, check_integers, check_learning_rate, check_numbers
from tfgan_apps.given_networks import check_network
from tfgan_apps.networks import sagan
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SAGAN(AdversarialModel):
    """A generator that is told a class, and a discriminator to whose logits the class is projected.

    | here | paper | authors' code |
    |---|---|---|
    | `latents`, `label` | z, y | zs, target_class |
    | `generator_filters`, `discriminator_filters` | | gf_dim, df_dim |
    | `attention` | feat32 | sn_non_local_block_sim |
    | the gain of attention, layer `..._gamma` | gamma | sigma_ratio |

    Args:
        image_size: height and width of the images in pixels, a power of 2 from 16 on.
        channels: of the images, 1 to 4.
        classes: of the images.
        latent_size: of the noise, standard normal.
        generator_filters: of the generator's last block.
        discriminator_filters: of the discriminator's first block.
        attention: height and width of the features that have attention; 0: none. 64 and 32 are the
            paper's best ones.
        average_decay: of an average of the generator's weights, which inference uses, in [0, 1); 0:
            there is none. BigGAN-PyTorch has 0.9999. Its normalizations need statistics of its own:
            `settle` measures them, for sheets, evaluations and exports.
        normalization_decay: of the moving averages that inference normalizes by, in [0, 1); of a
            thousand steps the authors' still hold a third of what they began with.
        standing_batches: batches that an average's statistics are measured over.
        standing_batch_size: images of each of them.
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
        classes: int = 1000,
        latent_size: int = 128,
        generator_filters: int = 64,
        discriminator_filters: int = 64,
        attention: int = 32,
        average_decay: float = 0.0,
        normalization_decay: float = 0.999,
        standing_batches: int = 16,
        standing_batch_size: int = 64,
        seed: int = 0,
        class_names=None,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__(["real_logit", "fake_logit"], seed, **kwargs)
        check_integers(1, latent_size=latent_size, generator_filters=generator_filters)
        check_integers(1, discriminator_filters=discriminator_filters)
        check_integers(1, standing_batches=standing_batches)
        check_integers(2, standing_batch_size=standing_batch_size)
        check_choice((1, 2, 3, 4), channels=channels)
        check_numbers(0, 1, average_decay=average_decay, normalization_decay=normalization_decay)
        self.class_names = class_labels.check_classes(classes, class_names)
        shape = (image_size, image_size, channels)
        check_network({"latents": (latent_size,), "label": ()}, shape, generator=generator)
        check_network({"image": shape, "label": ()}, discriminator=discriminator)
        self.batch_spec = batches.labelled(image_size, channels, classes)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["normal"]
        self.average_decay, size = average_decay, (image_size, channels, classes)
        self.generator = generator or self._built_generator(
            *size, latent_size, generator_filters, attention, normalization_decay
        )
        self.discriminator = discriminator or self._built_discriminator(
            *size, discriminator_filters, attention
        )
        self.standing = standing_batches, standing_batch_size
        self.average = self.generator
        if average_decay:
            self.average = averages.average_of(self.generator)

    @staticmethod
    def _built_generator(image_size, channels, classes, latent_size, filters, attention, decay):
        widths = sagan.widths_of(image_size, filters)
        return sagan.build_generator(widths, channels, classes, latent_size, attention, decay)

    @staticmethod
    def _built_discriminator(image_size, channels, classes, filters, attention):
        widths = sagan.widths_of(image_size, filters)[::-1]
        return sagan.build_discriminator(widths, image_size, channels, classes, attention)

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(
        self,
        generator_learning_rate: float = 1e-4,
        discriminator_learning_rate: float = 4e-4,
        beta_2: float = 0.9,
    ):
        """Returns the paper's Adams, of two rates.

        Args:
            generator_learning_rate: of the generator's Adam.
            discriminator_learning_rate: of the discriminator's, the larger one.
            beta_2: of both; the released code has 0.999.
        """
        rates = {"discriminator": discriminator_learning_rate, "generator": generator_learning_rate}
        check_learning_rate(**{f"{player}_learning_rate": rate for player, rate in rates.items()})
        check_numbers(0, 0.9999, beta_2=beta_2)
        return {p: Adam(r, 0.0, beta_2, epsilon=1e-8) for p, r in rates.items()}

    def train_step(self, batch):
        fake, label = self.drawn(batch["image"], "the discriminator's")
        loss = lambda: (self.discriminator_loss(batch, fake, label), None)  # noqa: E731
        self.update("discriminator", loss)
        self.update("generator", lambda: (self.generator_loss(batch["image"]), None))
        if self.average_decay:
            self.follow(self.average, self.generator, self.average_decay)
        return self.finish_step()

    def test_step(self, batch):
        number = self.tested("discriminator_loss")
        inputs = {"latents": noise.drawn(self, "test", batch["image"], number)}
        fake = self.call(inputs | {"label": batch["label"]})
        loss = self.discriminator_loss(batch, fake, batch["label"], training=False)
        self.track(discriminator_loss=loss)
        return self.results()

    def drawn(self, like, name):
        """Returns generated images of a training step, and their classes, drawn too.

        Args:
            like: tensor with as many examples.
            name: str, tells apart the draws of one step.
        """
        label = class_labels.drawn(self, f"{name} labels", like, len(self.class_names))
        inputs = {"latents": noise.drawn(self, f"{name} latents", like), "label": label}
        return self.generator(inputs, training=True), label

    def discriminator_loss(self, batch, fake, label, training=True):
        """Returns the hinge losses; spectral norms move on with the real images alone.

        Args:
            batch: as that of `fit`.
            fake, label: generated images and their classes.
            training: bool. Defaults to True.
        """
        real = {"image": batch["image"], "label": batch["label"]}
        on_real = self.discriminator(real, training=training)
        on_fake = self.discriminator({"image": fake, "label": label}, training=False)
        self.track(real_logit=tf.reduce_mean(on_real), fake_logit=tf.reduce_mean(on_fake))
        return losses.hinge_discriminator_loss(on_real, on_fake)

    def generator_loss(self, like):
        """Returns minus the mean logit of fresh fakes."""
        fake, label = self.drawn(like, "the generator's")
        on_fake = self.discriminator({"image": fake, "label": label}, training=False)
        return losses.hinge_generator_loss(on_fake)

    def settle(self):
        """Measures the statistics of the average; those that it follows are of other weights."""
        if self.average_decay:
            standing_statistics.renew(
                self.average, standing_statistics.batches(self, *self.standing)
            )

    def call(self, inputs, training=False):
        network = self.generator if training else self.average
        return network(inputs, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: each class, with the same noise."""
        self.settle()
        return class_labels.samples(self, batch)

    def serving(self):
        """Returns what a server offers: images of a class."""
        self.settle()
        given = {"classes": len(self.class_names), "names": self.class_names}
        return NoiseToImage(self.average, noise=self.noise, **given)
