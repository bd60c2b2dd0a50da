"""SinGAN: images like a single one, by a pyramid of small networks that learn its patches.

Reference:
    Shaham, Dekel, Michaeli, "SinGAN: Learning a Generative Model from a Single Natural Image", ICCV
    2019, https://arxiv.org/abs/1905.01164
    https://github.com/tamarott/SinGAN at 084cf02

Parameters:
    generator 29,763, discriminator 29,185 (each of scales 0 to 3); 114,819, 113,665 (4 to 7);
    450,819, 448,513 (from 8 on)

Differences:
    The fixed noise is drawn once, as in the paper; the code draws it anew in each step of the
    coarsest scale, and keeps the last.
    Each of the generator's moves has an image of its own weights, which moving averages do not
    see; the code uses that of the discriminator's last move three times.
    Images of other sizes are resized by the pyramid's factor and mirrored where a pixel is missing;
    the code stretches them.
    What is transparent in a picture is seen on white; the code drops its alpha.
    Beyond the left and the upper border images are mirrored, see `tfgan_apps.bicubic`.
"""

import functools
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from tfgan_apps import batches, losses, standing_statistics
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.bicubic import bicubic
from tfgan_apps.networks import singan
from tfgan_apps.optimizers import Adam
from tfgan_apps.penalties import gradient_penalty
from tfgan_apps.player_optimizers import begin_anew
from tfgan_apps.pyramid import Pyramid
from tfgan_apps.serving.kinds.single_image import SingleImage

