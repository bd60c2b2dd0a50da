"""Games: what the players of IRGAN draw, earn and pay, for each of the authors' tasks."""

import dataclasses

_MORE_THAN_0 = (
    *("temperature", "proposal_temperature", "negatives_temperature", "discriminator_clip"),
    *("samples", "negatives", "dynamic_negatives"),
)
_AT_LEAST_0 = ("generator_penalty", "discriminator_penalty", "pretraining_penalty")
LOSSES = ("cross_entropy", "log_sigmoid", "hinge")
REWARDS = ("sigmoid", "softplus", "log_sigmoid", "margin_sigmoid")


@dataclasses.dataclass(frozen=True)
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
        loss: one of `LOSSES`; the last two make the game pairwise. Pre-training is pairwise in any
            case: it minimizes `"hinge"` where this is the hinge, else `"log_sigmoid"`.
        reward: one of `REWARDS`, of the same kind as the loss.
        margin: float, of the hinge and its reward.
        temperature: float > 0, the generator's scores are divided by it in its likelihood.
        proposal_temperature: float > 0, the same where the generator's samples are drawn. None:
            `temperature`.
        negatives_temperature: float > 0, the same where the discriminator's negatives are drawn.
        samples: int >= 1, the generator's samples per relevant candidate.
        negatives: int >= 1, the discriminator's negatives per relevant candidate.
        replacement: bool, whether a candidate can be drawn twice for a query.
        proposal_relevant: float in [0, 1), share of the generator's samples drawn from the relevant
            candidates instead. Pointwise games only.
        importance_weights: bool, whether a sample counts p / p_n: its likelihood over the
            probability that it is drawn with. Pointwise games only.
        negatives_may_be_relevant: bool, whether relevant candidates may be drawn as negatives.
        expected: bool. True draws nothing in a pointwise game: every candidate counts as often as
            it is drawn on average, which has the same mean gradient and no variance.
        generator_penalty, discriminator_penalty, pretraining_penalty: float >= 0, weight of the
            scorer's penalties in each query's, example's (pair's) and pair's loss.
        discriminator_clip: float > 0, largest size of an element of the discriminator's gradient.
            None: not clipped.
        dynamic_negatives: int >= 1, in pre-training each relevant candidate is paired with the best
            scored of so many others that are not, drawn at random. None: of all that are not.
        common_start: bool, whether both players begin with the same weights, and are pre-trained
            alike; otherwise only the generator is pre-trained.
        generator_first: bool, whether the first round has no turn of the discriminator.
        reported: `"generator"` or `"discriminator"`, whose ranking is evaluated and served.

    Raises:
        ValueError: an unknown loss or reward, a number out of its range, or options that contradict
            each other.
    """

    loss: str = "cross_entropy"
    reward: str = "sigmoid"
    margin: float = 0.05
    temperature: float = 1.0
    proposal_temperature: float | None = None
    negatives_temperature: float = 0.2
    samples: int = 2
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
    reported: str = "generator"

    def __post_init__(self):
        self._check_numbers()
        if self.loss not in LOSSES:
            raise ValueError(f"loss must be one of {LOSSES}. Received: loss={self.loss!r}")
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
        if self.reported not in ("generator", "discriminator"):
            raise ValueError(
                "reported must be 'generator' or 'discriminator'. "
                f"Received: reported={self.reported!r}"
            )

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
        samples=5,
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
        samples=1,
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
        samples=5,
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
    """Returns the `Game` of a name, of a dict of options, or itself.

    Args:
        game: as IRGAN takes it.

    Raises:
        ValueError: an unknown name.
    """
    if isinstance(game, Game):
        return game
    if isinstance(game, str):
        if game not in GAMES:
            raise ValueError(f"game must be one of {sorted(GAMES)}. Received: game={game!r}")
        return GAMES[game]
    return Game(**game)
