"""SeqGAN: a language model that is trained by the verdict of a discriminator, through its policy.

Reference: Yu, Zhang, Wang, Yu, "SeqGAN: Sequence Generative Adversarial Nets with Policy Gradient",
AAAI 2017, https://arxiv.org/abs/1609.05473; https://github.com/LantaoYu/SeqGAN.

Differences:
- Each batch of the discriminator is half real, half generated; the authors shuffle both together.
  Generated ones are drawn from those kept with replacement.
- The norm that clips is that of the whole gradient; the authors' counts the rows of the embedding
  that come several times in a batch one by one.
- The roll-out policy is the generator as it is, as in the paper's algorithm and, by an error, in
  the authors' code; `rollout_rate` makes it follow with delay, as they meant it.
"""

import dataclasses

import keras
import tensorflow as tf

from tfgan_apps.adversarial_model import AdversarialModel
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
from tfgan_apps.vocabulary import Vocabulary


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
        vocabulary_size: int. Defaults to 5000; that of `vocabulary`, if there is one.
        length: int, tokens in a sequence. Defaults to 20.
        embedding, hidden: int, the generator's. Default to 32.
        discriminator_embedding: int. Defaults to 64.
        windows: dict, tokens in a window of the discriminator -> filters. Defaults to the authors'
            for 20 or 32 tokens, without those that are longer than `length`.
        dropout: float in [0, 1), the discriminator's. Defaults to 0.25.
        weight_decay: float, times half the squares of the discriminator's last layer. Defaults to
            0.2.
        rollouts: int, continuations of each beginning. Defaults to 16.
        rollout_rate: float in [0, 1), how much of the roll-out policy stays in an update. Defaults
            to None, it is the generator.
        negatives: int, generated sequences that the discriminator is trained on between two
            drawings. Defaults to 9984.
        schedule: `Schedule`, or its config. Defaults to the published one.
        start_token: int, what comes before the first token. Defaults to 0.
        vocabulary: `Vocabulary`, or its config, of text. Defaults to None.
        temperature, top_k: of what `sample` draws for sheets, servers and callers that name no
            other; training draws from the policy as it is. Default to 1 and 0, all tokens.
        seed: int. Defaults to 0.

    Raises:
        ValueError: an argument out of its range, or a window that is longer than a sequence.

    Call: `tokens` int32 (batch, length) -> log-probabilities float32 (batch, length), nats.
    A batch of `fit` and `evaluate` is such tokens.
    """

    def __init__(
        self,
        vocabulary_size=5000,
        length=20,
        embedding=32,
        hidden=32,
        discriminator_embedding=64,
        windows=None,
        dropout=0.25,
        weight_decay=0.2,
        rollouts=16,
        rollout_rate=None,
        negatives=9984,
        schedule=None,
        start_token=0,
        vocabulary=None,
        temperature=1.0,
        top_k=0,
        seed=0,
        **kwargs,
    ):
        super().__init__(["nll", "reward", "accuracy"], seed, **kwargs)
        if isinstance(vocabulary, dict):
            vocabulary = Vocabulary.from_config(vocabulary)
        if isinstance(schedule, dict):
            schedule = Schedule(**schedule)
        self.vocabulary = vocabulary
        self.schedule = schedule or Schedule()
        windows = windows or windows_of(length)
        self.options = {
            **{"vocabulary_size": len(vocabulary) if vocabulary else vocabulary_size},
            **{"length": length, "embedding": embedding, "hidden": hidden},
            **{
                "discriminator_embedding": discriminator_embedding,
                "windows": {int(w): n for w, n in windows.items()},
            },
            **{"dropout": dropout, "weight_decay": weight_decay, "rollouts": rollouts},
            **{"rollout_rate": rollout_rate, "negatives": negatives, "start_token": start_token},
            **{"temperature": temperature, "top_k": top_k},
        }
        _check(self.options)
        size = self.options["vocabulary_size"]
        self.generator = build_generator(size, embedding, hidden)
        self.policy = Policy(self.generator, start_token)
        self.discriminator = build_discriminator(size, length, discriminator_embedding, windows)
        self.features = part(self.discriminator, "features")
        self.rollout = None
        if rollout_rate is not None:
            self.rollout = build_generator(size, embedding, hidden, name="rollout")
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

    def compile(
        self,
        likelihood_optimizer=None,
        discriminator_optimizer=None,
        generator_optimizer=None,
        **kwargs,
    ):
        """Configures training; the authors' Adams where no optimizer is given.

        Args:
            likelihood_optimizer, discriminator_optimizer, generator_optimizer: Keras optimizers;
                learning rates are 0.01, 1e-4 and 0.01.
            **kwargs: `run_eagerly`, `jit_compile` as in Keras.
        """
        super().compile(
            likelihood_optimizer=likelihood_optimizer or keras.optimizers.Adam(0.01),
            discriminator_optimizer=discriminator_optimizer or Adam(1e-4),
            generator_optimizer=generator_optimizer or keras.optimizers.Adam(0.01),
            **kwargs,
        )

    def phase_at(self, step):
        return self.schedule.phase_at(step)

    def train_step(self, tokens):
        tokens = self._checked(tokens)
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
        self.track(likelihood_loss=self._nll(self._checked(tokens)))
        return self.results(["likelihood_loss", "nll"])

    def _checked(self, tokens):
        length = self.options["length"]
        if tokens.shape[1:] != (length,) or not tokens.dtype.is_integer:
            raise ValueError(
                f"a batch must be integer tokens (batch, {length}). "
                f"Received: {tokens.dtype.name} {tokens.shape}"
            )
        return tf.cast(tokens, tf.int32)

    def _nll(self, tokens):
        nll = -tf.reduce_mean(self(tokens))
        self.track(nll=nll)
        return nll

    def _verdict_loss(self, tokens):
        """Returns the discriminator's cross-entropy on half a batch of each kind."""
        half = (tf.shape(tokens)[0] + 1) // 2
        drawn = tf.random.stateless_uniform(
            (half,), self.draw_seed("negatives"), 0, self.options["negatives"], tf.int32
        )
        generated = tf.cast(tf.gather(self.kept.value, drawn), tf.int32)
        features = self.features(tf.concat([tokens[:half], generated], 0))
        uniform = tf.random.stateless_uniform(tf.shape(features), self.draw_seed("dropout"))
        rate = self.options["dropout"]
        features = tf.where(uniform < rate, tf.zeros_like(features), features / (1.0 - rate))
        last = self.discriminator.get_layer("logits")
        logits, labels = last(features), tf.repeat([1, 0], half)
        self.track(
            accuracy=tf.reduce_mean(tf.cast(tf.argmax(logits, -1, tf.int32) == labels, tf.float32))
        )
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        decay = tf.nn.l2_loss(last.kernel) + tf.nn.l2_loss(last.bias)
        return tf.reduce_mean(loss) + self.options["weight_decay"] * decay

    def _draw_negatives(self):
        """Fills what is kept with fresh sequences, the same ones on all replicas."""
        seed = self.draw_seed("kept", per_replica=False)
        uniform = tf.random.stateless_uniform(self.kept.shape, seed)
        self.kept.assign(tf.cast(self.policy.sample(uniform), tf.int64))

    def _reinforce(self, batch):
        """Draws sequences, and makes each of their tokens as likelier as its reward is larger."""
        shape = (batch, self.options["length"])
        uniform = tf.random.stateless_uniform(shape, self.draw_seed("policy"))
        tokens = self.policy.sample(uniform)
        rewards = self.rewards(tokens, self.draw_seed("rollouts"))
        self.track(reward=tf.reduce_mean(rewards))
        # The loss is a sum over the global batch; the base takes means of the replicas' losses.
        replicas = tf.distribute.get_strategy().num_replicas_in_sync

        def loss():
            return -replicas * tf.reduce_sum(self(tokens) * rewards), None

        self.update("generator", loss, clip_norm=5.0)
        self._follow(self.options["rollout_rate"])

    def rewards(self, tokens, seed):
        """Returns what each token is worth: the mean verdict on sequences that go on from it.

        Args:
            tokens: int32 (batch, length), drawn from the generator.
            seed: int (2,), of the continuations.

        Returns:
            float32 (batch, length) in (0, 1): the discriminator's probability that the sequence is
            real, mean over `rollouts` continuations; of the last token, that of the sequence.
        """
        batch, length = tf.shape(tokens)[0], self.options["length"]
        copies = self.options["rollouts"]
        uniform = tf.random.stateless_uniform((length - 1, copies * batch, length), seed)
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
        if self.rollout is None:
            return
        for old, new in zip(self.rollout.weights, self.generator.weights, strict=True):
            kept = 0.0 if "embedding" in new.path else rate
            old.assign(kept * old.value + (1.0 - kept) * new.value)

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
        temperature = self.options["temperature"] if temperature is None else temperature
        top_k = self.options["top_k"] if top_k is None else top_k
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
        length = self.options["length"]

        def sample(seed):
            return self.sample(served_model.uniform(seed, (length,)))

        text = {}
        if self.vocabulary:
            text = {"to_text": self.vocabulary.to_text, "tables": self.vocabulary.tables}
            text["to_tokens"] = lambda strings: self.vocabulary.to_tokens(strings, length)
        return Sequences(sample, self, variables_of(self.generator), length, **text)

    def get_config(self):
        return {
            **super().get_config(),
            **self.options,
            "schedule": dataclasses.asdict(self.schedule),
            "vocabulary": self.vocabulary and self.vocabulary.get_config(),
            "seed": self.seed,
        }


def _check(options):
    """Raises `ValueError` for the first option that is out of its range."""
    size = options["vocabulary_size"]
    for name, fits, expected in (
        ("length", options["length"] >= 2, ">= 2"),
        ("start_token", 0 <= options["start_token"] < size, f"in [0, {size})"),
        ("dropout", 0 <= options["dropout"] < 1, "in [0, 1)"),
        ("rollouts", options["rollouts"] >= 1, ">= 1"),
        ("rollout_rate", 0 <= (options["rollout_rate"] or 0) < 1, "in [0, 1), or None"),
        ("negatives", options["negatives"] >= 1, ">= 1"),
        ("temperature", options["temperature"] > 0, "> 0"),
        ("top_k", 0 <= options["top_k"] <= size, f"in [0, {size}]"),
    ):
        if not fits:
            raise ValueError(f"{name} must be {expected}. Received: {name}={options[name]}")
