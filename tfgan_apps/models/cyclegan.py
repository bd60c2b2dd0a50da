"""CycleGAN: translates between two sets of images without pairs, by cycle consistency.

Reference:
    Zhu, Park, Isola, Efros, "Unpaired Image-to-Image Translation using Cycle-Consistent
    Adversarial Networks", ICCV 2017, https://arxiv.org/abs/1703.10593
    https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix at 00d5574 (the authors' PyTorch code)

Parameters:
    a generator 11,378,179, a discriminator 2,764,737; all four 28,285,832

Differences:
    The learning rate's decay starts after the first half of the epochs, as the authors mean it;
    their train.py of November 2021 steps the scheduler one epoch early.
    The patch discriminator has no "pixel" variant.
"""

import keras
import tensorflow as tf
from keras import layers

from tfgan_apps import batches, losses
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
from tfgan_apps.layers import (
    DoublingConv2DTranspose,
    ImagePool,
    InstanceNormalization,
    ReflectionConv2D,
    ReflectionPadding2D,
)
from tfgan_apps.networks import patchgan
from tfgan_apps.optimizers import Adam
from tfgan_apps.schedules import LinearDecay
from tfgan_apps.serving.kinds.image_to_image import ImageToImage


def build_generator(channels=3, filters=64, residual_blocks=9, name="generator"):
    """Returns the ResNet generator: two stride-2 stages, residual blocks, and back.

    Args:
        channels: int, of the input and the output. Defaults to 3.
        filters: int, of the first layer (the authors' ngf). Defaults to 64.
        residual_blocks: int, 9 for 256 px and above, 6 for 128 px. Defaults to 9.
        name: str, of the model.

    Returns:
        Functional model: `image` (batch, height, width, channels) in [-1, 1], height and width
        multiples of 4 -> `translated`, the same shape and range, float32.
    """
    check_integers(1, filters=filters)
    check_integers(0, residual_blocks=residual_blocks)
    image = x = layers.Input((None, None, channels), name="image")
    x = ReflectionPadding2D(3)(x)
    x = _normalized(layers.Conv2D(filters, 7, kernel_initializer=normal_002())(x))
    for width in (2 * filters, 4 * filters):
        # Padding of 1 on both sides; "same" would shift the image by a pixel.
        x = layers.ZeroPadding2D(1)(x)
        x = _normalized(layers.Conv2D(width, 3, 2, kernel_initializer=normal_002())(x))
    for _ in range(residual_blocks):
        x = _residual_block(x, 4 * filters)
    for width in (2 * filters, filters):
        x = _normalized(DoublingConv2DTranspose(width, kernel_initializer=normal_002())(x))
    x = ReflectionPadding2D(3)(x)
    x = layers.Conv2D(channels, 7, kernel_initializer=normal_002())(x)
    translated = layers.Activation("tanh", dtype="float32", name="translated")(x)
    return keras.Model(image, translated, name=name)


def _normalized(x):
    return layers.ReLU()(InstanceNormalization()(x))


def _residual_block(x, filters):
    y = _normalized(ReflectionConv2D(filters, kernel_initializer=normal_002())(x))
    y = InstanceNormalization()(ReflectionConv2D(filters, kernel_initializer=normal_002())(y))
    return layers.Add()([x, y])


