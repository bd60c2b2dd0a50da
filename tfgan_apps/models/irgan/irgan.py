"""IRGAN: a generator picks documents for a query, a discriminator judges how relevant they are.

Reference: Wang, Yu, Zhang, Gong, Xu, Wang, Zhang, Zhang, "IRGAN: A Minimax Game for Unifying
Generative and Discriminative Information Retrieval Models", SIGIR 2017,
https://arxiv.org/abs/1705.10513; https://github.com/geek-ai/irgan@171aa3d.

Parameters:
    a player 14,813 (MovieLens-100k)

Differences:
- A step plays many queries at once. The authors make an update for each query (generator) or for
  8 to 100 pairs (discriminator, pre-training), of means over these; here losses are sums over the
  queries and their examples, so that a step's gradient is the sum of those that the authors apply
  one after the other, when learning rates are divided by the size of such a mean. What is lost is
  that an update sees those before it in the same step; at the authors' rates these are tiny.
  Adam, of question answering, makes one move of a sum where the authors' makes one for each mean.
  Its epsilon is Keras' 1e-7, theirs 1e-8.
- The discriminator's negatives are drawn anew at each visit, not every 5 or 30 passes: the
  generator does not move meanwhile, and they come from the same distribution.
- Question answering: the vocabulary is of training questions and answers, the authors' of all
  questions only; one pool of answers is drawn per visit, from which both players draw.
- The paper's baseline, the mean reward, is not subtracted; the authors' code has none either.
"""

import functools
from typing import Literal

import keras
import tensorflow as tf

from tfgan_apps import accumulation
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import check_choice, check_integers, check_learning_rate
from tfgan_apps.models.irgan import draws
from tfgan_apps.models.irgan.games import earned, game_of
from tfgan_apps.models.irgan.scorers import PER_CANDIDATE, build_scorer
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds.ranking import Ranking
from tfgan_apps.serving.kinds.served_model import tolerance_of, variables_of

OPTIMIZERS = {"sgd": keras.optimizers.SGD, "adam": Adam}