PADDINGS = ("zeros", "noise")
_SCALES_A_DOUBLING = 4  # of the filters


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SinGAN(AdversarialModel):
    """WGAN-GP on the patches of one image, at each scale of a pyramid, from coarse to fine.

    Scales are trained one after the other, `scale_steps` steps each. A scale begins with the
    weights of the coarser one, where that has as many filters, and with optimizers that know
    nothing; then it is not trained any more. What has not begun yet leaves images as they are, so
    that inference gives images of `image_size` from the first step on.

    | here | paper | code |
    |---|---|---|
    | scale, from 0, the coarsest | N - n | scale_num |
    | `amplitudes` | sigma_n | NoiseAmp |
    | `star`, the fixed noise | z* | Zs |
    | `starts`, of the reconstruction | upsampled x-rec_n+1 | z_prev |
    | `coarse` | upsampled x~_n+1 | prev |
    | `reconstruction_weight` | alpha | alpha |
    | `penalty_weight` | lambda | lambda_grad |
    | `noise_weight` | | noise_amp |
    | `filters`, `most_filters` | | nfc, 128 |
    | `network_layers` | | num_layer |

    Args:
        image_size: (height, width) of the image in pixels, as `plan` gives it.
        scales: int, of the pyramid, as `plan` gives it.
        coarsest_size: shorter side of the coarsest scale, in pixels.
        scale_steps: training steps of each scale.
        discriminator_steps: moves of the discriminator in a step.
        generator_steps: moves of the generator in a step.
        filters: of the coarsest scale's layers; they double each fourth scale.
        most_filters: of a layer.
        network_layers: of 3 x 3 in a network, which sees 2 * network_layers + 1 pixels in each
            direction: patches of 11 x 11.
        noise_weight: the amplitude of a scale's noise, by the error of the image that it begins
            from.
        penalty_weight: of the gradient penalty.
        reconstruction_weight: of the squared error of the image that the fixed noise becomes; 100
            for super-resolution.
        noise_padding: what surrounds noise: zeros, or more noise, as for animations.
        seed: of weights and draws.

    Call: `seed` (batch,) int32 -> `image` (batch, *image_size, 3) in [-1, 1], or a little beyond.
    A batch of `fit` is the image, as often as wanted, (batch, *image_size, 3) in [-1, 1]; 1 as the
    authors have it.

    Raises:
        ValueError: an argument is out of its range.
    """

    def __init__(
        self,
        image_size,
        scales,
        coarsest_size: int = 25,
        scale_steps: int = 2000,
        discriminator_steps: int = 3,
        generator_steps: int = 3,
        filters: int = 32,
        most_filters: int = 128,
        network_layers: int = 5,
        noise_weight: float = 0.1,
        penalty_weight: float = 0.1,
        reconstruction_weight: float = 10.0,
        noise_padding: Literal[PADDINGS] = "zeros",
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(["distance", "penalty", "reconstruction"], seed, **kwargs)
        check_integers(1, scale_steps=scale_steps, filters=filters)
        check_integers(1, discriminator_steps=discriminator_steps, generator_steps=generator_steps)
        check_integers(filters, most_filters=most_filters)
        check_integers(1, network_layers=network_layers)
        check_integers(2 * network_layers + 1, coarsest_size=coarsest_size)
        check_numbers(0, noise_weight=noise_weight, penalty_weight=penalty_weight)
        check_numbers(0, reconstruction_weight=reconstruction_weight)
        check_choice(PADDINGS, noise_padding=noise_padding)
        self.pyramid = Pyramid(image_size, scales, coarsest_size)
        self.scale_steps, self.noise_weight = scale_steps, noise_weight
        self.discriminator_steps, self.generator_steps = discriminator_steps, generator_steps
        self.penalty_weight = penalty_weight
        self.reconstruction_weight = reconstruction_weight
        self.noise_border = network_layers if noise_padding == "noise" else 0
        self.zeros_border = network_layers - self.noise_border
        widths = [min(filters << n // _SCALES_A_DOUBLING, most_filters) for n in range(scales)]

        def built(build, name):
            return [build(w, network_layers, f"{name}_{n}") for n, w in enumerate(widths)]

        self.discriminators = built(singan.build_discriminator, "discriminator")
        self.generators = built(singan.build_generator, "generator")
        self.batch_spec = batches.images(self.pyramid.image_size, 3)
        self.predict_spec = batches.Values((), "integer")
        self._add_memory()

    def _add_memory(self):
        """Adds what inference needs beside the networks."""
        add = functools.partial(
            self.add_weight, trainable=False, autocast=False, aggregation="only_first_replica"
        )
        shapes = [(1, *size, 3) for size in self.pyramid.sizes]
        self.image = add((1, *self.pyramid.image_size, 3), "zeros", name="image")
        self.starts = [add(s, "zeros", name=f"start_{n}") for n, s in enumerate(shapes)]
        self.amplitudes = [add((), "ones", name=f"amplitude_{n}") for n in range(len(shapes))]
        star = (1, *self.noise_shape(0, self.pyramid.sizes[0]))
        place = self.seed, len(shapes)  # which no sample has
        drawn = lambda shape, dtype: tf.random.stateless_normal(shape, place)  # noqa: E731
        self.star = add(star, drawn, name="star")

    def players(self):
        return {"discriminator": self.discriminators, "generator": self.generators}

    def optimizers(self, learning_rate: float = 5e-4, decay_start: float = 0.8):
        """Returns the authors' Adams, whose rate falls to a tenth at the end of each scale.

        Args:
            learning_rate: of both, in the first steps of each scale.
            decay_start: share of a scale's steps after which the rate falls, in [0, 1].
        """
        check_learning_rate(learning_rate=learning_rate)
        check(0 <= decay_start <= 1, "in [0, 1]", decay_start=decay_start)
        moves = {"discriminator": self.discriminator_steps, "generator": self.generator_steps}

        def adam(count):
            ends = [count * int(decay_start * self.scale_steps)]
            rates = [learning_rate, 0.1 * learning_rate]
            schedule = keras.optimizers.schedules.PiecewiseConstantDecay(ends, rates)
            return Adam(schedule, 0.5, 0.999, epsilon=1e-8)

        return {player: adam(count) for player, count in moves.items()}

    @property
    def scale(self):
        """int, the scale of the training step."""
        return int(self.phase.split()[1])

    def phase_at(self, step):
        """Returns the name of the scale that is trained, as "scale 3"; the last one goes on."""
        return f"scale {min(step // self.scale_steps, self.pyramid.scales - 1)}"

    def variables_in_play(self, player):
        """Returns the variables of the scale's network; the others rest."""
        return self.players()[player][self.scale].trainable_variables

    def begin_step(self):
        """Lets a scale begin with the coarser one's weights, and its optimizers anew."""
        scale, into = divmod(int(self.step.numpy()), self.scale_steps)
        if into or not 0 < scale < self.pyramid.scales:
            return
        for player, networks in self.players().items():
            coarser, own = networks[scale - 1 : scale + 1]
            if [w.shape for w in coarser.weights] == [w.shape for w in own.weights]:
                own.set_weights(coarser.get_weights())
            begin_anew(self.optimizer_of(player))

    def train_step(self, image):
        real = self.pyramid.coarser(image, self.scale)
        self.remember(image[:1], real[:1])
        noise = self.amplitudes[self.scale] * self.drawn_noise(self.scale, real, "added")
        for turn in range(self.discriminator_steps):
            inputs = {"coarse": self.random_coarse(real, turn), "noise": noise}
            loss = functools.partial(self.discriminator_loss, real, inputs, turn)
            self.update("discriminator", loss)
        for _ in range(self.generator_steps):
            self.update("generator", functools.partial(self.generator_loss, real, inputs))
        return self.finish_step()

    def test_step(self, image):
        error = tf.reduce_mean(tf.square(self.reconstructed() - image))
        self.track(reconstruction=tf.sqrt(error))
        return self.results()

    def remember(self, image, real):
        """Keeps what the scale begins from, which coarser scales, at rest now, tell.

        Args:
            image, real: the image and that of the scale, (1, height, width, 3).
        """
        scale = self.scale
        self.image.assign(image)
        if scale:
            coarser = self.generators[scale - 1](self.star_inputs(scale - 1), training=False)
            start = self.pyramid.finer(coarser, self.pyramid.sizes[scale])
            self.starts[scale].assign(start)
            error = tf.sqrt(tf.reduce_mean(tf.square(real - start)))
            self.amplitudes[scale].assign(self.noise_weight * error)

    def star_noise(self, scale):
        """Returns the fixed noise of a scale, which is none from the second one on."""
        shape = 1, *self.noise_shape(scale, self.pyramid.sizes[scale])
        return self.surrounded(tf.zeros(shape) if scale else self.star.value, scale)

    def star_inputs(self, scale):
        """Returns what a generator makes the reconstruction of."""
        noise = self.amplitudes[scale] * self.star_noise(scale)
        return {"coarse": self.starts[scale].value, "noise": noise}

    def random_coarse(self, like, turn):
        """Returns the images that the scale's generator adds to, of fresh noise.

        Args:
            like: real images, of which the count is taken.
            turn: int, tells apart the draws of one step.
        """
        sizes = self.pyramid.sizes
        image = tf.zeros((tf.shape(like)[0], *sizes[0], 3))
        for scale in range(self.scale):
            noise = self.amplitudes[scale] * self.drawn_noise(scale, like, f"of turn {turn}")
            inputs = {"coarse": image, "noise": noise}
            image = self.generators[scale](inputs, training=False)
            image = self.pyramid.finer(image, sizes[scale + 1])
        return tf.stop_gradient(image)

    def drawn_noise(self, scale, like, name):
        """Returns a scale's noise of a training step, for as many images as `like` has."""
        shape = self.noise_shape(scale, self.pyramid.sizes[scale])
        parts = f"scale {scale} {name}", tf.shape(like)[0], shape
        return self.surrounded(self.draw(tf.random.stateless_normal, *parts), scale)

    def discriminator_loss(self, real, inputs, turn):
        """Returns minus the distance and the penalty, of each pixel, between real and fake."""
        fake = self.generators[self.scale](inputs, training=True)
        critic = functools.partial(self.discriminators[self.scale], training=True)
        loss = losses.wasserstein_discriminator_loss(critic(real), critic(fake))
        count = tf.shape(real)[0]
        epsilon = self.draw(tf.random.stateless_uniform, f"between, turn {turn}", count)
        penalty = gradient_penalty(critic, real, fake, epsilon, pixelwise=True)
        self.track(distance=-loss, penalty=penalty)
        return loss + self.penalty_weight * penalty, None

    def generator_loss(self, real, inputs):
        """Returns minus the score, and the squared error of the reconstruction."""
        generator = functools.partial(self.generators[self.scale], training=True)
        with standing_statistics.kept(self.generators[self.scale]):
            on_fake = self.discriminators[self.scale](generator(inputs), training=True)
        found = generator(self.star_inputs(self.scale))
        error = tf.reduce_mean(tf.square(found - real[:1]))
        self.track(reconstruction=tf.sqrt(error))
        loss = losses.wasserstein_generator_loss(on_fake)
        return loss + self.reconstruction_weight * error, None

    def call(self, seed, training=False):
        size, start = tf.constant(self.pyramid.image_size), tf.constant(0)
        image = tf.map_fn(
            lambda one: self.drawn(one, size, start),
            tf.cast(seed, tf.int32),
            fn_output_signature=tf.TensorSpec((None, None, 3), tf.float32),
        )
        return tf.ensure_shape(image, (None, *self.pyramid.image_size, 3))

    def drawn(self, seed, size, start_scale, coarse=None):
        """Returns an image of noise: (*size, 3) in [-1, 1], or a little beyond.

        Args:
            seed: int32 scalar tensor.
            size: int32 tensor (2,), height and width.
            start_scale: int32 scalar tensor, from which on noise is drawn; coarser scales are as
                the training image.
            coarse: function, (scale, its size) -> (1, *size, 3), what the first of them adds to.
                Defaults to None, the training image's.
        """
        coarse = coarse or self._start_of
        sizes = self.pyramid.sizes_of(size)
        image = tf.zeros((1, *tf.unstack(sizes[0]), 3))
        for scale, own in enumerate(sizes):
            if scale:
                image = self.pyramid.finer(image, own)
                image = tf.where(start_scale == scale, coarse(scale, own), image)
            shape = self.noise_shape(scale, tf.unstack(own))
            noise = tf.random.stateless_normal(shape, tf.stack([seed, scale]), alg="philox")
            image = self.shown(scale, image, self.surrounded(noise[None], scale))
        return image[0]

    def edited(self, image, seed, start_scale):
        """Returns an image that others have made as the training image would be: (*size, 3).

        Args:
            image: float32 tensor (*image_size, 3) in [-1, 1].
            seed: int32 scalar tensor.
            start_scale: int32 scalar tensor >= 1; what is finer than it is made anew.
        """
        coarse = functools.partial(self.pyramid.brought_to, image[None])
        return self.drawn(seed, tf.constant(self.pyramid.image_size), start_scale, coarse)

    def reconstructed(self):
        """Returns the image that the fixed noise becomes: (1, *image_size, 3)."""
        image = self.starts[0].value
        for scale, size in enumerate(self.pyramid.sizes):
            image = self.pyramid.finer(image, size) if scale else image
            image = self.shown(scale, image, self.star_noise(scale))
        return image

    def samples(self, batch):
        """Returns the columns of a sample sheet: real, reconstruction, samples by start scale.

        The first one has the image from coarse to fine.
        """
        count, size = len(batch), self.pyramid.image_size
        scales = np.linspace(0, self.pyramid.scales - 1, count).round().astype(int)
        coarse = [self.pyramid.coarser(batch[:1], scale)[0] for scale in scales]
        columns = {
            "coarse to fine": tf.stack([tf.image.resize(x, size, "nearest") for x in coarse]),
            "real": batch,
            "of the fixed noise": tf.repeat(self.reconstructed(), count, 0),
        }
        for start in range(min(3, self.pyramid.scales)):
            found = [self.drawn(*map(tf.constant, (seed, size, start))) for seed in range(count)]
            columns[f"noise from scale {start}"] = tf.stack(found)
        return columns

    def serving(self):
        """Returns what a server offers: images of any size from seeds, and edits."""
        return SingleImage(self)

    def shown(self, scale, image, noise):
        """Returns what a scale makes of coarser images: nothing else, before it has begun.

        Args:
            scale: int.
            image: float32 tensor (B, height, width, 3).
            noise: float32 tensor as the generator takes it, but of amplitude 1.
        """
        inputs = {"coarse": image, "noise": self.amplitudes[scale] * noise}
        begun = self.step.value > scale * self.scale_steps
        return tf.where(begun, self.generators[scale](inputs, training=False), image)

    def _start_of(self, scale, size):
        """Returns what the training image's reconstruction begins from at a scale, in a size."""
        grown = tf.cast(size, tf.float64) / tf.constant(self.pyramid.sizes[scale], tf.float64)
        return bicubic(self.starts[scale], tuple(tf.unstack(grown)), size)

    def noise_shape(self, scale, size):
        """Returns the shape of a scale's noise: one channel at the coarsest, else three.

        Args:
            scale: int.
            size: (height, width) of the image.
        """
        return (*(side + 2 * self.noise_border for side in size), 3 if scale else 1)

    def surrounded(self, noise, scale):
        """Returns noise of three channels with a border, of zeros where noise is not.

        Args:
            noise: float32 tensor (B, *noise_shape).
            scale: int.
        """
        noise = noise if scale else tf.repeat(noise, 3, -1)
        border = self.zeros_border, self.zeros_border
        return tf.pad(noise, ((0, 0), border, border, (0, 0)))
