"""Questions with right and wrong answers, as tokens."""

import hashlib

import numpy as np
import tensorflow as tf

from tfgan_apps.arguments import check_fraction, check_integers
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.indexed_data import IndexedData
from tfgan_apps.input_pipelines.ratings import split_files
from tfgan_apps.input_pipelines.sources.lines import utf8_lines
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.vocabulary import END, Vocabulary

PADDING = "<a>"
"""The word that fills texts in the authors' files."""


class QuestionAnswers(IndexedData):
    """Batches of questions, each with its right answer among a pool of others.

    A training example is one question and one of its answers: a dict of `question` int32 (length,),
    `answers` int32 (pool, length) with the right one first and the others drawn anew from all
    training answers, `valid`, `relevant` (pool,) and `positives` (1,), as in `Rankings`. A held-out
    example has the answers that the file lists for the question. `vocabulary`, a `Vocabulary`, is
    of the training texts.

    Args:
        train: list of (question, answer), strings of words.
        test: list of (question, list of (answer, whether it is right)).
        length: int >= 1, tokens of a question and of an answer; longer ones are cut. Defaults to
            200.
        pool: int >= 2, answers of a training example. Defaults to 100.
        batch_size: int >= 1, questions of all replicas. Defaults to 1.
        seed: int >= 0. Defaults to 0.
        validation_fraction: float in [0, 1), share of the training questions that are held out for
            choosing a model; pairs with one text of the question stay together. Defaults to 0.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        ValueError: a number is out of its range.
        DataError: the pool is larger than the number of training answers, a test question has no
            right answer, or `validation_fraction` holds no question out.
    """

    most_relevant = 1

    def __init__(
        self,
        train,
        test,
        length=200,
        pool=100,
        batch_size=1,
        seed=0,
        validation_fraction=0.0,
        name="memory",
    ):
        check_integers(1, length=length, batch_size=batch_size)
        check_integers(2, pool=pool)
        check_integers(0, seed=seed)
        check_fraction(validation_fraction=validation_fraction)
        self.name, self.length, self.pool = name, length, pool
        self.vocabulary = Vocabulary.from_texts([text for pair in train for text in pair])
        questions = sorted({question for question, _ in train})
        rng = np.random.default_rng(seed)
        chosen = set(rng.permutation(questions)[: int(validation_fraction * len(questions))])
        if validation_fraction and not chosen:
            share = f"validation_fraction={validation_fraction}"
            raise DataError(name, [f"{share} holds none of {len(questions)} questions out."])
        kept = [pair for pair in train if pair[0] not in chosen]
        self._check(kept, test)
        super().__init__(len(kept), batch_size, seed)
        self._questions = self._tokens([question for question, _ in kept])
        self._answers = self._tokens([answer for _, answer in kept])
        drawn = [
            (question, self._pool_of(question, train, kept, rng)) for question in sorted(chosen)
        ]
        self._held_out = {"validation": self._arrays(drawn), "test": self._arrays(test)}

    def _check(self, kept, test):
        problems = []
        if len(kept) < self.pool:
            problems.append(
                f"pool must be at most {len(kept)}, the number of training pairs. "
                f"Received: pool={self.pool}"
            )
        for question, answers in test:
            if not any(right for _, right in answers):
                problems.append(f"the test question {question[:60]!r} has no right answer.")
        if problems or not test:
            raise DataError(self.name, problems[:20] or ["there are no test questions."])

    def _pool_of(self, question, train, kept, rng):
        right = [(answer, True) for asked, answer in train if asked == question]
        others = rng.choice(len(kept), self.pool - 1, replace=False)
        return [*right, *((kept[i][1], False) for i in others)]

    def _tokens(self, texts):
        return self.vocabulary.to_tokens(tf.constant(texts, tf.string), self.length).numpy()

    def _arrays(self, held_out):
        """Returns the questions, their answers, which exist, and which are right."""
        most = max((len(given) for _, given in held_out), default=1)
        answers = np.full((len(held_out), most, self.length), END, np.int32)
        valid, right = (np.zeros((len(held_out), most), bool) for _ in range(2))
        for row, (_, given) in enumerate(held_out):
            answers[row, : len(given)] = self._tokens([answer for answer, _ in given])
            valid[row, : len(given)] = True
            right[row, : len(given)] = [is_right for _, is_right in given]
        return self._tokens([question for question, _ in held_out]), answers, valid, right

    @property
    def parts(self):
        """list of str, what is held out: `"validation"` where there is one, and `"test"`."""
        return [split for split, arrays in self._held_out.items() if len(arrays[0])]

    @property
    def meaning(self):
        return {"vocabulary": self.vocabulary.fingerprint}

    @property
    def candidates(self):
        """int, the number of candidates of a training example."""
        return self.pool

    def train_example(self, position):
        pairs = len(self._questions)
        index = self.shuffled_index(position) % pairs
        seed = tf.stack([self._key("answers"), position])
        others = tf.range(self.pool - 1, dtype=tf.int64)
        others = tf.random.experimental.index_shuffle(others, seed, pairs - 2)
        others += tf.cast(others >= index, tf.int64)
        right = np.arange(self.pool) == 0
        return {
            "question": tf.gather(self._questions, index),
            "answers": tf.gather(self._answers, tf.concat([index[None], others], 0)),
            "valid": tf.fill([self.pool], True),
            "relevant": tf.constant(right),
            "positives": tf.zeros([1], tf.int32),
        }

    def test_example(self, index):
        return self._held_out_example("test", index)

    def _held_out_example(self, split, index):
        arrays = [tf.gather(array, index) for array in self._held_out[split]]
        return dict(zip(("question", "answers", "valid", "relevant"), arrays, strict=True))

    @property
    def test_length(self):
        return len(self._held_out["test"][0])

    def held_out(self, split, batch_size=1):
        """Returns the finite stream of a held-out part in fixed order; see `Rankings`."""
        indices = tf.data.Dataset.range(len(self._held_out[split][0]))
        examples = indices.map(lambda index: self._held_out_example(split, index))
        return examples.batch(batch_size).prefetch(2)

    @property
    def fingerprint(self):
        """str that changes when anything in the data does."""
        digest = hashlib.sha256("\n".join(self.vocabulary.words).encode())
        parts = [a for arrays in self._held_out.values() for a in arrays]
        for array in (self._questions, self._answers, *parts):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def check(self):
        """Does nothing: files were read, and their problems found, when they were opened."""

    def describe(self):
        """Returns lines that say what was found."""
        counts = {split: len(arrays[0]) for split, arrays in self._held_out.items()}
        return [
            f"data: {self.name}",
            f"  train: {len(self._questions)} pairs; validation: {counts['validation']} and test: "
            f"{counts['test']} questions; {len(self.vocabulary)} words",
            f"  training: pools of {self.pool} answers, {self._batches}",
        ]