@keras.saving.register_keras_serializable(package="tfgan_apps")
class IRGAN(AdversarialModel):
    """A generator and a discriminator of the same kind, perhaps pre-trained, that take turns.

    | here | paper |
    |---|---|
    | `generator`'s scores | g_theta(q, d) |
    | `discriminator`'s scores | f_phi(q, d) |
    | `draws.distribution` | p_theta(d given q, r) |

    Args:
        scorer: dict, `kind` and sizes of both networks; see `build_scorer`.
        game: `Game`, or its name in `GAMES`. Defaults to `"item_recommendation"`.
        pretraining_steps: int >= 0, that come first. Defaults to 0.
        discriminator_steps, generator_steps: int >= 0, of a round; rounds follow each other without
            end. Default to 1.
        top: ranked candidates that are served where all are candidates, at least 1.
        seed: of weights, data order and draws.
        vocabulary: `Vocabulary` of a scorer of tokens; then text is served. Defaults to None.
        length: int, tokens of the questions and answers of training, which served texts are filled
            or cut to; needed with a vocabulary. Defaults to None.

    Call: a batch -> the reported scorer's scores, float32 (batch, candidates).

    A batch of `fit` is a dict of the scorer's inputs, of which those per candidate are padded, and

    - `valid`: bool (batch, candidates), what is no padding;
    - `relevant`: bool (batch, candidates);
    - `positives`: int32 (batch, most), the same as indices, then -1.

    Raises:
        ValueError: an unknown scorer or game, a round without steps, or a vocabulary that is not
            the scorer's or has no length.
    """

    def __init__(
        self,
        scorer,
        game="item_recommendation",
        pretraining_steps=0,
        discriminator_steps=1,
        generator_steps=1,
        top: int = 10,
        seed: int = 0,
        vocabulary=None,
        length=None,
        **kwargs,
    ):
        super().__init__(["reward"], seed, **kwargs)
        check_integers(1, top=top)
        check_integers(0, pretraining_steps=pretraining_steps)
        check_integers(0, discriminator_steps=discriminator_steps, generator_steps=generator_steps)
        if discriminator_steps + generator_steps < 1:
            raise ValueError(
                "discriminator_steps and generator_steps must not both be 0. "
                f"Received: {discriminator_steps} and {generator_steps}"
            )
        if vocabulary and (len(vocabulary) != scorer.get("vocabulary") or not length):
            raise ValueError(
                f"scorer must have vocabulary={len(vocabulary)}, as the vocabulary has, and length "
                f"be given. Received: scorer={scorer}, length={length}"
            )
        self.vocabulary, self.length = vocabulary, length
        self.game = game_of(game)
        self.scorer = dict(scorer)
        self.pretraining_steps = pretraining_steps
        self.discriminator_steps = discriminator_steps
        self.generator_steps = generator_steps
        self.top = top
        self.generator = build_scorer(name="generator", **scorer)
        self.discriminator = build_scorer(name="discriminator", **scorer)
        if self.game.common_start:
            self.discriminator.set_weights(self.generator.get_weights())

    losses_are = "sums over the queries of a batch and their candidates"

    def players(self):
        players = {}
        if self.pretraining_steps:
            both = [self.generator, self.discriminator]
            players["pretraining"] = both if self.game.common_start else both[:1]
        return {
            **players,
            "discriminator": [self.discriminator],
            "generator": [self.generator],
        }

    def optimizers(
        self,
        optimizer_kind: Literal["sgd", "adam"] = "sgd",
        pretraining_optimizer_kind: Literal["sgd", "adam"] = "sgd",
        pretraining_learning_rate: float = 0.05,
        discriminator_learning_rate: float = 0.001,
        generator_learning_rate: float = 0.001,
    ):
        """Returns the authors' optimizers; their defaults are those of item recommendation.

        Args:
            optimizer_kind: of both players, sgd or adam.
            pretraining_optimizer_kind: of pre-training.
            pretraining_learning_rate: of a sum over pairs.
            discriminator_learning_rate: of a sum over examples, or pairs.
            generator_learning_rate: of a sum over queries.
        """
        check_choice(
            OPTIMIZERS,
            optimizer_kind=optimizer_kind,
            pretraining_optimizer_kind=pretraining_optimizer_kind,
        )
        check_learning_rate(
            pretraining_learning_rate=pretraining_learning_rate,
            discriminator_learning_rate=discriminator_learning_rate,
            generator_learning_rate=generator_learning_rate,
        )
        found = {
            "pretraining": OPTIMIZERS[pretraining_optimizer_kind](pretraining_learning_rate),
            "discriminator": OPTIMIZERS[optimizer_kind](discriminator_learning_rate),
            "generator": OPTIMIZERS[optimizer_kind](generator_learning_rate),
        }
        return {player: found[player] for player in self.players()}

    @property
    def reported(self):
        """The network whose ranking is evaluated and served."""
        return getattr(self, self.game.reported)

    def phase_at(self, step):
        if step < self.pretraining_steps:
            return "pretraining"
        skipped = self.discriminator_steps if self.game.generator_first else 0
        place = step - self.pretraining_steps + skipped
        place %= self.discriminator_steps + self.generator_steps
        return "discriminator" if place < self.discriminator_steps else "generator"

    def train_step(self, batch):
        loss = getattr(self, f"_{self.phase}_loss")
        clip = None if self.phase == "generator" else self.game.discriminator_clip
        # The base takes the mean over the parts of a batch: that of these is the sum over all.
        parts, _ = accumulation.place(self)
        self.update(self.phase, lambda: (parts * tf.reduce_sum(loss(batch)), None), clip)
        return self.finish_step()

    def _pretraining_loss(self, batch):
        drawn, taken = self._dynamic_negatives(batch)
        kind = "hinge" if self.game.loss == "hinge" else "log_sigmoid"
        networks = self.players()["pretraining"]
        losses = [
            self._pairs_loss(network, batch, drawn, taken, kind, self.game.pretraining_penalty)
            for network in networks
        ]
        return tf.add_n(losses)

    def _discriminator_loss(self, batch):
        game = self.game
        if game.pairwise:
            drawn, taken = self._negatives(batch)
            return self._pairs_loss(
                self.discriminator, batch, drawn, taken, game.loss, game.discriminator_penalty
            )
        drawn = self._negative_counts(batch)
        true = tf.cast(batch["relevant"], tf.float32)
        found = self._outputs(self.discriminator, batch)
        loss = true * tf.nn.softplus(-found["scores"]) + drawn * tf.nn.softplus(found["scores"])
        penalty = found["query_penalty"][:, None] + found["candidate_penalty"]
        return tf.reduce_sum(loss + game.discriminator_penalty * (true + drawn) * penalty, 1)

    def _generator_loss(self, batch):
        return self._pairs_reinforced(batch) if self.game.pairwise else self._reinforced(batch)

    def _reinforced(self, batch):
        """The policy gradient's loss of each query, with samples counted per candidate."""
        game = self.game
        found = self._outputs(self.generator, batch)
        log_likelihood = draws.log_distribution(found["scores"], batch["valid"], game.temperature)
        proposal = self._proposal(found["scores"], batch)
        number = game.samples_per_relevant * _number_relevant(batch)
        drawn = self._counts("samples", proposal, batch, game.samples_per_relevant, number)
        reward = earned(game, self._outputs(self.discriminator, batch)["scores"])
        share = tf.math.divide_no_nan(drawn, number[:, None])
        if game.importance_weights:
            likelihood = tf.stop_gradient(tf.exp(log_likelihood))
            share *= tf.math.divide_no_nan(likelihood, proposal)
        share *= tf.cast(batch["valid"], tf.float32)
        self.track(reward=tf.reduce_mean(tf.reduce_sum(share * reward, 1)))
        loss = -tf.reduce_sum(share * reward * log_likelihood, 1)
        penalty = found["query_penalty"] + tf.reduce_sum(drawn * found["candidate_penalty"], 1)
        return loss + game.generator_penalty * penalty

    def _proposal(self, scores, batch):
        """Returns p_n, the distribution that the generator's samples are drawn from."""
        game = self.game
        temperature = game.proposal_temperature or game.temperature
        model = draws.distribution(tf.stop_gradient(scores), batch["valid"], temperature)
        relevant = tf.cast(batch["relevant"], tf.float32)
        relevant = tf.math.divide_no_nan(relevant, _number_relevant(batch)[:, None])
        return (1 - game.proposal_relevant) * model + game.proposal_relevant * relevant

    def _negative_counts(self, batch):
        """Returns how often each candidate is a negative, float32 (batch, candidates)."""
        number = self.game.negatives * _number_relevant(batch)
        distribution = self._negatives_distribution(batch)
        return self._counts("negatives", distribution, batch, self.game.negatives, number)

    def _counts(self, name, distribution, batch, each, number):
        if self.game.expected:
            return number[:, None] * distribution
        most = each * batch["positives"].shape[1]
        drawn = draws.with_replacement(distribution, self._uniform(name, batch, most))
        # A query without any candidate to draw has the distribution 0.
        possible = tf.reduce_sum(distribution, 1) > 0
        taken = (tf.range(float(most)) < number[:, None]) & possible[:, None]
        return draws.counts(drawn, taken, distribution.shape[1])

    def _negatives_distribution(self, batch):
        scores = self._outputs(self.generator, batch)["scores"]
        allowed = batch["valid"]
        if not self.game.negatives_may_be_relevant:
            allowed &= ~batch["relevant"]
        return draws.distribution(scores, allowed, self.game.negatives_temperature)

    def _negatives(self, batch):
        distribution = self._negatives_distribution(batch)
        return self._pairs("negatives", distribution, batch, self.game.negatives)

    def _dynamic_negatives(self, batch):
        allowed = batch["valid"] & ~batch["relevant"]
        scores = tf.cast(self._outputs(self.generator, batch)["scores"], tf.float32)
        scores = tf.where(allowed, scores, -1e9)
        most, each = batch["positives"].shape[1], self.game.dynamic_negatives
        if each is None:
            best = tf.repeat(tf.argmax(scores, 1, tf.int32)[:, None], most, 1)[..., None]
        else:
            uniform = self._uniform("dynamic negatives", batch, most * each)
            drawn = draws.with_replacement(tf.cast(allowed, tf.float32), uniform)
            drawn_scores = tf.gather(scores, drawn, batch_dims=1)
            drawn, drawn_scores = (tf.reshape(x, (-1, most, each)) for x in (drawn, drawn_scores))
            place = tf.argmax(drawn_scores, -1, tf.int32)[..., None]
            best = tf.gather(drawn, place, batch_dims=2)
        taken = (batch["positives"] >= 0) & tf.reduce_any(allowed, 1)[:, None]
        return best, tf.cast(taken, tf.float32)[..., None]

    def _pairs(self, name, distribution, batch, each):
        """Draws partners of the relevant candidates.

        Returns:
            int32 (batch, most, each), and float32 of this shape: 1 for pairs that exist, else 0.
        """
        most = batch["positives"].shape[1]
        if self.game.replacement:
            uniform = self._uniform(name, batch, most * each)
            drawn = draws.with_replacement(distribution, uniform)
        else:
            uniform = self._uniform(name, batch, distribution.shape[1])
            drawn = draws.without_replacement(distribution, uniform, most * each)
        possible = tf.gather(distribution, drawn, batch_dims=1) > 0
        drawn, possible = (tf.reshape(x, (-1, most, each)) for x in (drawn, possible))
        taken = (batch["positives"] >= 0)[..., None] & possible
        return drawn, tf.cast(taken, tf.float32)

    def _pairs_loss(self, network, batch, drawn, taken, kind, penalty):
        positive, other, found = self._pair_scores(network, batch, drawn)
        difference = positive - other
        if kind == "hinge":
            loss = tf.nn.relu(self.game.margin - difference)
        else:
            loss = tf.nn.softplus(-difference)
        paid = found["query_penalty"][:, None, None]
        paid += sum(_split(found["candidate_penalty"], drawn))
        return tf.reduce_sum(taken * (loss + penalty * paid), (1, 2))

    def _pairs_reinforced(self, batch):
        game = self.game
        found = self._outputs(self.generator, batch)
        log_likelihood = draws.log_distribution(found["scores"], batch["valid"], game.temperature)
        proposal = self._proposal(found["scores"], batch)
        drawn, taken = self._pairs("samples", proposal, batch, game.samples_per_relevant)
        positive, other, _ = self._pair_scores(self.discriminator, batch, drawn)
        reward = earned(game, other, positive)
        number = tf.maximum(tf.reduce_sum(taken, (1, 2)), 1.0)
        flat = tf.reshape(drawn, (tf.shape(drawn)[0], -1))
        chosen = tf.reshape(tf.gather(log_likelihood, flat, batch_dims=1), tf.shape(drawn))
        self.track(reward=tf.reduce_mean(tf.reduce_sum(taken * reward, (1, 2)) / number))
        loss = -tf.reduce_sum(taken * reward * chosen, (1, 2)) / number
        return loss + game.generator_penalty * found["query_penalty"]

    def _pair_scores(self, network, batch, drawn):
        """Returns the scores of the relevant candidates and of their partners, and all outputs."""
        positives = tf.maximum(batch["positives"], 0)
        flat = tf.reshape(drawn, (tf.shape(drawn)[0], drawn.shape[1] * drawn.shape[2]))
        found = self._outputs(network, batch, tf.concat([positives, flat], 1))
        return *_split(found["scores"], drawn), found

    def _outputs(self, network, batch, chosen=None):
        """Returns a scorer's outputs, for some candidates only if these are chosen (indices)."""
        inputs = {name: batch[name] for name in network.input}
        narrow = [name for name in inputs if name in PER_CANDIDATE and chosen is not None]
        for name in narrow:
            inputs[name] = tf.gather(inputs[name], chosen, batch_dims=1)
        found = {name: tf.cast(x, tf.float32) for name, x in network(inputs).items()}
        if chosen is not None and not narrow:
            for name in ("scores", "candidate_penalty"):
                found[name] = tf.gather(found[name], chosen, batch_dims=1)
        return found

    def _uniform(self, name, batch, number):
        uniform = functools.partial(tf.random.stateless_uniform, alg="philox")
        return self.draw(uniform, name, tf.shape(batch["positives"])[0], (number,))

    def call(self, batch, training=False):
        return self._outputs(self.reported, batch)["scores"]

    def ranking(self, batch):
        """Returns the candidates of each query, best first, int32 (batch, candidates).

        Args:
            batch: the inputs, and `valid`: bool (batch, candidates); what is not comes last.
        """
        scores = tf.where(batch["valid"], self(batch), -float("inf"))
        return tf.argsort(scores, direction="DESCENDING", stable=True)

    def samples(self, batch):
        """Returns the columns of a sample sheet: the first ranked candidates of each query.

        Args:
            batch: of the test stream.
        """
        first = self.ranking(batch)[:, : self.top]
        relevant, valid = (tf.gather(batch[n], first, batch_dims=1) for n in ("relevant", "valid"))
        words = tf.strings.join([tf.strings.as_string(first), tf.where(relevant, "*", "")])
        text = tf.strings.reduce_join(tf.where(valid, words, ""), -1, separator=" ")
        return {"ranking (* relevant)": tf.strings.strip(text)}

    def serving(self):
        """Returns what a server offers: rankings of candidates with their scores."""
        return Ranking(
            lambda **inputs: self._outputs(self.reported, inputs)["scores"],
            variables_of(self.reported),
            self.scorer,
            self.top,
            tolerance_of(self.reported),
            self.vocabulary,
            self.length,
        )


def _number_relevant(batch):
    return tf.reduce_sum(tf.cast(batch["relevant"], tf.float32), 1)


def _split(values, drawn):
    """Splits values of (relevant candidates, their partners) into (batch, most, 1 and each)."""
    most, each = drawn.shape[1:]
    return values[:, :most, None], tf.reshape(values[:, most:], (-1, most, each))
