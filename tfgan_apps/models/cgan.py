"""CGAN: images of a class, by networks that are both told the class.

Reference:
    Mirza, Osindero, "Conditional Generative Adversarial Nets", 2014,
    https://arxiv.org/abs/1411.1784

Parameters:
    generator 2,413,984, discriminator 1,224,351

Differences:
    The authors published no code: first weights, and the moves at once from the same parameters,
    are as in GAN's code, which theirs grew from. Fakes have the classes of the real images.
    Training ends after its epochs, not at the best likelihood of held-out images.
    Images are in [-1, 1]; inside the networks they are pixels in [0, 1], as the authors'.
"""

import keras
import tensorflow as tf
from keras import layers

from tfgan_apps import batches, class_labels, losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_choice, check_integers, check_learning_rate
from tfgan_apps.given_networks import check_network
from tfgan_apps.layers import Dropout, OneHot
from tfgan_apps.models.gan import GROWTH_EPOCHS, uniform_0005, uniform_005
from tfgan_apps.networks.maxout import maxout
from tfgan_apps.networks.unit_interval import image_of_sigmoid, pixels_of
from tfgan_apps.optimizers import GrowingMomentumSGD
from tfgan_apps.schedules import DivisionDecay
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


def build_generator(image_shape=(28, 28, 1), classes=10, latent_size=100, width=1200):
    """Returns the generator: `latents` (batch, latent_size), `label` (batch,) -> `image`, float32.

    Args:
        image_shape: (height, width, channels). Defaults to (28, 28, 1).
        classes: int. Defaults to 10.
        latent_size: int, of the noise. Defaults to 100.
        width: int, of the hidden layer of both; noise and class have a 6th and 5 of it. Defaults
            to 1200.
    """
    latents = layers.Input((latent_size,), name="latents")
    label = layers.Input((), dtype="int32", name="label")
    of_noise, of_class = width // 6, width - width // 6
    parts = [_relu(of_noise)(latents), _relu(of_class)(OneHot(classes)(label))]
    x = Dropout(0.5, seed=0)(layers.Concatenate()(parts))
    x = Dropout(0.5, seed=1)(_relu(width)(x))
    pixels = image_shape[0] * image_shape[1] * image_shape[2]
    x = layers.Dense(pixels, kernel_initializer=uniform_005())(x)
    image = image_of_sigmoid(layers.Reshape(image_shape)(x))
    return keras.Model({"latents": latents, "label": label}, image, name="generator")


def build_discriminator(image_shape=(28, 28, 1), classes=10, units=240):
    """Returns the discriminator: `image`, `label` (batch,) -> `logits` (batch, 1), float32.

    Args:
        image_shape: (height, width, channels). Defaults to (28, 28, 1).
        classes: int. Defaults to 10.
        units: int, of what sees the image, and of what sees both. Defaults to 240.
    """
    image = layers.Input(image_shape, name="image")
    label = layers.Input((), dtype="int32", name="label")
    seen = maxout(layers.Flatten()(pixels_of(image)), units, 5, uniform_0005())
    told = maxout(OneHot(classes)(label), 50, 5, uniform_0005())
    x = Dropout(0.5, seed=2)(layers.Concatenate()([seen, told]))
    x = Dropout(0.5, seed=3)(maxout(x, units, 4, uniform_0005()))
    x = layers.Dense(1, kernel_initializer=uniform_0005())(x)
    logits = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model({"image": image, "label": label}, logits, name="discriminator")


def _relu(width):
    return layers.Dense(width, "relu", kernel_initializer=uniform_005())


@keras.saving.register_keras_serializable(package="tfgan_apps")
class CGAN(AdversarialModel):
    """A generator that is told a class, and a discriminator that knows the class too.

    `latents` is the paper's z, `label` its y; d_real and d_fake are D(x|y) and D(G(z|y)).

    Args:
        image_size: height and width of the images in pixels.
        channels: of the images, 1 to 4.
        classes: of the images.
        latent_size: of the noise, uniform in [0, 1).
        generator_width: of the generator's joint hidden layer.
        discriminator_width: of the discriminator's hidden layers, but that of the class.
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
        image_size: int = 28,
        channels: int = 1,
        classes: int = 10,
        latent_size: int = 100,
        generator_width: int = 1200,
        discriminator_width: int = 240,
        seed: int = 0,
        class_names=None,
        generator=None,
        discriminator=None,
        **kwargs,
    ):
        super().__init__(["d_real", "d_fake"], seed, **kwargs)
        check_integers(1, image_size=image_size, latent_size=latent_size)
        check_integers(6, generator_width=generator_width)
        check_integers(1, discriminator_width=discriminator_width)
        check_choice((1, 2, 3, 4), channels=channels)
        self.class_names = class_labels.check_classes(classes, class_names)
        shape = (image_size, image_size, channels)
        check_network({"latents": (latent_size,), "label": ()}, shape, generator=generator)
        check_network({"image": shape, "label": ()}, discriminator=discriminator)
        self.batch_spec = batches.labelled(image_size, channels, classes)
        self.latent_size, self.noise = latent_size, noise.DISTRIBUTIONS["unit"]
        self.generator = generator or build_generator(shape, classes, latent_size, generator_width)
        build = build_discriminator
        self.discriminator = discriminator or build(shape, classes, discriminator_width)

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 0.1, momentum: float = 0.5, steps_per_epoch=500):
        """Returns the paper's gradient descents, whose momentum grows to 0.7.

        Args:
            learning_rate: of both, divided by 1.00004 after every step, down to 1e-6.
            momentum: at first, above 0; it grows in the first 250 epochs.
            steps_per_epoch: int, `len(dataset)`. Defaults to 500.
        """
        check_learning_rate(learning_rate=learning_rate)
        rate, steps = DivisionDecay(learning_rate, 1.00004), GROWTH_EPOCHS * steps_per_epoch
        return {p: GrowingMomentumSGD(rate, momentum, 0.7, steps) for p in self.players()}

    def train_step(self, batch):
        image, label = batch["image"], batch["label"]
        verdicts = {}

        def discriminator_loss():
            latents = noise.drawn(self, "latents", image)
            fake = self.generator({"latents": latents, "label": label}, training=True)
            verdicts["fake"] = self.discriminator({"image": fake, "label": label}, training=True)
            on_real = self.discriminator(batch, training=True)
            return self.discriminator_loss(on_real, verdicts["fake"]), None

        def generator_loss():  # of the same verdict, dropout and all
            return losses.non_saturating_generator_loss(verdicts["fake"]), None

        self.update_together({"discriminator": discriminator_loss, "generator": generator_loss})
        return self.finish_step()

    def test_step(self, batch):
        latents = noise.drawn(self, "test", batch["label"], self.tested("discriminator_loss"))
        fake = self.generator({"latents": latents, "label": batch["label"]})
        on_fake = self.discriminator({"image": fake, "label": batch["label"]})
        loss = self.discriminator_loss(self.discriminator(batch), on_fake)
        self.track(discriminator_loss=loss)
        return self.results()

    def discriminator_loss(self, on_real, on_fake):
        """Returns the sum of both cross-entropies."""
        self.track(d_real=tf.reduce_mean(tf.sigmoid(on_real)))
        self.track(d_fake=tf.reduce_mean(tf.sigmoid(on_fake)))
        return losses.minimax_discriminator_loss(on_real, on_fake)

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: each class, with the same noise."""
        return class_labels.samples(self, batch)

    def serving(self):
        """Returns what a server offers: images of a class, from seeds or from noise."""
        classes = len(self.class_names)
        return NoiseToImage(self.generator, classes, noise=self.noise, names=self.class_names)
