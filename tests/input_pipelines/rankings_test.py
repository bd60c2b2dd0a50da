"""Data of rankings: what a batch holds, what is held out, what files may look like."""

import numpy as np
import pytest

from tfgan_apps.input_pipelines import rankings_of
from tfgan_apps.input_pipelines.documents import graded_documents, hidden_relevance
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.question_answers import QuestionAnswers, question_answers
from tfgan_apps.input_pipelines.ranked import TASKS
from tfgan_apps.input_pipelines.rankings import Rankings
from tfgan_apps.input_pipelines.ratings import latent_factors, rated_items, split_files
from tfgan_apps.models.irgan.games import GAMES


def small(**kwargs):
    train = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 0, 0], [0, 1, 1, 1, 0], [1, 0, 0, 0, 0]], bool)
    test = np.array([[0, 0, 1, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 1, 1]], bool)
    valid = np.ones((4, 5), bool)
    valid[0, 4] = False
    return Rankings({"query": np.arange(4, dtype=np.int32)}, valid, train, test, **kwargs)


def test_a_training_batch():
    data = small(batch_size=3)
    (batch,) = data.train().take(1).as_numpy_iterator()
    assert sorted(batch["query"]) == [0, 2, 3]
    expected = {0: [0, 1, -1], 2: [1, 2, 3], 3: [0, -1, -1]}
    for query, positives, relevant, valid in zip(*(batch[k] for k in batch_keys()), strict=True):
        assert positives.tolist() == expected[query]
        assert np.flatnonzero(relevant).tolist() == [i for i in expected[query] if i >= 0]
        assert valid.all() == (query != 0)


def batch_keys():
    return "query", "positives", "relevant", "valid"


def test_the_stream_starts_anywhere_and_visits_all():
    data = small(batch_size=1)
    whole = [batch["query"].item() for batch in data.train().take(9).as_numpy_iterator()]
    rest = [batch["query"].item() for batch in data.train(4).take(5).as_numpy_iterator()]
    assert whole[4:] == rest
    assert [sorted(whole[i : i + 3]) for i in (0, 3, 6)] == [[0, 2, 3]] * 3
    assert len(set(map(tuple, np.reshape(whole, (3, 3))))) > 1


def test_held_out_queries_do_not_rank_what_is_known():
    (batch,) = small().test(5).as_numpy_iterator()
    assert batch["query"].tolist() == [0, 1, 3]
    expected = [[0, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 1, 1, 1, 1]]
    np.testing.assert_array_equal(batch["valid"], np.array(expected, bool))


def test_validation_is_a_part_of_training_that_nothing_learns_from():
    relevant = latent_factors()
    inputs = {"query": np.arange(240, dtype=np.int32)}
    valid = np.ones((240, 300), bool)
    data = Rankings(inputs, valid, **relevant, validation_fraction=0.25)
    parts = data.relevant
    np.testing.assert_array_equal(parts["train"] | parts["validation"], relevant["train"])
    assert not np.any(parts["train"] & parts["validation"])
    assert parts["train"].any(1).all()
    assert parts["validation"].sum() / relevant["train"].sum() == pytest.approx(0.25, abs=0.03)
    for batch in data.held_out("validation", 64).as_numpy_iterator():
        known = parts["train"][batch["query"]]
        np.testing.assert_array_equal(batch["valid"], ~known)
        assert batch["relevant"].any(1).all() and not np.any(batch["relevant"] & known)
    for batch in data.held_out("test", 64).as_numpy_iterator():
        np.testing.assert_array_equal(batch["valid"], ~relevant["train"][batch["query"]])


def test_a_share_that_is_none():
    with pytest.raises(
        ValueError, match="validation_fraction must be in .* Received: validation_fraction=1.0"
    ):
        small(validation_fraction=1.0)
    with pytest.raises(
        ValueError, match="validation_fraction must be in .* Received: validation_fraction=-0.1"
    ):
        question_answers("echo", length=8, pool=10, validation_fraction=-0.1)


def test_a_part_that_holds_nothing_out():
    train = np.eye(4, dtype=bool)
    inputs, valid = {"query": np.arange(4, dtype=np.int32)}, np.ones((4, 4), bool)
    with pytest.raises(DataError, match="no query has a relevant candidate for validation"):
        Rankings(inputs, valid, train, ~train, validation_fraction=0.5)
    assert not Rankings(inputs, valid, train, ~train).relevant["validation"].any()
    with pytest.raises(
        DataError, match="validation_fraction=0.004 holds none of 200 questions out"
    ):
        question_answers("echo", length=8, pool=10, validation_fraction=0.004)


