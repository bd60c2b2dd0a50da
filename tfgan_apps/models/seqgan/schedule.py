"""Schedule: which training step is of which phase."""

from tfgan_apps.arguments import check_integers
from tfgan_apps.settings import settings


@settings
class Schedule:
    """Pre-training of both players, then rounds in which they take turns; all in updates.

    The defaults are the authors': 120 epochs of 156 batches; 50 times fresh negatives and 3 epochs
    of 312 batches; then rounds of 1 and of 5 times as much.

    Args:
        likelihood_steps: of the generator, by likelihood, before all others.
        pretraining_steps: of the discriminator, before the first round.
        generator_steps: of the generator in a round.
        discriminator_steps: of the discriminator in a round.
        fresh_steps: of the discriminator, after which negatives are drawn anew, at least 1.

    Raises:
        ValueError: a number is out of its range, or a round has no step.
    """

    likelihood_steps: int = 120 * 156
    pretraining_steps: int = 50 * 3 * 312
    generator_steps: int = 1
    discriminator_steps: int = 5 * 3 * 312
    fresh_steps: int = 3 * 312

    def __post_init__(self):
        before = {n: getattr(self, n) for n in ("likelihood_steps", "pretraining_steps")}
        turns = {n: getattr(self, n) for n in ("generator_steps", "discriminator_steps")}
        check_integers(0, **before, **turns)
        if self.fresh_steps < 1 or not sum(turns.values()):
            raise ValueError(f"a round and fresh_steps must have a step. Received: {self}")

    def steps(self, rounds):
        """Returns the number of steps that pre-training and rounds have."""
        each = self.generator_steps + self.discriminator_steps
        return self.likelihood_steps + self.pretraining_steps + rounds * each

    def phase_at(self, step):
        """Returns `likelihood`, `negatives` (a discriminator's step that draws them first),

        `discriminator` or `generator`.
        """
        step -= self.likelihood_steps
        if step < 0:
            return "likelihood"
        if step >= self.pretraining_steps:
            step -= self.pretraining_steps
            step %= self.generator_steps + self.discriminator_steps
            step -= self.generator_steps
            if step < 0:
                return "generator"
        return "discriminator" if step % self.fresh_steps else "negatives"
