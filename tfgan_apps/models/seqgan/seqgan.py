"""SeqGAN: a language model that is trained by the verdict of a discriminator, through its policy.

Reference: Yu, Zhang, Wang, Yu, "SeqGAN: Sequence Generative Adversarial Nets with Policy Gradient",
AAAI 2017, https://arxiv.org/abs/1609.05473; https://github.com/LantaoYu/SeqGAN.

Parameters:
    generator 333,320, discriminator 7,045,402

Differences:
- Each batch of the discriminator is half real, half generated; the authors shuffle both together.
  Generated ones are drawn from those kept with replacement. Real are every second of the batch, so
  that replicas with an even share of it use those that one device does.
- The norm that clips is that of the whole gradient; the authors' counts the rows of the embedding
  that come several times in a batch one by one.
- Adam's epsilon is Keras' 1e-7, theirs 1e-8.
- The roll-out policy is the generator as it is, as in the paper's algorithm and, by an error, in
  the authors' code; `rollout_rate` makes it follow with delay, as they meant it.
"""

import keras
import tensorflow as tf

from tfgan_apps import accumulation, batches
from tfgan_apps.adversarial_model import AdversarialModel
from tfgan_apps.arguments import (
    check,
    check_fraction,
    check_integers,
    check_learning_rate,
    check_numbers,
)
from tfgan_apps.models.seqgan.networks import (
    build_discriminator,
    build_generator,
    part,
    windows_of,
)
from tfgan_apps.models.seqgan.policy import Policy
from tfgan_apps.models.seqgan.schedule import Schedule
from tfgan_apps.optimizers import Adam
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.sequences import Sequences
from tfgan_apps.serving.kinds.served_model import variables_of