@pytest.mark.parametrize(
    ("opened", "dataset", "name", "value", "expected"),
    [
        (rated_items, "latent_factors", "relevant_from", float("nan"), "a finite number"),
        (rated_items, "latent_factors", "items", 0, "an integer >= 1"),
        (rated_items, "latent_factors", "validation_fraction", 1.0, r"in \[0, 1\)"),
        (rated_items, "latent_factors", "batch_size", 0, "an integer >= 1"),
        (graded_documents, "hidden_relevance", "relevant_from", "2", "a finite number"),
        (graded_documents, "hidden_relevance", "features", 0, "an integer >= 1"),
        (graded_documents, "hidden_relevance", "seed", -1, "an integer >= 0"),
        (question_answers, "echo", "length", 0, "an integer >= 1"),
        (question_answers, "echo", "pool", 1, "an integer >= 2"),
        (question_answers, "echo", "batch_size", 1.5, "an integer >= 1"),
        (question_answers, "echo", "seed", -1, "an integer >= 0"),
        (rankings_of, "latent_factors", "length", 4, "an integer >= 5"),
        (rankings_of, "latent_factors", "pool", 1, "an integer >= 2"),
        (rankings_of, "latent_factors", "task", "ranking", r"one of \('item_recommendation', .*\)"),
    ],
)
def test_arguments_out_of_their_range(opened, dataset, name, value, expected):
    with pytest.raises(ValueError, match=f"^{name} must be {expected}. Received: {name}={value!r}"):
        opened(dataset, **{name: value})


@pytest.mark.parametrize(
    ("task", "dataset", "opened", "same"),
    [
        ("item_recommendation", "latent_factors", rated_items, {}),
        ("question_answering", "echo", question_answers, {"length": 8, "pool": 10}),
        ("web_search_pairwise", "hidden_relevance", graded_documents, {}),
        ("web_search_pointwise", "hidden_relevance", graded_documents, {}),
    ],
)
def test_a_task_says_what_is_opened(task, dataset, opened, same):
    shared = {"batch_size": 3, "seed": 2, "validation_fraction": 0.2, **same}
    data, expected = rankings_of(dataset, task, **shared), opened(dataset, **shared)
    assert type(data) is type(expected) and data.fingerprint == expected.fingerprint
    assert data.describe() == expected.describe()


def test_the_tasks_are_the_games():
    assert sorted(TASKS) == sorted(GAMES)  # data know no game, so it is written there again


def test_a_task_has_its_own_bound_of_what_is_relevant(tmp_path):
    folder = write(tmp_path, train__txt="0 0 4\n0 1 3\n", test__txt="0 2 5\n")
    shared = {"validation_fraction": 0}
    assert rankings_of(folder, **shared).relevant["train"].sum() == 1
    assert rankings_of(folder, relevant_from=3, items=5, **shared).relevant["train"].sum() == 2
    write(tmp_path, train__txt=LETOR, test__txt=LETOR.replace("docid = ", "docid = x"))
    task = {"task": "web_search_pointwise", **shared}
    assert rankings_of(folder, **task).relevant["train"].sum() == 2
    data = rankings_of(folder, relevant_from=2, features=7, **task)
    assert data.relevant["train"].sum() == 1 and data.inputs["features"].shape[-1] == 7