def question_answers(
    dataset: str,
    length: int = 200,
    pool: int = 100,
    validation_fraction: float = 0.0,
    batch_size: int = 1,
    seed: int = 0,
):
    """Opens questions and answers.

    Args:
        dataset: a folder with one file named with train and one with test, of lines
            `label qid:number question answer`, label 1 for a right answer, the words of question
            and answer joined by _; or "echo", a procedural set that needs no download. Lines of one
            qid and question are the candidates of one ranking.
        length: tokens of a question and of an answer, at least 1; longer ones are cut.
        pool: answers among which a right one stands in training, at least 2.
        validation_fraction: share of the training questions that are held out for choosing a
            model, in [0, 1); pairs with one text of the question stay together.
        batch_size: questions of a step over all replicas.
        seed: of weights, data order and draws.

    Returns:
        `QuestionAnswers`.

    Raises:
        DataError: a file is missing, or has lines that are no such pairs.
        ValueError: a number is out of its range.
    """
    numbers = {"length": length, "pool": pool, "validation_fraction": validation_fraction}
    numbers |= {"batch_size": batch_size, "seed": seed}
    train, test = opened(dataset, {"echo": echoes}, folder=_open_folder)
    return QuestionAnswers(train, test, name=dataset, **numbers)


def _open_folder(folder):
    """Returns `train` and `test` of `QuestionAnswers`."""
    rows = {split: _read(path) for split, path in split_files(folder).items()}
    train = [(question, answer) for _, right, question, answer in rows["train"] if right]
    test = {}
    for number, right, question, answer in rows["test"]:
        test.setdefault((number, question), []).append((answer, right))
    return train, [(question, answers) for (_, question), answers in test.items()]


def _read(path):
    rows, problems = [], []
    for number, line in enumerate(utf8_lines(path), 1):
        words = line.split()
        if len(words) != 4 or words[0] not in ("0", "1"):
            problems.append(f"line {number} is not `label qid:number question answer`.")
            continue
        question, answer = (
            " ".join(w for w in text.split("_") if w not in ("", PADDING)) for text in words[2:]
        )
        rows.append((words[1], words[0] == "1", question, answer))
    if problems:
        raise DataError(path, problems[:20])
    return rows


def echoes(pairs=200, tests=40, subjects=30, seed=0):
    """Makes questions about a subject, which the right answer is about too.

    Args:
        pairs, tests, subjects, seed: int. Default to 200 and 40 questions about 30 subjects.

    Returns:
        `train` and `test` of `QuestionAnswers`.
    """
    rng = np.random.default_rng(seed)

    def words(subject, kind):
        noise = [f"{kind}{number}" for number in rng.integers(0, 20, 4)]
        return " ".join(rng.permutation([f"{kind}about{subject}", *noise]))

    train = [(words(s, "q"), words(s, "a")) for s in rng.integers(0, subjects, pairs)]
    test = []
    for subject in rng.integers(0, subjects, tests):
        others = rng.choice(np.delete(np.arange(subjects), subject), 9, replace=False)
        wrong = [(words(other, "a"), False) for other in others]
        answers = [(words(subject, "a"), True), *wrong]
        test.append((words(subject, "q"), answers))
    return train, test
