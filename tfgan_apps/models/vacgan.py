"""VACGAN: images of a class, by any GAN and a classifier beside it that teaches the generator.

Reference:
    Bazrafkan, Corcoran, "Versatile Auxiliary Classifier with Generative Adversarial Network
    (VAC+GAN), Multi Class Scenarios", 2018, https://arxiv.org/abs/1806.07751
    https://github.com/shababqcd/VAC-GAN, VACGANmnist

Parameters:
    generator 6,653,889, discriminator 6,632,385, classifier 217,394

Differences:
    Kernels of transposed convolutions are drawn as all others, not orthogonal. Logarithms are of
    softmax, without the code's 1.2e-7.
    Images are in [-1, 1]; inside the networks they are pixels in [0, 1], as the authors'.
"""

import functools

import keras
import tensorflow as tf

from tfgan_apps import batches, class_labels, losses, noise
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_integers, check_learning_rate, check_numbers
from tfgan_apps.given_networks import check_network
from tfgan_apps.networks import vacgan as networks
from tfgan_apps.optimizers import Adam
from tfgan_apps.schedules import LinearDecay
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage


@keras.saving.register_keras_serializable(package="tfgan_apps")
class VACGAN(AdversarialModel):
    """A generator, a discriminator, and a classifier of real and generated images, all at once.

    `adversarial_weight` and `class_weight` are the paper's alpha and beta, `classifier` its C. A
    class is a part of the latent space: where its coordinate alone is positive. Training draws
    coordinates from all of [0, 1); sheets and servers from 0.3 on, as the authors when they test:
    nearer to 0 an image lies between classes.

    Args:
        image_size: height and width of the images in pixels, a multiple of 4 from 12 on.
        channels: of the images, 1 to 4.
        classes: of the images, and the size of the noise.
        generator_filters: of the generator's last hidden layer.
        discriminator_filters: of the discriminator's first layer.
        classifier_width: of the classifier's hidden dense layer.
        adversarial_weight: of the discriminator's verdict in the generator's loss.
        class_weight: of the classifier's loss there.
        seed: of weights, data order and draws.
        class_names: sequence of str, for sheets and servers. Defaults to the numbers.
        generator, discriminator, classifier: `keras.Model`s in place of the built ones.
        latent_size: int, of a given generator's noise. Defaults to None, the number of classes.

    Call: a dict of `latents` (batch, classes) in [0, 1] and `label` int (batch,) -> `image`.
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
        generator_filters: int = 64,
        discriminator_filters: int = 64,
        classifier_width: int = 1024,
        adversarial_weight: float = 0.2,
        class_weight: float = 0.8,
        seed: int = 0,
        class_names=None,
        generator=None,
        discriminator=None,
        classifier=None,
        latent_size=None,
        **kwargs,
    ):
        super().__init__(["class_accuracy"], seed, **kwargs)
        check_integers(1 if classifier else 12, image_size=image_size)
        check_integers(1, classifier_width=classifier_width)
        check_numbers(0, adversarial_weight=adversarial_weight, class_weight=class_weight)
        self.class_names = class_labels.check_classes(classes, class_names)
        self.latent_size = latent_size or classes
        self.training_noise = noise.DISTRIBUTIONS["unit"]
        self.noise = noise.DISTRIBUTIONS["unit from 0.3"]
        shape = (image_size, image_size, channels)
        takes = {"latents": (self.latent_size,), "label": ()}
        check_network(takes, shape, generator=generator)
        check_network(shape, discriminator=discriminator)
        check_network(shape, (classes,), classifier=classifier)
        self.batch_spec = batches.labelled(image_size, channels, classes)
        self.adversarial_weight, self.class_weight = adversarial_weight, class_weight
        size = image_size, channels
        self.generator = generator or networks.build_generator(*size, classes, generator_filters)
        self.discriminator = discriminator or networks.build_discriminator(
            *size, discriminator_filters
        )
        self.classifier = classifier or networks.build_classifier(*size, classes, classifier_width)

    def players(self):
        return {
            "discriminator": [self.discriminator],
            "classifier": [self.classifier],
            "generator": [self.generator],
        }

    def optimizers(
        self,
        learning_rate: float = 2e-4,
        classifier_learning_rate: float = 0.01,
        epochs: int = 200,
        steps_per_epoch=None,
    ):
        """Returns the authors' Adams, whose rate falls late, and the classifier's gradient descent.

        From epoch `epochs` / 2 + 3 on, counted from 1, the Adams' rate is lower by 2 / `epochs` of
        what it was at first than in the epoch before.

        Args:
            learning_rate: of the generator and the discriminator, at first.
            classifier_learning_rate: of the classifier, with Nesterov's momentum 0.9.
            epochs: of the whole training; the authors' are 1,000.
            steps_per_epoch: int, `len(dataset)`. Defaults to None, a constant rate.
        """
        check_learning_rate(learning_rate=learning_rate)
        check_learning_rate(classifier_learning_rate=classifier_learning_rate)
        rate = learning_rate
        if steps_per_epoch is not None:
            rate = LinearDecay(learning_rate, steps_per_epoch, epochs + 1, epochs // 2 + 2)
        adam = functools.partial(Adam, rate, 0.5, epsilon=1e-8)
        sgd = keras.optimizers.SGD(classifier_learning_rate, 0.9, nesterov=True)
        return {"discriminator": adam(), "classifier": sgd, "generator": adam()}

    def train_step(self, batch):
        image, label = batch["image"], tf.cast(batch["label"], tf.int32)
        made = {}

        def discriminator_loss():
            latents = self.latents("latents", image)
            made["fake"] = self.generator({"latents": latents, "label": label}, training=True)
            made["on_fake"] = self.discriminator(made["fake"], training=True)
            on_real = self.discriminator(image, training=True)
            return losses.minimax_discriminator_loss(on_real, made["on_fake"]), None

        def classifier_loss():
            made["class"] = self.class_loss(made["fake"], image, label, training=True)
            return made["class"], None

        def generator_loss():
            verdict = losses.non_saturating_generator_loss(made["on_fake"])
            return self.adversarial_weight * verdict + self.class_weight * made["class"], None

        moves = discriminator_loss, classifier_loss, generator_loss
        self.update_together(dict(zip(self.players(), moves, strict=True)))
        return self.finish_step()

    def test_step(self, batch):
        image, label = batch["image"], tf.cast(batch["label"], tf.int32)
        latents = self.latents("test", image, self.tested("classifier_loss"))
        fake = self.generator({"latents": latents, "label": label})
        self.track(classifier_loss=self.class_loss(fake, image, label))
        return self.results()

    def latents(self, name, image, batch=None):
        """Returns the noise of training, for as many images."""
        count, shape = tf.shape(image)[0], (self.latent_size,)
        return self.draw(self.training_noise, name, count, shape, batch)

    def class_loss(self, fake, image, label, training=False):
        """Returns the mean cross-entropy of both batches."""
        logits = [self.classifier(x, training=training) for x in (fake, image)]
        self.track(class_accuracy=class_labels.accuracy(label, logits[1]))
        return sum(losses.class_cross_entropy(label, each) for each in logits) / 2

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def samples(self, batch):
        """Returns the columns of a sample sheet: each class, with the same noise."""
        return class_labels.samples(self, batch)

    def serving(self):
        """Returns what a server offers: images of a class, and the class of an image."""
        own = class_labels.served(self, [self.classifier], self.classifier)
        return NoiseToImage(self.generator, **own)
