"""LAPGAN: images from coarse to fine, each level of a pyramid by a GAN of its own.

Reference:
    Denton, Chintala, Szlam, Fergus, "Deep Generative Image Models using a Laplacian Pyramid of
    Adversarial Networks", NIPS 2015, https://arxiv.org/abs/1506.05751
    https://github.com/facebook/eyescream, cifar

Parameters:
    a generator 218,179, a discriminator 116,545 (of 32 pixels)

Differences:
    Adam in place of gradient descent. All levels learn in each step, from one batch; the generator
    is conditioned on the batch's own coarse images, the discriminator sees those of every other
    image with generated details, the authors' are drawn anew.
    Images are in [-1, 1], the authors' normalized at each pixel. Resizing is bilinear, as in the
    code; the whole chain ends with a cut to [-1, 1].
"""

import functools

import keras
import tensorflow as tf

from tfgan_apps import batches, losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check, check_choice, check_integers, check_learning_rate
from tfgan_apps.layers import BilinearResizing
from tfgan_apps.networks import lapgan as networks
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class LAPGAN(AdversarialModel):
    """A pyramid: a GAN of the coarsest images, and at each level one of what is added to them.

    `details` are the paper's h, `coarse` its l, the coarser image made larger.

    Args:
        image_size: height and width of the images in pixels.
        coarse_sizes: of the coarser levels, growing; the paper's of CIFAR-10.
        channels: of the images, 1 to 4.
        latent_size: of the coarsest level's noise, uniform in [-1, 1]; the others have a plane.
        coarsest_width: of the coarsest level's hidden layers.
        generator_filters: of the other generators' hidden layers.
        discriminator_filters: of the other discriminators' layers.
        seed: of weights, data order and draws.
        generators, discriminators: lists of `keras.Model`s, coarsest first, in place of the built.

    Call: `latents` (batch, latent_size and the pixels of all finer levels) -> `image`.
    A batch of `fit` is images (batch, image_size, image_size, channels) in [-1, 1], an even number.

    Raises:
        ValueError: an argument is out of its range.
    """

    least_batch = 2

    def __init__(
        self,
        image_size: int = 28,
        coarse_sizes: tuple[int, ...] = (8, 14),
        channels: int = 3,
        latent_size: int = 100,
        coarsest_width: int = 600,
        generator_filters: int = 64,
        discriminator_filters: int = 64,
        seed: int = 0,
        generators=None,
        discriminators=None,
        **kwargs,
    ):
        super().__init__((), seed, **kwargs)
        self.sizes = (*coarse_sizes, image_size)
        check_integers(1, image_size=image_size, latent_size=latent_size)
        check_integers(1, coarsest_width=coarsest_width, generator_filters=generator_filters)
        check_integers(1, discriminator_filters=discriminator_filters)
        check_choice((1, 2, 3, 4), channels=channels)
        growing = len(self.sizes) > 1 and all(map(int.__lt__, self.sizes, self.sizes[1:]))
        check(growing, f"at least one, growing, below {image_size}", coarse_sizes=coarse_sizes)
        self.batch_spec = batches.images(image_size, channels)
        self.noise_size, self.noise = latent_size, noise.DISTRIBUTIONS["uniform"]
        self.latent_size = latent_size + sum(size**2 for size in self.sizes[1:])
        first, *rest = self.sizes
        if generators is None:
            coarsest = networks.build_coarsest_generator(
                first, channels, latent_size, coarsest_width
            )
            generators = [
                coarsest,
                *(networks.build_generator(n, channels, generator_filters) for n in rest),
            ]
        if discriminators is None:
            coarsest = networks.build_coarsest_discriminator(first, channels, coarsest_width)
            finer = (networks.build_discriminator(n, channels, discriminator_filters) for n in rest)
            discriminators = [coarsest, *finer]
        self.generators, self.discriminators = list(generators), list(discriminators)
        self.generator, self.pyramid = networks.build_pyramid(
            self.generators, self.sizes, latent_size
        )

    def players(self):
        networks = zip(self.sizes, self.discriminators, self.generators, strict=True)
        levels = [{f"discriminator_{n}": [d], f"generator_{n}": [g]} for n, d, g in networks]
        return functools.reduce(dict.__or__, levels)

    def optimizers(
        self, discriminator_learning_rate: float = 1e-3, generator_learning_rate: float = 5e-4
    ):
        """Returns Adams, not the authors' gradient descents.

        Args:
            discriminator_learning_rate: of the discriminators of all levels.
            generator_learning_rate: of the generators.
        """
        rates = discriminator_learning_rate, generator_learning_rate
        check_learning_rate(discriminator_learning_rate=rates[0], generator_learning_rate=rates[1])
        adam = functools.partial(Adam, beta_1=0.5, epsilon=1e-8)
        return {p: adam(rates[p.startswith("generator")]) for p in self.players()}

    def train_step(self, image):
        for level, parts in enumerate(self.levels(image)):
            discriminator, generator = list(self.players())[2 * level : 2 * level + 2]
            self.update(discriminator, lambda: (self.discriminator_loss(level, parts), None))  # noqa: B023
            self.update(generator, lambda: (self.generator_loss(level, parts), None))  # noqa: B023
        return self.finish_step()

    def test_step(self, image):
        batch = self.tested(f"discriminator_{self.sizes[0]}_loss")
        for level, parts in enumerate(self.levels(image)):
            loss = self.discriminator_loss(level, parts, batch, training=False)
            self.track(**{f"discriminator_{self.sizes[level]}_loss": loss})
        return self.results()

    def levels(self, image):
        """Returns what each level learns, coarsest first: `image`, then `details` and `coarse`."""
        found = []
        for size, smaller in zip(self.sizes[:0:-1], self.sizes[-2::-1], strict=True):
            down = BilinearResizing(smaller)(image)
            coarse = BilinearResizing(size)(down)
            found.append({"details": image - coarse, "coarse": coarse})
            image = down
        return [{"image": image}, *reversed(found)]

    def discriminator_loss(self, level, parts, batch=None, training=True):
        """Returns the mean cross-entropy of real images, and of others with generated details."""
        real, other = ({n: x[half::2] for n, x in parts.items()} for half in (0, 1))
        fake = self.generate(level, "latents", other, batch, training)
        on_real, on_fake = (self.judge(level, each, training) for each in (real, fake))
        return 0.5 * losses.minimax_discriminator_loss(on_real, on_fake)

    def generator_loss(self, level, parts):
        """Returns the loss of the verdict on fresh details for all images."""
        fake = self.generate(level, "generator's latents", parts, None, training=True)
        return losses.non_saturating_generator_loss(self.judge(level, fake, training=True))

    def judge(self, level, parts, training):
        """Returns the logits of a level's discriminator."""
        parts = parts if level else parts["image"]
        return self.discriminators[level](parts, training=training)

    def generate(self, level, name, parts, batch, training):
        """Returns the parts of a level with generated details, or a generated image."""
        size, count = self.sizes[level], tf.shape(next(iter(parts.values())))[0]
        shape = (size, size, 1) if level else (self.noise_size,)
        latents = self.draw(self.noise, f"{name} of {size}", count, shape, batch)
        if not level:
            return {"image": self.generators[0](latents, training=training)}
        given = {"latents": latents, "coarse": parts["coarse"]}
        details = self.generators[level](given, training=training)
        return {"details": details, "coarse": parts["coarse"]}

    def call(self, latents, training=False):
        return self.generator(latents, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: the pyramid of fixed noise, level by level."""
        columns = noise.samples(self, batch, None)
        latents = noise.fixed(self, len(batch))
        shown = [tf.image.resize(x, batch.shape[1:3], "nearest") for x in self.pyramid(latents)]
        levels = {f"sample 1: {size}": x for size, x in zip(self.sizes, shown, strict=True)}
        return {"real": batch, **levels, **columns}

    def serving(self):
        """Returns what a server offers: images from seeds, or from the noise of all levels."""
        return NoiseToImage(self.generator, noise=self.noise)