@keras.saving.register_keras_serializable(package="tfgan_apps")
class SeqGAN(AdversarialModel):
    """A generator of tokens, pre-trained by likelihood, then rewarded for what looks real.

    | here | paper |
    |---|---|
    | player `likelihood` | MLE pre-training |
    | `rollouts` | N, Monte Carlo searches |
    | `schedule.generator_steps`, `.discriminator_steps` | g-steps; d-steps times k epochs |
    | `rollout_rate` | update rate of the roll-out policy |

    Args:
        vocabulary_size: int, different tokens; that of `vocabulary`, if there is one.
        length: tokens of a sequence, at least 2.
        embedding_size: of a token in the generator.
        hidden: units of the generator's LSTM.
        discriminator_embedding_size: of a token in the discriminator.
        windows: of the discriminator, tokens in a window -> filters, as 2:100,3:200; the authors'
            for 20 or 32 tokens, without those that are longer than a sequence, if None.
        dropout: of the discriminator, in [0, 1).
        weight_decay: times half the squares of the discriminator's last layer.
        rollouts: continuations of each beginning of a sequence.
        rollout_rate: how much of a delayed roll-out policy stays in an update, in [0, 1); None: it
            is the generator.
        negatives: generated sequences kept, that the discriminator is trained on between two
            drawings.
        schedule: `Schedule`. Defaults to the published one.
        start_token: int, what comes before the first token.
        vocabulary: `Vocabulary` of text. Defaults to None.
        temperature: of what is drawn for sheets and servers, > 0; below 1, likelier sequences.
            Training draws from the policy as it is.
        top_k: only so many likeliest tokens are drawn there; 0: all.
        seed: of weights, data order and draws.

    Raises:
        ValueError: an argument out of its range, or a window that is longer than a sequence.

    Call: `tokens` int32 (batch, length) -> log-probabilities float32 (batch, length), nats.
    A batch of `fit` and `evaluate` is such tokens.
    """

    def __init__(
        self,
        vocabulary_size=5000,
        length: int = 20,
        embedding_size: int = 32,
        hidden: int = 32,
        discriminator_embedding_size: int = 64,
        windows: dict[int, int] | None = None,
        dropout: float = 0.25,
        weight_decay: float = 0.2,
        rollouts: int = 16,
        rollout_rate: float | None = None,
        negatives: int = 9984,
        schedule=None,
        start_token=0,
        vocabulary=None,
        temperature: float = 1.0,
        top_k: int = 0,
        seed: int = 0,
        **kwargs,
    ):
        super().__init__(["nll", "reward", "accuracy"], seed, **kwargs)
        size = len(vocabulary) if vocabulary else vocabulary_size
        check_integers(1, embedding_size=embedding_size, hidden=hidden)
        check_integers(1, discriminator_embedding_size=discriminator_embedding_size)
        check_integers(1, rollouts=rollouts, negatives=negatives)
        check_integers(2, length=length)
        check_numbers(0, weight_decay=weight_decay)
        check_fraction(dropout=dropout)
        fits = rollout_rate is None or 0 <= rollout_rate < 1
        check(fits, "in [0, 1), or None", rollout_rate=rollout_rate)
        check(0 <= start_token < size, f"in [0, {size})", start_token=start_token)
        check(temperature > 0, "> 0", temperature=temperature)
        check(0 <= top_k <= size, f"in [0, {size}]", top_k=top_k)
        self.vocabulary_size, self.length = size, length
        self.batch_spec = self.predict_spec = batches.Values((length,), "integer", 0, size - 1)
        self.vocabulary = vocabulary
        self.schedule = schedule or Schedule()
        self.dropout, self.weight_decay = dropout, weight_decay
        self.rollouts, self.rollout_rate = rollouts, rollout_rate
        self.temperature, self.top_k = temperature, top_k
        windows = windows or windows_of(length)
        windows = {int(tokens): filters for tokens, filters in windows.items()}  # JSON has no ints
        self.generator = build_generator(size, embedding_size, hidden)
        self.policy = Policy(self.generator, start_token)
        self.discriminator = build_discriminator(
            size, length, discriminator_embedding_size, windows
        )
        self.features = part(self.discriminator, "features")
        self.rollout = None
        if rollout_rate is not None:
            self.rollout = build_generator(size, embedding_size, hidden, name="rollout")
            self.rollout.trainable = False
            self.rollout.set_weights(self.generator.get_weights())
        self.rollout_policy = Policy(self.rollout or self.generator, start_token)
        # int64: TensorFlow keeps int32 variables on the CPU, where XLA on a GPU cannot read them.
        self.kept = self.add_weight(
            (negatives, length),
            "zeros",
            "int64",
            trainable=False,
            aggregation="only_first_replica",
            name="kept",
        )

    def players(self):
        return {
            "likelihood": [self.generator],
            "discriminator": [self.discriminator],
            "generator": [self.generator],
        }

    def optimizers(
        self,
        likelihood_learning_rate: float = 0.01,
        discriminator_learning_rate: float = 1e-4,
        generator_learning_rate: float = 0.01,
    ):
        """Returns the authors' Adams.

        Args:
            likelihood_learning_rate: of the generator's, in pre-training by likelihood.
            discriminator_learning_rate: of the discriminator's.
            generator_learning_rate: of the generator's, by rewards.
        """
        check_learning_rate(
            likelihood_learning_rate=likelihood_learning_rate,
            discriminator_learning_rate=discriminator_learning_rate,
            generator_learning_rate=generator_learning_rate,
        )
        return {
            "likelihood": Adam(likelihood_learning_rate),
            "discriminator": Adam(discriminator_learning_rate),
            "generator": Adam(generator_learning_rate),
        }

    def phase_at(self, step):
        return self.schedule.phase_at(step)

    def train_step(self, tokens):
        tokens = tf.cast(tokens, tf.int32)
        if self.phase == "likelihood":
            self.update("likelihood", lambda: (self._nll(tokens), None), clip_norm=5.0)
            self._follow(0.0)
        elif self.phase == "generator":
            self._reinforce(tf.shape(tokens)[0])
        elif self.phase in ("discriminator", "negatives"):
            if self.phase == "negatives":
                self._draw_negatives()
            self.update("discriminator", lambda: (self._verdict_loss(tokens), None))
        else:
            raise ValueError(f"phase must be one of the schedule's. Received: phase={self.phase!r}")
        return self.finish_step()

    def test_step(self, tokens):
        self.track(likelihood_loss=self._nll(tf.cast(tokens, tf.int32)))
        return self.results()

    def _nll(self, tokens):
        nll = -tf.reduce_mean(self(tokens))
        self.track(nll=nll)
        return nll

    def _verdict_loss(self, tokens):
        """Returns the discriminator's cross-entropy on half a batch of each kind."""
        half = (tf.shape(tokens)[0] + 1) // 2
        drawn = self.draw(self._numbers_of_kept, "negatives", half)
        generated = tf.cast(tf.gather(self.kept.value, drawn), tf.int32)
        features = self.features(tf.concat([tokens[::2], generated], 0))
        shape = (2, features.shape[-1])  # of a real sequence and of a generated one
        uniform = self.draw(tf.random.stateless_uniform, "dropout", half, shape)
        uniform = tf.reshape(tf.transpose(uniform, (1, 0, 2)), tf.shape(features))
        kept = features / (1.0 - self.dropout)
        features = tf.where(uniform < self.dropout, tf.zeros_like(features), kept)
        last = self.discriminator.get_layer("logits")
        logits, labels = last(features), tf.repeat([1, 0], half)
        self.track(
            accuracy=tf.reduce_mean(tf.cast(tf.argmax(logits, -1, tf.int32) == labels, tf.float32))
        )
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        decay = tf.nn.l2_loss(last.kernel) + tf.nn.l2_loss(last.bias)
        return tf.reduce_mean(loss) + self.weight_decay * decay

    def _numbers_of_kept(self, shape, seed):
        return tf.random.stateless_uniform(shape, seed, 0, self.kept.shape[0], tf.int32)

    def _draw_negatives(self):
        """Fills what is kept with fresh sequences, the same ones on all replicas."""
        uniform = tf.random.stateless_uniform(self.kept.shape, self.draw_seed("kept"))
        self.kept.assign(tf.cast(self.policy.sample(uniform), tf.int64))

    def _reinforce(self, batch):
        """Draws sequences, and makes each of their tokens as likelier as its reward is larger."""
        uniform = self.draw(tf.random.stateless_uniform, "policy", batch, (self.length,))
        tokens = self.policy.sample(uniform)
        shape = (self.length - 1, self.rollouts, self.length)
        uniform = self.draw(tf.random.stateless_uniform, "rollouts", batch, shape)
        rewards = self.rewards(tokens, uniform)
        self.track(reward=tf.reduce_mean(rewards))
        # The loss is a sum over the global batch; the base takes means of the parts' losses.
        parts, _ = accumulation.place(self)

        def loss():
            return -parts * tf.reduce_sum(self(tokens) * rewards), None

        self.update("generator", loss, clip_norm=5.0)
        self._follow(self.rollout_rate)

    def rewards(self, tokens, uniform):
        """Returns what each token is worth: the mean verdict on sequences that go on from it.

        Args:
            tokens: int32 (batch, length), drawn from the generator.
            uniform: float32 (batch, length - 1, rollouts, length) in [0, 1), what chance decides of
                the continuations.

        Returns:
            float32 (batch, length) in (0, 1): the discriminator's probability that the sequence is
            real, mean over `rollouts` continuations; of the last token, that of the sequence.
        """
        batch, length, copies = tf.shape(tokens)[0], self.length, self.rollouts
        uniform = tf.transpose(uniform, (1, 2, 0, 3))
        uniform = tf.reshape(uniform, (length - 1, copies * batch, length))
        finished = self.rollout_policy.continuations(tokens, uniform, copies)
        # One length after the other: what the convolutions make of them should stay in a cache.
        verdicts = tf.map_fn(self.verdict, finished, fn_output_signature=tf.float32)
        means = tf.reduce_mean(tf.reshape(verdicts, (length - 1, copies, batch)), 1)
        return tf.transpose(tf.concat([means, self.verdict(tokens)[None]], 0))

    def verdict(self, tokens):
        """Returns the probability that sequences are real, without dropout.

        Args:
            tokens: int32 (batch, length).

        Returns:
            float32 (batch,).
        """
        return tf.nn.softmax(self.discriminator(tokens))[:, 1]

    def _follow(self, rate):
        """Moves the roll-out policy, if there is one; its embedding is always the generator's."""
        if self.rollout is not None:
            for old, new in zip(self.rollout.layers, self.generator.layers, strict=True):
                self.follow(old, new, 0.0 if new.name == "embedding" else rate)

    def call(self, tokens):
        return self.policy.log_likelihood(tokens)

    def sample(self, uniform, temperature=None, top_k=None):
        """Draws sequences.

        Args:
            uniform: float32 (batch, length) in [0, 1), what chance decides.
            temperature: float > 0; below 1, likelier sequences. Defaults to the model's.
            top_k: int, only the k likeliest tokens are drawn; 0 for all. Defaults to the model's.

        Returns:
            int32 (batch, length).
        """
        temperature = self.temperature if temperature is None else temperature
        top_k = self.top_k if top_k is None else top_k
        uniform = tf.convert_to_tensor(uniform)
        return self._sample(uniform, uniform.shape[1], float(temperature), int(top_k))

    @tf.function(reduce_retracing=True)
    def _sample(self, uniform, length, temperature, top_k):
        uniform = tf.ensure_shape(uniform, (None, length))  # else it is forgotten with the batch's
        return self.policy.sample(uniform, temperature, top_k)

    def samples(self, batch):
        """Returns the columns of a sheet: sequences of the data, and as many of the generator's.

        Args:
            batch: int32 (batch, length).
        """
        uniform = tf.random.stateless_uniform(tf.shape(batch), (self.seed, 0))
        return {"real": self.text(batch), "generated": self.text(self.sample(uniform))}

    def text(self, tokens):
        """Returns strings (batch,): the text of tokens, or without a vocabulary their numbers."""
        if self.vocabulary:
            return self.vocabulary.to_text(tokens)
        return tf.strings.reduce_join(tf.strings.as_string(tokens), 1, separator=" ")

    def serving(self):
        """Returns what a server offers: sequences from seeds, and the likelihood of sequences."""
        length = self.length

        def sample(seed):
            return self.sample(served_model.uniform(seed, (length,)))

        text = {}
        if self.vocabulary:
            text = {"to_text": self.vocabulary.to_text, "tables": self.vocabulary.tables}
            text["to_tokens"] = lambda strings: self.vocabulary.to_tokens(strings, length)
        return Sequences(sample, self, variables_of(self.generator), length, **text)
