"""DRIT: translates an image into many of another domain, by a content that tells no domain.

Reference:
    Lee, Tseng, Huang, Singh, Yang, "Diverse Image-to-Image Translation via Disentangled
    Representations", ECCV 2018, https://arxiv.org/abs/1808.00948
    Lee, Tseng, Mao, Huang, Lu, Singh, Yang, "DRIT++: Diverse Image-to-Image Translation via
    Disentangled Representations", IJCV 2020, https://arxiv.org/abs/1905.01270 (mode seeking)
    https://github.com/HsinYingLee/DRIT at f19f50a (the authors' code of both)

Parameters:
    content encoders 9,018,112; style encoders 2,688,160, feature-wise 5,529,872; decoders
    9,564,710, feature-wise 17,146,374; each of four discriminators 8,271,171, of one scale
    25,149,057; of contents 10,683,649

Differences:
    Of a batch every second image is encoded, as of the authors' two the first; they encode one of
    any batch. Losses are means over images: of one they are the authors'.
    Both of the generator's gradients are of its weights before both moves; the authors' second one
    mixes features of old weights with moved ones, which PyTorch since refuses.
    Steps of the content discriminator are counted on through epochs, of which the authors' last two
    move all players.
    A picture's style is the mean of its distribution where the authors draw it when they test.
    The instance normalization of the authors' discriminators is turned off there by a comparison
    of two constants; here is none. Images pass discriminators and style encoders at once, of which
    nothing sees other images. Spectral normalization iterates in discriminators' own moves alone.
    Training ends after its epochs, not after 500,000 moves of the generator.
"""

from typing import Literal

import keras
import tensorflow as tf

from tfgan_apps import batches, losses
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_choice,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.models.drit import networks, passes, terms
from tfgan_apps.models.drit.passes import OTHER
from tfgan_apps.networks import drit
from tfgan_apps.optimizers import DecayedAdam
from tfgan_apps.schedules import LinearDecay
from tfgan_apps.serving.kinds.styled_image import Direction, StyledImage

CLIP_NORM = 5.0  # of the content discriminator's gradient


