"""Games: what the players of IRGAN draw, earn and pay, for each of the authors' tasks."""

from typing import Literal

import tensorflow as tf

from tfgan_apps.arguments import check_choice
from tfgan_apps.settings import settings

_MORE_THAN_0 = (
    *("temperature", "proposal_temperature", "negatives_temperature", "discriminator_clip"),
    *("samples_per_relevant", "negatives", "dynamic_negatives"),
)
_AT_LEAST_0 = ("generator_penalty", "discriminator_penalty", "pretraining_penalty")
LOSSES = ("cross_entropy", "log_sigmoid", "hinge")
REWARDS = ("sigmoid", "softplus", "log_sigmoid", "margin_sigmoid")


@settings
class Game:
    """The rules of a game; the defaults are the authors' for item recommendation.

    With s the discriminator's score of a candidate, s+ of a relevant and s- of a drawn one:

    | `loss` | the discriminator minimizes the sum of |
    |---|---|
    | `"cross_entropy"` | the sigmoid's cross-entropy: s+ are true, s- are false (pointwise) |
    | `"log_sigmoid"` | -log sigmoid(s+ - s-) over pairs |
    | `"hinge"` | max(0, margin - (s+ - s-)) over pairs |

    | `reward` | the generator earns |
    |---|---|
    | `"sigmoid"` | 2 sigmoid(s) - 1 |
    | `"softplus"` | log(1 + exp s), the paper's |
    | `"log_sigmoid"` | log sigmoid(s- - s+) |
    | `"margin_sigmoid"` | 2 sigmoid(margin - (s+ - s-)) - 1 |

    Args:
        loss: of the discriminator; the last two make the game pairwise. Pre-training is pairwise in
            any case: it minimizes the hinge where this is the hinge, else log_sigmoid.
        reward: of the generator, of the same kind as the loss.
        margin: of the hinge and its reward.
        temperature: the generator's scores are divided by it in its likelihood, > 0.
        proposal_temperature: the same where the generator's samples are drawn; None: temperature.
        negatives_temperature: the same where the discriminator's negatives are drawn, > 0.
        samples_per_relevant: the generator's samples for a relevant candidate, at least 1.
        negatives: the discriminator's negatives for a relevant candidate, at least 1.
        replacement: whether a candidate can be drawn twice for a query.
        proposal_relevant: share of the generator's samples drawn from the relevant candidates
            instead, in [0, 1); pointwise games only.
        importance_weights: whether a sample counts p / p_n, its likelihood over the probability
            that it is drawn with; pointwise games only.
        negatives_may_be_relevant: whether relevant candidates may be drawn as negatives.
        expected: whether nothing is drawn, in a pointwise game: every candidate counts as often as
            it is drawn on average, which has the same mean gradient and no variance.
        generator_penalty: weight of the scorer's penalties in each query's loss, >= 0.
        discriminator_penalty: the same in each example's, or pair's, loss.
        pretraining_penalty: the same in each pair's loss.
        discriminator_clip: largest size of an element of the discriminator's gradient, and of that
            of pre-training, > 0; None: not clipped.
        dynamic_negatives: in pre-training each relevant candidate is paired with the best scored of
            so many others that are not, drawn at random; None: of all that are not.
        common_start: whether both players begin with the same weights, and are pre-trained alike;
            otherwise only the generator is pre-trained.
        generator_first: whether the first round has no turn of the discriminator.
        reported: whose ranking is evaluated and served.

    Raises:
        ValueError: an unknown loss or reward, a number out of its range, or options that contradict
            each other.
    """

    loss: Literal[LOSSES] = "cross_entropy"
    reward: Literal[REWARDS] = "sigmoid"
    margin: float = 0.05
    temperature: float = 1.0
    proposal_temperature: float | None = None
    negatives_temperature: float = 0.2
    samples_per_relevant: int = 2
    negatives: int = 1
    replacement: bool = True
    proposal_relevant: float = 0.2
    importance_weights: bool = True
    negatives_may_be_relevant: bool = True
    expected: bool = False
    generator_penalty: float = 0.0
    # 0.1 / 16 times 32: the authors add the whole batch's penalty to each of its 32 losses.
    discriminator_penalty: float = 0.2
    pretraining_penalty: float = 0.1
    discriminator_clip: float | None = None
    dynamic_negatives: int | None = 5
    common_start: bool = False
    generator_first: bool = False
    reported: Literal["generator", "discriminator"] = "generator"

    def __post_init__(self):
        self._check_numbers()
        check_choice(LOSSES, loss=self.loss)
        rewards = REWARDS[2:] if self.pairwise else REWARDS[:2]
        if self.reward not in rewards:
            raise ValueError(
                f"reward must be one of {rewards} with loss={self.loss!r}. "
                f"Received: reward={self.reward!r}"
            )
        unfit = self.expected or self.importance_weights or self.proposal_relevant
        if self.pairwise and unfit:
            raise ValueError(
                "expected, importance_weights and proposal_relevant must be off in a pairwise "
                f"game. Received: {self.expected}, {self.importance_weights} and "
                f"{self.proposal_relevant}"
            )
        if not self.pairwise and not self.replacement:
            raise ValueError(
                "replacement must be True in a pointwise game. Received: replacement=False"
            )
        check_choice(("generator", "discriminator"), reported=self.reported)

    def _check_numbers(self):
        right = {
            **{name: ("more than 0", lambda value: value > 0) for name in _MORE_THAN_0},
            **{name: ("at least 0", lambda value: value >= 0) for name in _AT_LEAST_0},
            "proposal_relevant": ("in [0, 1)", lambda value: 0 <= value < 1),
        }
        for name, (expected, fits) in right.items():
            value = getattr(self, name)
            if value is not None and not fits(value):
                raise ValueError(f"{name} must be {expected}. Received: {name}={value}")

    @property
    def pairwise(self):
        """bool, whether relevant candidates and drawn ones are compared in pairs."""
        return self.loss != "cross_entropy"