def write(folder, **files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return str(folder)


def test_ratings(tmp_path):
    folder = write(tmp_path, train__txt="0 0 5\n1\t2\t4\n1 1 3.5\n", test__txt="0 1 4\n1 0 1\n")
    data = rated_items(folder, items=7)
    assert data.valid.shape == (2, 7)
    assert np.argwhere(data.relevant["train"]).tolist() == [[0, 0], [1, 2]]
    assert np.argwhere(data.relevant["test"]).tolist() == [[0, 1]]
    assert rated_items(folder, relevant_from=3.5).relevant["train"].sum() == 3
    with pytest.raises(DataError, match="items must be at least 3. Received: items=2"):
        rated_items(folder, items=2)


def test_ratings_that_are_wrong(tmp_path):
    folder = write(tmp_path, train__txt="0 0 5\na b c\n", test__txt="0 1 4\n")
    with pytest.raises(DataError, match="line 2 is not `user item rating`: 'a b c'"):
        rated_items(folder)
    write(tmp_path, train__txt="0 0 5\n1 0 5\n999999999 2 4\n")
    with pytest.raises(DataError, match="line 3: users .* less than 1000. Found: 999999999 2"):
        rated_items(folder)
    with pytest.raises(DataError, match="'test' in its name is expected. Found: none"):
        rated_items(write(tmp_path / "other", train__txt=""))
    with pytest.raises(DataError, match="no folder that can be read"):
        split_files(str(tmp_path / "absent"))
    with pytest.raises(DataError, match="no query has a relevant candidate for test"):
        rated_items(write(tmp_path, train__txt="0 0 5\n", test__txt="0 1 2\n"))


@pytest.mark.parametrize(
    ("opened", "own"),
    [
        (rated_items, "latent_factors"),
        (graded_documents, "hidden_relevance"),
        (question_answers, "echo"),
    ],
)
def test_what_is_no_folder(opened, own, tmp_path):
    with pytest.raises(DataError, match=f"it is neither a folder nor {own}. Check the spelling."):
        opened(str(tmp_path / "absent"))
    write(tmp_path, train__txt="")
    expected = (
        "it is empty" if own == "latent_factors" else "it is a file. Give the folder that holds"
    )
    with pytest.raises(DataError, match=expected):
        opened(str(tmp_path / "train.txt"))


LETOR = """\
2 qid:10 1:0.5 3:0.25 #docid = A inc = 1 prob = 0.1
0 qid:10 2:1 #docid = B inc = 1 prob = 0.2
1 qid:11 1:1 2:1 3:1 #docid = A inc = 1 prob = 0.2
"""


def test_letor_documents(tmp_path):
    """A document of a name is one in all files, but only within its query."""
    test = "1 qid:10 4:0.5 #docid = C\n0 qid:10 1:0.5 3:0.25 #docid = A\n"
    more = "-1 qid:11 1:0.125 #docid = D\n" + LETOR
    folder = write(tmp_path, train__txt=LETOR, test__txt=test, Large_norm__txt=more)
    data = graded_documents(folder)
    features = data.inputs["features"]
    assert features.shape == (2, 3, 4)
    np.testing.assert_array_equal(features[0], [[0.5, 0, 0.25, 0], [0, 1, 0, 0], [0, 0, 0, 0.5]])
    np.testing.assert_array_equal(features[1], [[1, 1, 1, 0], [0.125, 0, 0, 0], [0, 0, 0, 0]])
    assert data.valid.tolist() == [[True] * 3, [True, True, False]]
    assert np.argwhere(data.relevant["train"]).tolist() == [[0, 0], [1, 0]]
    assert np.argwhere(data.relevant["test"]).tolist() == [[0, 2]]
    (batch,) = data.test(2).as_numpy_iterator()
    assert batch["valid"].tolist() == [[False, True, True]]


def test_libsvm_documents_with_numbers_of_lines(test_data):
    data = graded_documents(str(test_data("ltr_lambdarank")), relevant_from=2)
    assert data.inputs["features"].shape == (251, 27, 300)
    assert data.valid.sum() == 3005 + 768
    assert data.relevant["train"].sum() == 858 + 222 + 69
    assert not np.any(data.relevant["train"].any(1) & data.relevant["test"].any(1))
    assert "train: 1149 relevant candidates of" in "\n".join(data.describe())


def test_documents_that_are_wrong(tmp_path):
    folder = write(tmp_path, train__txt="1 1:0.5\n1 qid:2 0:1\n", test__txt=LETOR)
    with pytest.raises(
        DataError, match="line 1: a query, qid:..., must .*\n.*line 2: indices must"
    ):
        graded_documents(folder)
    write(tmp_path, train__txt="1 1:0.5\n", train__txt__query="2\n")
    with pytest.raises(DataError, match="it counts 2 lines; .* has 1"):
        graded_documents(folder)
    write(tmp_path, train__txt="1 1:nan\n", train__txt__query="1\n")
    with pytest.raises(DataError, match="line 1: grades and values must be finite"):
        graded_documents(folder).check()


def test_hidden_relevance():
    data = hidden_relevance(seed=3)
    assert data.inputs["features"].shape == (40, 40, 10)
    assert (data.relevant["train"].sum(1) == 5).all() and (data.relevant["test"].sum(1) == 5).all()
    assert data.fingerprint != hidden_relevance(seed=4).fingerprint
    assert data.fingerprint == hidden_relevance(seed=3).fingerprint


def test_questions_and_answers(tmp_path):
    lines = [f"1 qid:{i} what_is_{name}_<a>_ it_is_{name}_" for i, name in enumerate("abcdef")]
    test = ["1 qid:0 what_is_a_ it_is_a_", "0 qid:0 what_is_a_ no_"]
    folder = write(tmp_path, train__txt="\n".join(lines), test__txt="\n".join(test))
    data = question_answers(folder, length=4, pool=4, batch_size=6)
    words = ["", "?", *data.vocabulary.words]
    assert words[2:] == ["is", "it", "what", "a", "b", "c", "d", "e", "f"]
    for batch in data.train().take(5).as_numpy_iterator():
        for question, answers in zip(batch["question"], batch["answers"], strict=True):
            assert [words[i] for i in question[:2]] == ["what", "is"] and question[3] == 0
            assert answers[0, 2] == question[2]
            assert len({answer[2] for answer in answers}) == 4
    (batch,) = data.test(2).as_numpy_iterator()
    assert batch["answers"].tolist() == [[[3, 2, 5, 0], [1, 0, 0, 0]]]
    assert batch["relevant"].tolist() == [[True, False]]


def test_tokens_of_questions_mean_the_words_of_a_vocabulary():
    def asked(*words):
        train = [(word, word) for word in words]
        return QuestionAnswers(train, [("a", [("a", True)])], length=3, pool=2)

    data = asked("a", "b")
    assert data.meaning == {"vocabulary": data.vocabulary.fingerprint}
    assert asked("b", "a").meaning == data.meaning != asked("a", "c").meaning
    assert small().meaning == {}


def test_questions_of_one_text_are_several_by_their_numbers(tmp_path):
    test = ["1 qid:0 q a", "0 qid:0 q b", "1 qid:1 q b", "0 qid:1 q a", "0 qid:1 q c"]
    folder = write(tmp_path, train__txt="1 qid:0 q a\n1 qid:1 q b\n", test__txt="\n".join(test))
    (batch,) = question_answers(folder, length=1, pool=2).test(2).as_numpy_iterator()
    assert batch["relevant"].tolist() == [[True, False, False]] * 2
    assert batch["valid"].tolist() == [[True, True, False], [True, True, True]]
    assert batch["answers"][0, 0] == batch["answers"][1, 1] != batch["answers"][0, 1]


def test_questions_are_held_out_whole():
    data = question_answers("echo", length=8, pool=10, validation_fraction=0.25)
    kept = {tuple(question) for question in data._questions}
    held = [batch["question"][0] for batch in data.held_out("validation").as_numpy_iterator()]
    assert len(held) == 50 and not kept & set(map(tuple, held))


def test_questions_that_are_wrong(tmp_path):
    with pytest.raises(DataError, match="pool must be at most 1.*Received: pool=2"):
        QuestionAnswers([("a", "b")], [("a", [("b", True)])], pool=2)
    with pytest.raises(DataError, match="the test question 'a' has no right answer"):
        QuestionAnswers([("a", "b")] * 2, [("a", [("b", False)])], pool=2)
    folder = write(tmp_path, train__txt="1 qid:0 a b\n2 qid:0 a b\n", test__txt="1 qid:0 a b\n")
    with pytest.raises(DataError, match="line 2 is not `label qid:number question answer`"):
        question_answers(folder)


RATINGS = [(1, 10, 5), (1, 30, 4), (2, 10, 2), (2, 30, 5), (3, 20, 4), (3, 10, 5)]


@pytest.mark.parametrize(
    ("name", "separator", "header"),
    [
        ("u.data", "\t", ""),
        ("ratings.dat", "::", ""),
        ("ratings.csv", ",", "userId,movieId,rating,timestamp\n"),
        ("ratings.csv", ",", ""),
    ],
)
def test_ratings_as_movielens_ships_them(tmp_path, name, separator, header):
    lines = [separator.join(map(str, (*row, 978300760))) for row in RATINGS]
    (tmp_path / name).write_text(header + "\n".join(lines) + "\n")
    (tmp_path / "movies.csv").write_text("movieId,title\n10,Heat\n")
    data = rated_items(str(tmp_path), test_fraction=0.5)
    assert data.fingerprint == rated_items(str(tmp_path / name), test_fraction=0.5).fingerprint
    assert data.valid.shape == (4, 31) and np.flatnonzero(data.valid[0]).tolist() == [10, 20, 30]
    relevant = data.relevant["train"] | data.relevant["test"]
    assert np.argwhere(relevant).tolist() == [[1, 10], [1, 30], [2, 30], [3, 10], [3, 20]]
    assert not np.any(data.relevant["train"] & data.relevant["test"])
    with pytest.raises(DataError, match="test_fraction must be given where there is no test"):
        rated_items(str(tmp_path))


def test_the_parts_that_movielens_has_itself(tmp_path):
    for name, rows in (("u1.base", RATINGS[:4]), ("u1.test", RATINGS[4:]), ("u2.base", RATINGS)):
        (tmp_path / name).write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    data = rated_items(str(tmp_path / "u1.base"))
    assert np.argwhere(data.relevant["test"]).tolist() == [[3, 10], [3, 20]]
    with pytest.raises(DataError, match="test_fraction must be left out where there is a test"):
        rated_items(str(tmp_path / "u1.base"), test_fraction=0.5)
    with pytest.raises(DataError, match=f"u1.base, u2.base. Name .*: --dataset={tmp_path}/u1.base"):
        rated_items(str(tmp_path))
    with pytest.raises(DataError, match="u2.test"):
        rated_items(str(tmp_path / "u2.base"))


def test_ratings_of_more_cells_than_memory_should_hold(tmp_path):
    (tmp_path / "ratings.csv").write_text("1,2,5\n99999,99999,5\n")
    with pytest.raises(DataError, match="100000 users by 100000 items is larger than memory"):
        rated_items(str(tmp_path), test_fraction=0.5)
