"""Oracle: the fixed language model that synthetic sequences come from, and that judges others.

Reference: Yu, Zhang, Wang, Yu, "SeqGAN", AAAI 2017, https://arxiv.org/abs/1609.05473, section 4;
https://github.com/LantaoYu/SeqGAN, target_lstm.py.
"""

import keras
import numpy as np
import tensorflow as tf

from tfgan_apps.configs import Configured
from tfgan_apps.metrics.negative_log_likelihood import nll_oracle
from tfgan_apps.models.seqgan.networks import build_generator
from tfgan_apps.models.seqgan.policy import Policy

# The file's order is input, forget, output, candidate, three arrays each after the embedding.
_KERAS_GATES = (0, 1, 3, 2)


@keras.saving.register_keras_serializable(package="tfgan_apps")
class Oracle(Configured, keras.Model):
    """A language model whose weights are drawn once, from N(0, 1), and never trained.

    Args:
        vocabulary_size: int. Defaults to 5000.
        embedding, hidden: int. Default to 32.
        start_token: int, what comes before the first token. Defaults to 0.

    Call: `tokens` int32 (batch, length) -> log-probabilities float32 (batch, length), nats.
    """

    def __init__(self, vocabulary_size=5000, embedding=32, hidden=32, start_token=0, **kwargs):
        super().__init__(**{**kwargs, "trainable": False})
        self.vocabulary_size = vocabulary_size
        self.network = build_generator(vocabulary_size, embedding, hidden, 1.0, name="oracle")
        self.policy = Policy(self.network, start_token)
        self.built = True

    @classmethod
    def from_file(cls, path):
        """Returns the oracle of an npz file of the authors' 15 arrays, in their order.

        Args:
            path: str, a file with arrays `order` (their names) and those that it names: embedding;
                kernel, recurrent kernel and bias of the input, forget and output gates and of the
                candidate; kernel and bias of the logits.

        Raises:
            ValueError: other arrays than these.
        """
        with np.load(path) as file:
            names = [str(name) for name in file["order"]] if "order" in file else list(file)
            arrays = [file[name] for name in names]
        if len(arrays) != 15:
            raise ValueError(f"path must hold 15 arrays. Received: {path} with {len(arrays)}")
        gates = [arrays[1 + 3 * gate : 4 + 3 * gate] for gate in _KERAS_GATES]
        lstm = [np.concatenate(parts, axis=-1) for parts in zip(*gates, strict=True)]
        size, embedding = arrays[0].shape
        oracle = cls(size, embedding, lstm[1].shape[0])
        oracle.network.set_weights([arrays[0], *lstm, *arrays[13:]])
        return oracle

    def call(self, tokens):
        return self.policy.log_likelihood(tokens)

    @tf.function
    def sample(self, uniform):
        """Draws sequences.

        Args:
            uniform: float32 (batch, length) in [0, 1), what chance decides.

        Returns:
            int32 (batch, length).
        """
        return self.policy.sample(uniform)

    def nll(self, tokens):
        """Returns NLL-oracle, nats per token.

        Args:
            tokens: int32 (count, length).
        """
        return nll_oracle(self.predict_on_batch, tokens)
