"""What IRGAN ranks: one opener for the three kinds of data that the authors have."""

from typing import Literal

from tfgan_apps.arguments import check, check_choice, check_fraction, check_integers
from tfgan_apps.input_pipelines.documents import graded_documents
from tfgan_apps.input_pipelines.question_answers import question_answers
from tfgan_apps.input_pipelines.ratings import rated_items

TASKS = (
    "item_recommendation",
    "question_answering",
    "web_search_pairwise",
    "web_search_pointwise",
)


def rankings_of(
    dataset: str,
    task: Literal[TASKS] = "item_recommendation",
    relevant_from: float | None = None,
    items: int | None = None,
    features: int | None = None,
    length: int = 200,
    pool: int = 100,
    test_fraction: float = 0.0,
    validation_fraction: float = 0.1,
    batch_size: int = 1,
    seed: int = 0,
):
    """Opens what is ranked: ratings, graded documents, or questions with answers.

    Args:
        dataset: a folder with a file for training and one for test, ratings as MovieLens ships
            them, or the task's procedural set: latent_factors, hidden_relevance or echo.
        task: the authors' game; it says what the data are.
        relevant_from: smallest rating, or grade, of what is relevant; 4, or 1, if not given.
        items: number of items, at least 1, where it is more than the ratings name.
        features: number of features, at least 1, where it is more than the documents have.
        length: tokens of a question and of an answer, at least 5.
        pool: answers among which a right one stands in training, at least 2.
        test_fraction: share of the ratings of a file without a test that is held out, in [0, 1).
        validation_fraction: share of what is relevant in training that is held out for choosing
            the best epoch, in [0, 1).
        batch_size: queries of a step over all replicas.
        seed: of weights, data order and draws.

    Returns:
        `Rankings` or `QuestionAnswers`.

    Raises:
        DataError: a file is missing, or has lines that cannot be used.
        ValueError: an argument is out of its range.
    """
    check_choice(TASKS, task=task)
    check_integers(5, length=length)
    check_integers(2, pool=pool)
    check_fraction(test_fraction=test_fraction)
    if task != "item_recommendation":
        check(
            not test_fraction, f"0 for {task}, whose data have a test", test_fraction=test_fraction
        )
    shared = {"batch_size": batch_size, "seed": seed, "validation_fraction": validation_fraction}
    if task == "question_answering":
        return question_answers(dataset, length=length, pool=pool, **shared)
    relevant = {} if relevant_from is None else {"relevant_from": relevant_from}
    if task == "item_recommendation":
        more = {"items": items, "test_fraction": test_fraction}
        return rated_items(dataset, **more, **relevant, **shared)
    return graded_documents(dataset, features=features, **relevant, **shared)