@keras.saving.register_keras_serializable(package="tfgan_apps")
class CycleGAN(AdversarialModel):
    """Two generators and two discriminators that translate between domains X and Y.

    | here | paper | authors' code |
    |---|---|---|
    | `generator_x_to_y`, `generator_y_to_x` | G, F | G_A, G_B |
    | `discriminator_y`, `discriminator_x` | D_Y, D_X | D_A, D_B |
    | domains x, y | X, Y | A, B |

    The networks are built from the sizes, or given: any model from images to images of the same
    shape as a generator, any model from images to logits as a discriminator.

    Args:
        image_size: height and width of the training images in pixels, a multiple of 4 that leaves
            the discriminators a patch.
        channels: of the images, 1, 3 or 4.
        generator_filters: of the generators' first layer (the authors' ngf).
        residual_blocks: of the generators; 9 from 256 px on, else 6, if None.
        discriminator_filters: of the discriminators' first layer (ndf).
        discriminator_layers: hidden layers of the discriminators (n_layers), 1 to 5 for patches of
            16, 34, 70, 142, 286 pixels.
        cycle_weight: lambda of the paper, >= 0.
        identity_weight: of the identity losses, relative to cycle_weight, >= 0.
        pool_size: generated images kept for the discriminators; 0: none.
        seed: of weights, data order and draws.
        generator_x_to_y, generator_y_to_x, discriminator_x, discriminator_y: `keras.Model`s in
            place of the built ones.

    Call: `image` (batch, height, width, channels) of X in [-1, 1] -> its translation to Y.
    A batch of `fit` and `evaluate` is `(x, y)`, each (batch, image_size, image_size, channels).

    Raises:
        ValueError: when an argument is out of its range.
    """

    def __init__(
        self,
        image_size: int = 256,
        channels: int = 3,
        generator_filters: int = 64,
        residual_blocks: int | None = None,
        discriminator_filters: int = 64,
        discriminator_layers: int = 3,
        cycle_weight: float = 10.0,
        identity_weight: float = 0.5,
        pool_size: int = 50,
        seed: int = 0,
        generator_x_to_y=None,
        generator_y_to_x=None,
        discriminator_x=None,
        discriminator_y=None,
        **kwargs,
    ):
        terms = ("adversarial", "cycle", "identity")
        names = [f"{term}_{side}" for term in terms for side in ("x", "y")]
        super().__init__(names, seed, **kwargs)
        check_integers(4, image_size=image_size)
        check(image_size % 4 == 0, "a multiple of 4", image_size=image_size)
        filters = {"generator": generator_filters, "discriminator": discriminator_filters}
        check_integers(1, **{f"{who}_filters": number for who, number in filters.items()})
        check_integers(1, discriminator_layers=discriminator_layers)
        if not (discriminator_x and discriminator_y):
            _check_patch(image_size, discriminator_layers)
        check_choice((1, 3, 4), channels=channels)
        check_integers(0, pool_size=pool_size)
        check_numbers(0, cycle_weight=cycle_weight, identity_weight=identity_weight)
        if residual_blocks is None:
            residual_blocks = 9 if image_size >= 256 else 6
        image_shape = (image_size, image_size, channels)
        check_network(image_shape, image_shape, generator_x_to_y=generator_x_to_y)
        check_network(image_shape, image_shape, generator_y_to_x=generator_y_to_x)
        check_network(image_shape, discriminator_x=discriminator_x)
        check_network(image_shape, discriminator_y=discriminator_y)
        self.image_size, self.channels = image_size, channels
        self.batch_spec = (batches.images(image_size, channels),) * 2
        self.predict_spec = batches.images(None, channels, multiple=4, least=8)
        self.cycle_weight, self.identity_weight = cycle_weight, identity_weight

        def generator(name):
            return build_generator(channels, generator_filters, residual_blocks, name)

        def discriminator(name):
            sizes = (channels, discriminator_filters, discriminator_layers)
            return patchgan.build_discriminator(*sizes, name)

        self.generator_x_to_y = generator_x_to_y or generator("generator_x_to_y")
        self.generator_y_to_x = generator_y_to_x or generator("generator_y_to_x")
        self.discriminator_x = discriminator_x or discriminator("discriminator_x")
        self.discriminator_y = discriminator_y or discriminator("discriminator_y")
        self.pool_x = ImagePool(pool_size, image_shape, name="pool_x")
        self.pool_y = ImagePool(pool_size, image_shape, name="pool_y")

    def players(self):
        return {
            "generator": [self.generator_x_to_y, self.generator_y_to_x],
            "discriminator": [self.discriminator_x, self.discriminator_y],
        }

    def optimizers(self, learning_rate: float = 2e-4, epochs: int = 200, steps_per_epoch=None):
        """Returns the paper's Adams; their rate falls to 0 over the second half of the epochs.

        Args:
            learning_rate: of both Adams, before the decay.
            epochs: of the whole training.
            steps_per_epoch: int, `len(dataset)`. Defaults to None, a constant rate.
        """
        check_learning_rate(learning_rate=learning_rate)
        rate = learning_rate
        if steps_per_epoch is not None:
            rate = LinearDecay(learning_rate, steps_per_epoch, epochs)
        return {p: Adam(rate, 0.5, 0.999, epsilon=1e-8) for p in self.players()}

    def train_step(self, batch):
        x, y = batch
        fake_x, fake_y = self.update("generator", lambda: self.generator_loss(x, y))
        # The fakes made for the generators serve the discriminators too.
        pooled_x = self.pool_x(fake_x, self.draw_seed("pool_x"))
        pooled_y = self.pool_y(fake_y, self.draw_seed("pool_y"))
        self.update("discriminator", lambda: self.discriminator_loss(x, y, pooled_x, pooled_y))
        return self.finish_step()

    def test_step(self, batch):
        x, y = batch
        generator_loss, (fake_x, fake_y) = self.generator_loss(x, y, training=False)
        discriminator_loss, _ = self.discriminator_loss(x, y, fake_x, fake_y, training=False)
        self.track(generator_loss=generator_loss, discriminator_loss=discriminator_loss)
        return self.results()

    def generator_loss(self, x, y, training=True):
        """Returns (the generators' loss, (fake_x, fake_y)).

        Args:
            x, y: (batch, height, width, channels) images of each domain in [-1, 1].
            training: bool, of the networks. Defaults to True.
        """
        fake_y = self.generator_x_to_y(x, training=training)
        fake_x = self.generator_y_to_x(y, training=training)
        terms = {
            "adversarial_x": self._fooling(self.discriminator_x, fake_x, training),
            "adversarial_y": self._fooling(self.discriminator_y, fake_y, training),
        }
        if self.cycle_weight:
            cycled_x, cycled_y = self.close_cycles(fake_x, fake_y, training)
            terms["cycle_x"] = self.cycle_weight * losses.mean_absolute_error(cycled_x, x)
            terms["cycle_y"] = self.cycle_weight * losses.mean_absolute_error(cycled_y, y)
        if self.cycle_weight * self.identity_weight:
            same_x = self.generator_y_to_x(x, training=training)
            same_y = self.generator_x_to_y(y, training=training)
            weight = self.cycle_weight * self.identity_weight
            terms["identity_x"] = weight * losses.mean_absolute_error(same_x, x)
            terms["identity_y"] = weight * losses.mean_absolute_error(same_y, y)
        self.track(**terms)
        return sum(terms.values()), (fake_x, fake_y)

    def close_cycles(self, fake_x, fake_y, training=False):
        """Returns (cycled_x, cycled_y): each fake translated back to where it came from.

        Args:
            fake_x, fake_y: (batch, height, width, channels) translated images in [-1, 1].
            training: bool, of the networks. Defaults to False.
        """
        cycled_x = self.generator_y_to_x(fake_y, training=training)
        cycled_y = self.generator_x_to_y(fake_x, training=training)
        return cycled_x, cycled_y

    def _fooling(self, discriminator, fake, training):
        return losses.least_squares_generator_loss(discriminator(fake, training=training))

    def discriminator_loss(self, x, y, fake_x, fake_y, training=True):
        """Returns (the discriminators' loss, None).

        Args:
            x, y: (batch, height, width, channels) real images of each domain in [-1, 1].
            fake_x, fake_y: generated ones, as the pools return them.
            training: bool, of the networks. Defaults to True.
        """
        fake_x, fake_y = tf.stop_gradient(fake_x), tf.stop_gradient(fake_y)
        pairs = (self.discriminator_x, x, fake_x), (self.discriminator_y, y, fake_y)
        found = [
            losses.least_squares_discriminator_loss(
                discriminator(real, training=training), discriminator(fake, training=training)
            )
            for discriminator, real, fake in pairs
        ]
        return sum(found), None

    def call(self, image, training=False):
        return self.generator_x_to_y(image, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: real, fake and cycled images of both domains.

        Args:
            batch: (x, y), each (batch, height, width, channels) in [-1, 1].
        """
        x, y = batch
        fake_x, fake_y = self.generator_y_to_x(y), self.generator_x_to_y(x)
        cycled_x, cycled_y = self.close_cycles(fake_x, fake_y)
        columns = {"x": x, "fake_y": fake_y, "cycled_x": cycled_x}
        return {**columns, "y": y, "fake_x": fake_x, "cycled_y": cycled_y}

    def serving(self):
        """Returns what a server offers: both directions, from encoded images to encoded images."""
        generators = {"x_to_y": self.generator_x_to_y, "y_to_x": self.generator_y_to_x}
        return ImageToImage(generators, self.image_size, size_multiple=4, channels=self.channels)


def _check_patch(image_size, discriminator_layers):
    # Strides halve before the last hidden layer, and each of the last two layers takes a pixel.
    least = 3 * 2**discriminator_layers
    fits = image_size >= least
    expected = f"at least {least}, for a patch of {discriminator_layers} discriminator layers"
    check(fits, expected, image_size=image_size)