@keras.saving.register_keras_serializable(package="tfgan_apps")
class DRIT(AdversarialModel):
    """Encoders of contents and of styles, decoders, and discriminators, one of them of contents.

    An image is a content, which does not tell its domain, and a style (the paper's attribute) of
    its domain, which is drawn or told by another image. Networks are dicts by domain. Images made
    of encoded styles have discriminators of their own, and those of drawn styles, too.

    | here | paper | authors' code |
    |---|---|---|
    | domains x, y | X, Y | A, B |
    | `content_encoders`, `style_encoders` | E^c, E^a | enc_c, enc_a |
    | `decoders` | G | gen |
    | `discriminators`, `random_discriminators` | D | disA, disB; disA2, disB2 |
    | `content_discriminator` | D^c | disContent |
    | `content_weight`, `cycle_weight` | lambda_adv^content, lambda_1^cc | 1, 10 |
    | `reconstruction_weight`, `latent_weight` | lambda_1^rec, lambda_1^latent | 10, 10 |
    | `divergence_weight`, `mode_seeking_weight` | lambda_KL, lambda_ms | 0.01, 1 |
    | `content_steps` | | d_iter |

    The content discriminator moves in every step, in each `content_steps`-th one all others too.
    Then the generator, content encoders and decoders, moves twice: first with the style encoders,
    by `adversarial`, `content`, `cycle`, `reconstruction`, `content_divergence` and
    `style_divergence`, each weighed; then alone, by `random_adversarial`, `latent` and
    `mode_seeking`, of images in drawn styles. `generator_loss` is the mean of both sums. Terms of
    `_x` are of the images that x's decoder makes, or of x's codes.

    Args:
        image_size: height and width of the training images in pixels, a multiple of 4 that leaves
            the smallest discriminator a patch, at least 16.
        channels: of the images, 1, 3 or 4.
        architecture: `concat`: the style is joined to the decoders' features, and is drawn from
            what its encoder tells; `feature_wise`: it tells each residual block its part, for
            domains whose shapes differ, as cats and dogs.
        generator_filters: of the first layers of encoders.
        residual_blocks: of content encoders and of decoders, beside one that both domains share;
            feature-wise decoders share none, and have that one, too.
        latent_size: of a style.
        mlp_size: width of the layers between a style and what it tells feature-wise decoders.
        discriminator_filters: of the discriminators' first layers.
        discriminator_layers: hidden layers of each, which halve the sides; of one scale, 2 more.
        scales: how many discriminators look at an image, each at half the pixels (dis_scale).
        spectral: whether kernels of discriminators are divided by their largest singular values.
        content_kernel: height and width of the content discriminator's kernels.
        content_layers: hidden layers of it, which halve the sides.
        content_steps: steps for each move of all players.
        content_weight: of how unsure the content discriminator is to be, >= 0.
        cycle_weight: of an image's difference from its translation there and back, >= 0.
        reconstruction_weight: of its difference from what is made of its own codes, >= 0.
        divergence_weight: of the divergences of contents and styles, >= 0.
        latent_weight: of the difference of a drawn style from that of the image made of it, >= 0.
        mode_seeking_weight: of how alike two images in different styles are, >= 0; 0: one style is
            drawn, as in the conference's version.
        initializer: of kernels: `normal`, the authors', or `kaiming`, for narrow networks.
        seed: of weights, data order and draws.

    Call: `image` (batch, height, width, channels) of x in [-1, 1], or a dict of it and of `style`
    (batch, latent_size) of y, zeros where there is none -> its translation to y.
    A batch of `fit` and `evaluate` is `(x, y)`, each (batch, image_size, image_size, channels); to
    train, the batch of a replica is even.

    Raises:
        ValueError: an argument is out of its range.
    """

    least_batch = 2

    def __init__(
        self,
        image_size: int = 216,
        channels: int = 3,
        architecture: Literal["concat", "feature_wise"] = "concat",
        generator_filters: int = 64,
        residual_blocks: int = 3,
        latent_size: int = 8,
        mlp_size: int = 256,
        discriminator_filters: int = 64,
        discriminator_layers: int = 4,
        scales: int = 3,
        spectral: bool = False,
        content_kernel: int = 7,
        content_layers: int = 3,
        content_steps: int = 3,
        content_weight: float = 1.0,
        cycle_weight: float = 10.0,
        reconstruction_weight: float = 10.0,
        divergence_weight: float = 0.01,
        latent_weight: float = 10.0,
        mode_seeking_weight: float = 1.0,
        initializer: Literal["normal", "kaiming"] = "normal",
        seed: int = 0,
        **kwargs,
    ):
        given = {"content": content_weight, "cycle": cycle_weight, "latent": latent_weight}
        given |= {"reconstruction": reconstruction_weight, "divergence": divergence_weight}
        given |= {"mode_seeking": mode_seeking_weight}
        weights = terms.weights(**given)
        super().__init__([f"{term}_{side}" for term in weights for side in OTHER], seed, **kwargs)
        check_numbers(0, **{f"{name}_weight": weight for name, weight in given.items()})
        check_choice(("concat", "feature_wise"), architecture=architecture)
        check_integers(1, latent_size=latent_size, content_steps=content_steps)
        drit.check_size(image_size, discriminator_layers, scales)
        check_choice((1, 3, 4), channels=channels)
        self.image_size, self.channels, self.latent_size = image_size, channels, latent_size
        self.architecture, self.content_steps = architecture, content_steps
        self.weights_of_terms = weights
        self.batch_spec = (batches.images(image_size, channels),) * 2
        numbers = channels, generator_filters, residual_blocks, latent_size, mlp_size
        found = networks.coders(architecture, *numbers, initializer=initializer)
        self.content_encoders, self.style_encoders, self.decoders, self.generator_parts = found
        numbers = channels, discriminator_filters, discriminator_layers, scales, spectral
        found = networks.discriminators(*numbers, initializer=initializer)
        self.discriminators, self.random_discriminators = found
        numbers = content_kernel, content_layers, initializer
        self.content_discriminator = networks.of_contents(image_size, generator_filters, *numbers)

    def players(self):
        judges = *self.discriminators.values(), *self.random_discriminators.values()
        return {
            "discriminator": list(judges),
            "content_discriminator": [self.content_discriminator],
            "generator": list(self.generator_parts),
            "style_encoder": list(self.style_encoders.values()),
        }

    def optimizers(
        self,
        learning_rate: float = 1e-4,
        content_discriminator_learning_rate: float = 4e-5,
        decay: float = 1e-4,
        epochs: int = 200,
        steps_per_epoch=None,
    ):
        """Returns the authors' Adams; their rates fall to 0 over the second half of the epochs.

        Args:
            learning_rate: of all but the content discriminator, before the decay.
            content_discriminator_learning_rate: of that one.
            decay: of the weights, which their gradients get, times the weights.
            epochs: of the whole training; the authors' are 1,200.
            steps_per_epoch: int, `len(dataset)`. Defaults to None, constant rates.
        """
        rates = {"content_discriminator_learning_rate": content_discriminator_learning_rate}
        check_learning_rate(learning_rate=learning_rate, **rates)
        check_numbers(0, decay=decay)
        rates = dict.fromkeys(self.players(), learning_rate)
        rates["content_discriminator"] = content_discriminator_learning_rate
        if steps_per_epoch is not None:
            steps = dict.fromkeys(rates, self.content_steps)  # for each move
            steps |= {"content_discriminator": 1, "generator": self.content_steps / 2}
            # The authors' rates begin to fall an epoch later than CycleGAN's.
            epochs = epochs + 1, epochs // 2 + 1
            for player, rate in rates.items():
                rates[player] = LinearDecay(rate, steps_per_epoch / steps[player], *epochs)
        numbers = {"beta_1": 0.5, "beta_2": 0.999, "epsilon": 1e-8, "decay": decay}
        return {player: DecayedAdam(rate, **numbers) for player, rate in rates.items()}

    def phase_at(self, step):
        """Returns "contents" where the content discriminator moves alone, else "all"."""
        return "contents" if (step + 1) % self.content_steps else "all"

    def train_step(self, batch):
        encoded, others = self.halves(batch)
        if self.phase == "contents":
            self._judge_contents(passes.contents(self, encoded, "content"))
        else:
            self.update("generator", lambda: self._update_alone(encoded, others))
        return self.finish_step()

    def _update_alone(self, encoded, others):
        """The second update, of what the first one's pass has made: its tape sees both."""
        first = lambda: self._update_together(encoded, others)  # noqa: E731
        players = dict.fromkeys(("generator", "style_encoder"), first)
        return self.random_loss(self.update_together(players)["generator"]), None

    def _update_together(self, encoded, others):
        """The first update, before which all discriminators move."""
        made = self.made_of(encoded)
        self.update("discriminator", lambda: (self.discriminator_loss(encoded, others, made), None))
        self._judge_contents(made["content"])
        return self.encoded_loss(encoded, made), made

    def _judge_contents(self, contents):
        loss = lambda: (self.content_discriminator_loss(contents), None)  # noqa: E731
        self.update("content_discriminator", loss, clip_norm=CLIP_NORM)

    def test_step(self, batch):
        images = dict(zip(OTHER, batch, strict=True))
        made = self.made_of(images, self.tested("generator_loss"))
        for loss in (self.encoded_loss(images, made), self.random_loss(made)):
            self.track(generator_loss=loss)
        return self.results()

    def halves(self, batch):
        """Returns the images that are encoded, and those that drawn ones are judged beside.

        Of (x, y) two dicts, domain -> images: those in even places, and those in odd ones.

        Raises:
            ValueError: their number is odd.
        """
        size = batch[0].shape[0]
        check(not (size or 0) % 2, "even on each replica, a half is encoded", batch_size=size)
        return tuple({s: x[i::2] for s, x in zip(OTHER, batch, strict=True)} for i in range(2))

    def style_of(self, images, side):
        """Returns what a domain's style encoder tells: the mean, and the log variance or None."""
        told = self.style_encoders[side](images)
        joins = self.architecture == "concat"
        return (told["mean"], told["log_variance"]) if joins else (told, None)

    def made_of(self, images, batch=None):
        """Returns all that a round makes of images, a dict; see `passes.of_images`."""
        count = 2 if "mode_seeking" in self.weights_of_terms else 1
        return passes.of_images(self, images, count, batch)

    def discriminator_loss(self, encoded, others, made):
        """Returns the sum over domains, discriminators, fakes and scales of the cross-entropies."""
        loss = 0.0
        for side, judge in self.discriminators.items():
            loss += terms.verdicts(judge, encoded[side], [made["fake"][side]])
            judge = self.random_discriminators[side]
            loss += terms.verdicts(judge, others[side], made["random"][side])
        return loss

    def content_discriminator_loss(self, contents):
        """Returns the sum of cross-entropies: contents of y are 1, those of x 0."""
        both = tf.stop_gradient(tf.concat([contents["y"], contents["x"]], 0))
        return losses.minimax_discriminator_loss(*tf.split(self.content_discriminator(both), 2))

    def encoded_loss(self, images, made):
        """Returns the loss of the first update, of the generator and the style encoders."""
        found, error = {}, losses.mean_absolute_error
        for side, image in images.items():
            content = made["content"][side]
            unsure = losses.sigmoid_cross_entropy(self.content_discriminator(content), 0.5)
            found[side] = {
                "adversarial": terms.fooling(self.discriminators[side], made["fake"][side]),
                "content": unsure,
                "cycle": error(made["back"][side], image),
                "reconstruction": error(made["own"][side], image),
                "content_divergence": terms.mean_square(content),
                "style_divergence": terms.divergence(*made["told"][side]),
            }
        return self._weighed(found)

    def random_loss(self, made):
        """Returns the loss of the second update, of the generator alone; see `made_of`."""
        found, drawn = {}, made["drawn"]
        for side, images in made["random"].items():
            judge = self.random_discriminators[side]
            found[side] = {"random_adversarial": terms.fooling(judge, *images)}
            found[side]["latent"] = losses.mean_absolute_error(made["again"][side], drawn[0])
            if len(images) > 1:
                found[side]["mode_seeking"] = terms.mode_seeking(images, drawn)
        return self._weighed(found)

    def _weighed(self, found):
        """Returns the sum of the terms, dicts by domain, that have a weight, and tracks them."""
        named = {f"{name}_{s}": (name, v) for s, each in found.items() for name, v in each.items()}
        weights = self.weights_of_terms
        weighed = {n: weights[name] * v for n, (name, v) in named.items() if name in weights}
        self.track(**weighed)
        return sum(weighed.values())

    def translate(self, images, style, to="y"):
        """Returns images (batch, height, width, channels) of a domain as those of another, `to`.

        Without noise; `style` is (batch, latent_size).
        """
        content = self.content_encoders[OTHER[to]](images)
        return self.decoders[to]({"content": content, "style": tf.convert_to_tensor(style)})

    def call(self, x, training=False):
        x = x if isinstance(x, dict) else {"image": x}
        style = x.get("style", tf.zeros((tf.shape(x["image"])[0], self.latent_size)))
        return self.translate(x["image"], style)

    def samples(self, batch):
        """Returns the columns of a sample sheet: images in two drawn styles, and in those of two.

        Args:
            batch: (x, y), each (batch, height, width, channels) in [-1, 1].
        """
        return passes.sheet(self, dict(zip(OTHER, batch, strict=True)))

    def serving(self):
        """Returns what a server offers: both directions, in styles of seeds, pictures or codes."""

        def direction(to):
            translate = lambda images, style: self.translate(images, style, to)  # noqa: E731
            return Direction(translate, lambda images: self.style_of(images, to)[0])

        directions = {f"{OTHER[to]}_to_{to}": direction(to) for to in ("y", "x")}
        coders = self.players()["generator"] + self.players()["style_encoder"]
        sizes = self.image_size, self.latent_size, self.channels
        return StyledImage(directions, coders, *sizes)
