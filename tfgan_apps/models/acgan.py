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
"""

import keras
import tensorflow as tf
from keras import layers

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
from tfgan_apps.initializers import normal_002
from tfgan_apps.layers import Dropout, OneHot
from tfgan_apps.networks.dcgan import normalized
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage

IMAGENET = 128  # the image size that has networks of its own


def build_generator(image_size=128, channels=3, classes=10, latent_size=100, filters=384):
    """Returns the generator: `latents` (batch, latent_size), `label` (batch,) -> `image`, float32.

    Args:
        image_size: int, a power of 2 from 16 on; 128 has the layers of ImageNet, 5 x 5 kernels.
            Defaults to 128.
        channels: int, of the image, 1 to 4. Defaults to 3.
        classes: int. Defaults to 10.
        latent_size: int, of the noise. Defaults to 100.
        filters: int, a multiple of 12, of the largest convolution's output for 128 pixels, and
            before it for others. Defaults to 384.
    """
    latents = layers.Input((latent_size,), name="latents")
    label = layers.Input((), dtype="int32", name="label")
    x = layers.Concatenate()([latents, OneHot(classes)(label)])
    large = image_size == IMAGENET
    x = layers.Dense(2 * filters if large else filters, kernel_initializer=normal_002())(x)
    x = layers.Reshape((1, 1, x.shape[-1]))(x)
    if large:
        for width in (filters, 2 * filters // 3, filters // 2, filters // 6):
            x = _relu(_transposed(width, 5, 2, "valid")(x))
        x = _transposed(channels, 8, 2, "valid")(x)
    else:
        x = _relu(_transposed(filters // 2, 4, 1, "valid")(x))
        for halving in range(2, image_size.bit_length() - 2):
            x = _relu(_transposed(max(1, filters // 2**halving), 4)(x))
        x = _transposed(channels, 4)(x)
    image = layers.Activation("tanh", dtype="float32", name="image")(x)
    return keras.Model({"latents": latents, "label": label}, image, name="generator")


def build_discriminator(image_size=128, channels=3, classes=10, filters=16):
    """Returns the discriminator: `image` -> dict of `source` (batch, 1) and `class`, both logits.

    Args:
        image_size: int. Defaults to 128, where every other convolution pads nothing.
        channels: int, of the image, 1 to 4. Defaults to 3.
        classes: int. Defaults to 10.
        filters: int, of the first layer; they double with each of 6. Defaults to 16.
    """
    image = x = layers.Input((image_size, image_size, channels), name="image")
    for number in range(6):
        halved = number % 2 == 0
        if halved or image_size != IMAGENET:
            x = layers.ZeroPadding2D(1)(x)
        x = layers.Conv2D(filters * 2**number, 3, 2 if halved else 1, **_plain())(x)
        x = normalized(x) if number else x
        x = Dropout(0.5, seed=number)(layers.LeakyReLU(negative_slope=0.2)(x))
    x = layers.Flatten()(x)
    heads = {"source": layers.Dense(1)(x), "class": layers.Dense(classes)(x)}
    outputs = {n: layers.Activation("linear", dtype="float32", name=n)(h) for n, h in heads.items()}
    return keras.Model(image, outputs, name="discriminator")


def _plain():
    return {"use_bias": False, "kernel_initializer": normal_002()}


def _transposed(filters, kernel, strides=2, padding="same"):
    return layers.Conv2DTranspose(filters, kernel, strides, padding, **_plain())


def _relu(x):
    return layers.ReLU()(normalized(x))


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
        self.generator = generator or build_generator(*size, latent_size, generator_filters)
        self.discriminator = discriminator or build_discriminator(*size, discriminator_filters)

    def players(self):
        return {"discriminator": [self.discriminator], "generator": [self.generator]}

    def optimizers(self, learning_rate: float = 2e-4):
        """Returns the paper's Adams.

        Args:
            learning_rate: of both; the paper tries 1e-4, 2e-4 and 3e-4.
        """
        check_learning_rate(learning_rate=learning_rate)
        return {p: keras.optimizers.Adam(learning_rate, 0.5, epsilon=1e-8) for p in self.players()}

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