GAMES = {
    "item_recommendation": Game(),
    "web_search_pointwise": Game(
        temperature=0.2,
        samples_per_relevant=5,
        proposal_relevant=0.5,
        generator_penalty=0.01,
        discriminator_penalty=0.01,
        pretraining_penalty=0.01,
        dynamic_negatives=15,
    ),
    "web_search_pairwise": Game(
        loss="log_sigmoid",
        reward="log_sigmoid",
        negatives_temperature=1.0,
        samples_per_relevant=1,
        proposal_relevant=0.0,
        importance_weights=False,
        negatives_may_be_relevant=False,
        generator_penalty=0.01,
        discriminator_penalty=0.01,
        pretraining_penalty=0.01,
        dynamic_negatives=15,
        common_start=True,
        generator_first=True,
        reported="discriminator",
    ),
    "question_answering": Game(
        loss="hinge",
        reward="margin_sigmoid",
        proposal_temperature=1 / 20,
        negatives_temperature=1 / 30,
        samples_per_relevant=5,
        negatives=3,
        replacement=False,
        proposal_relevant=0.0,
        importance_weights=False,
        negatives_may_be_relevant=False,
        discriminator_penalty=0.0,
        pretraining_penalty=1e-7,
        discriminator_clip=1.0,
        dynamic_negatives=None,
        common_start=True,
        generator_first=True,
        reported="generator",
    ),
}
"""The authors' game of each task."""


def game_of(game):
    """Returns the `Game` of a name, or itself.

    Args:
        game: as IRGAN takes it.

    Raises:
        ValueError: an unknown name.
    """
    if isinstance(game, Game):
        return game
    check_choice(sorted(GAMES), game=game)
    return GAMES[game]


def earned(game, score, positive=None):
    """Returns the reward of candidates by the discriminator's scores; see `Game`."""
    if game.reward == "sigmoid":
        reward = 2 * tf.sigmoid(score) - 1
    elif game.reward == "softplus":
        reward = tf.nn.softplus(score)
    elif game.reward == "log_sigmoid":
        reward = tf.math.log_sigmoid(score - positive)
    else:
        reward = 2 * tf.sigmoid(game.margin - (positive - score)) - 1
    return tf.stop_gradient(reward)
