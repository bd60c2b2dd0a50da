"""IRGAN where the truth is known: a bandit of fixed rewards, and documents of hidden relevance.

Bandit: 30 documents of 10 features, the reward 2 sigmoid(3 w x) - 1, 10 samples an update. After
300 updates the generator's expected reward must be at least 0.95 of the largest reward.

Games: 40 queries of 40 documents; of 10 relevant ones 5 are labelled. 12 rounds of 10 passes of the
discriminator and 5 of the generator, 25 samples a query. After every round: P@5 of the relevant
documents that are not labelled (by chance 0.143). The best must be at least 0.55 for 3 of 4 seeds.
The same pairwise, after 40 passes of dynamic negative sampling, with 5 passes of each player in a
round: the best round must be better than the pre-trained ranking for 3 of 4 seeds.

    python -m tests.experiments.irgan_toy
"""

import dataclasses
import sys

import keras
import numpy as np

from tests.experiments import results
from tfgan_apps.input_pipelines.documents import hidden_relevance
from tfgan_apps.input_pipelines.rankings import Rankings
from tfgan_apps.metrics.ranking import RankingMetrics
from tfgan_apps.models import IRGAN
from tfgan_apps.models.irgan.games import GAMES

COST = "minutes"
DATA = None
SEEDS, ROUNDS = range(4), 12
FREE = {f"{player}_penalty": 0.0 for player in ("generator", "discriminator", "pretraining")}
POINTWISE = dataclasses.replace(GAMES["web_search_pointwise"], **FREE)
PAIRWISE = dataclasses.replace(GAMES["web_search_pairwise"], **FREE)


def bandit(seed):
    """Returns the expected reward before and after 300 updates, over the largest reward."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(1, 30, 10)).astype("float32")
    weights = rng.normal(size=(10, 1)).astype("float32")
    one = np.arange(30)[None] == 0
    data = Rankings({"features": features}, one | True, one, one)
    keras.utils.set_random_seed(seed)
    game = dataclasses.replace(POINTWISE, samples=10, proposal_relevant=0.0)
    scorer = {"kind": "features", "features": 10, "hidden": 16}
    model = IRGAN(scorer, game, discriminator_steps=0, seed=seed)
    model.discriminator = judge(3 * weights)
    sgd = keras.optimizers.SGD
    model.compile(generator_optimizer=sgd(0.02), discriminator_optimizer=sgd(0.0))
    reward = np.tanh(3 * features[0] @ weights / 2)[:, 0]  # 2 sigmoid(x) - 1 = tanh(x / 2)
    before = expected_reward(model, features, reward)
    model.fit(data.train(), steps_per_epoch=300, verbose=0, shuffle=False)
    after = expected_reward(model, features, reward)
    return {"before": before / reward.max(), "after": after / reward.max()}


def judge(weights):
    """Returns a discriminator whose scores are linear in the features."""
    features = keras.Input((None, 10), name="features")
    scores = keras.layers.Dense(1, use_bias=False)(features)[..., 0]
    outputs = {"scores": scores, "query_penalty": scores[:, 0], "candidate_penalty": scores}
    network = keras.Model({"features": features}, outputs, name="discriminator")
    network.set_weights([weights])
    return network


def expected_reward(model, features, reward):
    """Returns the mean reward of what the generator draws."""
    scores = model.generator({"features": features})["scores"].numpy()[0] / 0.2
    likelihood = np.exp(scores - scores.max())
    return float(reward @ likelihood / likelihood.sum())


def pointwise(seed):
    """Returns P@5 after every round, and the best."""
    # 0.05 for the mean over a query's 5 relevant documents and 5 negatives.
    rates = {"generator": 0.02, "discriminator": 0.05 / 10}
    return play(POINTWISE, (0, 10, 5), rates, seed)


def pairwise(seed):
    """Returns P@5 after pre-training and every round, and the best."""
    rates = {"generator": 0.02, "discriminator": 0.005, "pretraining": 0.02}
    return play(PAIRWISE, (40, 5, 5), rates, seed)


def play(game, passes, rates, seed):
    """Returns P@5 before the game and after every round, and the best of the rounds.

    Args:
        game: `Game`.
        passes: of pre-training, and of each player in a round.
        rates: dict, player -> learning rate.
        seed: int.
    """
    data = hidden_relevance(seed=seed, batch_size=4)
    first, *turns = (number * data.steps_per_epoch for number in passes)
    keras.utils.set_random_seed(seed)
    scorer = {"kind": "features", "features": 10, "hidden": 10, "output_bias": not game.pairwise}
    model = IRGAN(scorer, game, first, *turns, seed=seed)
    sgd = keras.optimizers.SGD
    model.compile(**{f"{player}_optimizer": sgd(rate) for player, rate in rates.items()})
    if first:
        model.fit(data.train(), steps_per_epoch=first, verbose=0, shuffle=False)
    before, rounds = precision(model, data), {}
    for done in range(ROUNDS):
        start = first + sum(turns) * done
        model.fit(data.train(start), steps_per_epoch=sum(turns), verbose=0, shuffle=False)
        rounds[f"round {done + 1}"] = precision(model, data)
    return {"before": before, **rounds, "best": max(rounds.values())}


def precision(model, data):
    """Returns P@5 of the relevant documents that are not labelled."""
    metrics = RankingMetrics((5,))
    for batch in data.test(40):
        metrics.add(model(batch), batch["relevant"], batch["valid"])
    return metrics.result()["p@5"]


def main():
    """Plays all with 4 seeds, writes the tables, and tells whether a threshold is missed."""
    bandits, games, pairs = (
        {f"seed {seed}": play_one(seed) for seed in SEEDS}
        for play_one in (bandit, pointwise, pairwise)
    )
    reward = min(row["after"] for row in bandits.values())
    pointwise_won = sum(row["best"] >= 0.55 for row in games.values())
    pairwise_won = sum(row["best"] > row["before"] for row in pairs.values())
    passed = reward >= 0.95 and pointwise_won >= 3 and pairwise_won >= 3
    body = f"""
Bandit: the expected reward, over the largest one.

{results.table(bandits)}

Pointwise game: P@5 of the relevant documents that are not labelled.

{results.table(games)}

Pairwise game: the same; before it, pre-trained.

{results.table(pairs)}

{"Passed" if passed else "FAILED"}: thresholds as in the module's docstring.
"""
    title = "IRGAN: a bandit of fixed rewards, and documents of hidden relevance"
    results.write_section(
        title,
        "python -m tests.experiments.irgan_toy",
        body,
        threshold="bandit: every seed at least 0.95 of the largest reward; best P@5, pointwise at "
        "least 0.55, pairwise above the pre-trained one, for 3 of 4 seeds",
        measured=f"{reward:.4g}; {pointwise_won} of 4, {pairwise_won} of 4",
    )
    return not passed


if __name__ == "__main__":
    sys.exit(main())
