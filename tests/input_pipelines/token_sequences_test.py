"""Sequences from texts, ids, the procedural language and arrays."""

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.datasets import grammar
from tfgan_apps.input_pipelines import DataError, TokenSequences, token_sequences
from tfgan_apps.input_pipelines.sources.lines import Lines, numbered


@pytest.fixture
def lines(tmp_path):
    """Writes a file of lines, str or bytes, and returns its path."""

    def write(name, *texts):
        content = b"".join(text if isinstance(text, bytes) else text.encode() for text in texts)
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


def batches(stream):
    return np.concatenate([batch.numpy() for batch in stream])


def problems(*args, **kwargs):
    with pytest.raises(DataError) as error:
        token_sequences(*args, **kwargs)
    return error.value.problems


def test_words(lines):
    data = token_sequences(lines("a.txt", "the cat\n", "the  dog sat \r\n", "the"), 3, batch_size=2)
    assert data.vocabulary.words == ["the", "cat", "dog", "sat"] and data.vocabulary_size == 6
    assert (data.steps_per_epoch, data.test_length, data.held_out) == (1, 3, False)
    test = batches(data.test(2))
    assert test.dtype == np.int32
    np.testing.assert_array_equal(test, [[2, 3, 0], [2, 4, 5], [2, 0, 0]])
    data.check()


def test_characters_and_vocabulary_options(lines):
    path = lines("a.txt", b"\xef\xbb\xbf", "春眠不觉晓\n", "处处闻啼鸟\n")
    data = token_sequences(path, 6, level="characters", max_words=3)
    assert data.vocabulary.words == ["处", "不", "啼"]
    np.testing.assert_array_equal(batches(data.test()), [[1, 1, 3, 1, 1, 0], [2, 2, 1, 4, 1, 0]])
    path = lines("b.txt", "A cat, a dog.\n", "a CAT.\n")
    data = token_sequences(path, 6, lower=True, separate_punctuation=True, min_count=2)
    assert data.vocabulary.words == ["a", ".", "cat"]


def test_an_epoch_visits_every_sequence_in_a_new_order(lines):
    path = lines("a.txt", *(f"{index} {index + 1}\n" for index in range(10)))
    data = token_sequences(path, 2, batch_size=5, level="ids")
    first, second = (batches(data.train(start).take(2)) for start in (0, 2))
    np.testing.assert_array_equal(np.sort(first, axis=0), batches(data.test()))
    np.testing.assert_array_equal(np.sort(second, axis=0), batches(data.test()))
    assert (first != second).any()


def test_the_stream_starts_anywhere():
    data = token_sequences("grammar", 12, batch_size=4, seed=3)
    whole = [batch.numpy() for batch in data.train().take(6)]
    rest = [batch.numpy() for batch in data.train(start_step=4).take(2)]
    np.testing.assert_array_equal(whole[4:], rest)
    assert whole[0].shape == (4, 12) and whole[0].dtype == np.int32


def test_a_second_file_is_held_out_with_the_vocabulary_of_the_first(lines):
    data = token_sequences(lines("a.txt", "the cat\n"), 3, test=lines("b.txt", "the dog\n"))
    assert data.held_out and data.vocabulary.words == ["cat", "the"]
    np.testing.assert_array_equal(batches(data.test()), [[3, 1, 0]])
    assert "50.00% unknown" in "\n".join(data.describe())


def test_a_fraction_is_held_out_the_same_for_every_seed(lines):
    path = lines("a.txt", *(f"{index}\n" for index in range(100)))
    first, second = (
        token_sequences(path, 1, level="ids", test_fraction=0.3, seed=seed) for seed in (0, 1)
    )
    assert (len(first.tokens["train"]), first.test_length) == (70, 30)
    np.testing.assert_array_equal(first.tokens["test"], second.tokens["test"])
    both = np.concatenate(list(first.tokens.values()))
    np.testing.assert_array_equal(np.sort(both, axis=0)[:, 0], np.arange(100))
    # Not a part of the file in its order, which may be one by topic.
    assert first.tokens["test"].min() < 20 and first.tokens["test"].max() > 80


def test_the_procedural_language_needs_no_file():
    data = token_sequences("grammar", 12, batch_size=64)
    assert data.tokens["train"].shape == (10_000, 12) and data.steps_per_epoch == 156
    assert data.vocabulary_size == 48 and data.held_out
    texts = data.vocabulary.to_text(next(iter(data.test(1000)))).numpy()
    assert all(grammar.is_valid(text.decode()) for text in texts)
    assert len(set(texts)) > 800


def test_arrays():
    tokens = np.array([[3, 1], [0, 4]], np.uint16)
    data = TokenSequences({"train": tokens, "test": tokens[:1]}, batch_size=2)
    data.check()
    assert (data.vocabulary_size, data.length, data.vocabulary) == (5, 2, None)
    assert next(iter(data.train())).dtype == tf.int32
    with pytest.raises(DataError, match=r"train, line 2: ids outside of \[0, 4\)"):
        TokenSequences({"train": tokens}, vocabulary_size=4).check()


@pytest.mark.parametrize(
    "arrays",
    [
        {"train": np.zeros((2, 3))},
        {"train": np.zeros((0, 3), np.int32)},
        {"train": np.zeros(3, np.int32)},
        {"train": np.zeros((2, 3), np.int32), "test": np.zeros((2, 4), np.int32)},
    ],
)
def test_arrays_that_are_no_sequences(arrays):
    with pytest.raises(ValueError, match=r"integer arrays \(N >= 1, length\) of one length"):
        TokenSequences(arrays)


def test_every_line_of_a_text_that_cannot_be_used_is_named(lines):
    train = lines(
        "a.txt", "a b\n", "\n", "a b c\n", "a b c d\n", b"a \xff\n", " \n", "a\n", "b c d"
    )
    test = lines("b.txt", "a b c\n")
    assert problems(train, 2, test=test) == [
        "a.txt, line 5: not UTF-8. Save the file as UTF-8.",
        "a.txt, lines 2, 6: empty. Remove what is empty.",
        "a.txt, lines 3-4, 8: more than 2 words. Raise length, up to 4 tokens, or ask for "
        "truncation.",
        "b.txt, line 1: more than 2 words. Raise length, up to 3 tokens, or ask for truncation.",
    ]


def test_every_line_of_ids_that_cannot_be_used_is_named(lines):
    path = lines("a.txt", "1 2\n", "1 x\n", "\n", "1\n", "1 2 3\n", "1 5\n", "-1 2\n", b"\xff 1\n")
    assert problems(path, 2, level="ids", vocabulary_size=5) == [
        "a.txt, lines 2-3, 8: no ids. Write whole numbers with white space between them.",
        "a.txt, line 4: not 2 ids. Correct the line or the length.",
        "a.txt, line 5: more than 2 ids. Correct the line or the length, or ask for truncation.",
        "a.txt, lines 6-7: ids outside of [0, 5). Correct them or the size of the vocabulary.",
    ]
    assert len(problems(lines("b.txt", "1 99999999999\n"), 2, level="ids")) == 1


def test_truncation(lines):
    path = lines("a.txt", "1 2 3\n", "4 5\n")
    data = token_sequences(path, 2, level="ids", truncate=True)
    np.testing.assert_array_equal(data.tokens["train"], [[1, 2], [4, 5]])
    data = token_sequences(path, 2, truncate=True)
    np.testing.assert_array_equal(data.tokens["train"] > 1, np.ones((2, 2)))


def test_files_that_cannot_be_used(lines, tmp_path):
    assert "cannot be read (No such file" in problems(str(tmp_path / "none.txt"), 2)[0]
    assert "cannot be read (Is a directory" in problems(str(tmp_path), 2)[0]
    assert problems(lines("a.txt"), 2)[0].startswith("it is empty.")
    expected = "0.5 of its 1 lines leaves none on one side"
    assert expected in problems(lines("b.txt", "a\n"), 2, test_fraction=0.5)[0]


@pytest.mark.parametrize(
    "kwargs, message",
    [
        ({"length": 0}, "length must be an integer >= 1. Received: length=0"),
        ({"level": "bytes"}, "level must be one of"),
        ({"test_fraction": 1.0}, r"test_fraction must be in \[0, 1\)"),
        ({"test_fraction": 0.1}, "the grammar has its own test"),
        ({"test": "a.txt"}, "Received: dataset='grammar', test='a.txt', test_fraction=0.0"),
        ({"vocabulary_size": 5}, "vocabulary_size must be None where the vocabulary has one"),
        ({"level": "ids", "lower": True}, "no words to choose or to change. Received: lower=True"),
        ({"level": "ids", "max_words": 9}, "Received: .* max_words=9"),
        ({"batch_size": 0}, "batch_size must be an integer >= 1"),
        ({"seed": -1}, "seed must be an integer >= 0"),
        ({"min_count": 0}, "min_count must be an integer >= 1. Received: min_count=0"),
        ({"level": "ids", "min_count": 0}, "min_count must be an integer >= 1"),
        ({"max_words": 0}, "max_words must be an integer >= 1. Received: max_words=0"),
        ({"level": "ids", "vocabulary_size": 0}, "vocabulary_size must be an integer >= 1"),
    ],
)
def test_arguments_out_of_their_range(kwargs, message):
    with pytest.raises(ValueError, match=message):
        token_sequences("grammar", **{"length": 12, **kwargs})


def test_the_fingerprint_is_of_the_tokens_and_the_words(lines):
    def fingerprint(text, **kwargs):
        return token_sequences(lines("a.txt", text), 3, **kwargs).fingerprint

    first = fingerprint("a b\n")
    assert fingerprint("a  b", seed=1, batch_size=7) == first
    others = [
        fingerprint("a c\n"),
        fingerprint("a b\na b\n"),
        fingerprint("a b\n", level="characters"),
        fingerprint("1 2 3\n", level="ids"),
        fingerprint("1 2 3\n", level="ids", vocabulary_size=9),
    ]
    assert len({first, *others}) == 6


def test_tokens_mean_the_words_of_a_vocabulary(lines):
    def meaning(text, **kwargs):
        data = token_sequences(lines("a.txt", text), 3, **kwargs)
        assert data.vocabulary is None or set(data.meaning) == {"vocabulary"}
        return data.meaning

    first = meaning("a b\na\n")
    assert meaning("b\na a\n", seed=1, batch_size=2) == first  # the same words, other sequences
    others = [meaning("a c\na\n"), meaning("b a\nb\n"), meaning("a b\na\n", level="characters")]
    assert first not in others
    assert meaning("1 2 3\n", level="ids") == {}


def test_what_was_found_is_described(lines):
    data = token_sequences(lines("a.txt", "a b c\n", "a\n"), 4, batch_size=2, seed=5)
    assert data.describe()[1:] == [
        "  train: 2 sequences of 4 tokens: 1 to 3 words, mean 2.0; 0.00% unknown",
        "  no test sequences: those of training stand in for them",
        "  vocabulary: 5 tokens of words",
        "  training: batches of 2, 1 steps per epoch, seed 5",
    ]


def test_line_numbers_in_words():
    assert numbered(np.array([3])) == "line 3"
    assert numbered(np.array([1, 2, 3, 7, 9, 10])) == "lines 1-3, 7, 9-10"


def test_the_first_cause_of_a_line_counts():
    found = Lines.of_texts("a.txt", [b"", b"x"]).problems({"A": [True, False], "B": [True, True]})
    assert found == ["a.txt, line 1: A", "a.txt, line 2: B"]


def test_the_sequences_of_the_published_oracle(test_data):
    path = str(test_data("seqgan/real_data.txt"))
    data = token_sequences(path, 20, batch_size=64, level="ids", vocabulary_size=5000)
    assert data.tokens["train"].shape == (9984, 20) and data.steps_per_epoch == 156
    np.testing.assert_array_equal(batches(data.test(limit=1))[0, :4], [927, 2484, 4489, 4717])


def test_poems_and_captions(test_data):
    poems = token_sequences(str(test_data("texygen/shi.txt")), 24)
    first = poems.vocabulary.to_text(poems.tokens["train"][:1]).numpy()[0].decode()
    assert first == "秦 川 雄 帝 宅 ， 函 谷 壮 皇 居 。 绮 殿 千 寻 起 ， 离 宫 百 雉 余 。"
    options = {"lower": True, "separate_punctuation": True}
    captions = token_sequences(str(test_data("texygen/image_coco.txt")), 37, 64, **options)
    assert captions.tokens["train"].shape == (10_000, 37) and captions.steps_per_epoch == 156
    assert captions.vocabulary.words[:3] == ["a", ".", "with"]


def test_lines_that_are_cut_are_counted(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("a b\na b c d\na b c d e\na\n")
    described = token_sequences(str(path), 3, truncate=True).describe()
    said = "  train: 2 of 4 lines are cut after 3 tokens, 25.0% of all; the longest, line 3, has 5"
    assert said in described
    assert not any("are cut" in line for line in token_sequences(str(path), 5).describe())
    path.write_text("1 2\n1 2 3\n")
    described = token_sequences(str(path), 2, level="ids", truncate=True).describe()
    assert any("train: 1 of 2 lines are cut after 2 tokens, 20.0% of all" in d for d in described)


def test_blanks_between_characters_are_no_characters(tmp_path):
    path = tmp_path / "poems.txt"
    path.write_text("春 眠 不\n 觉\u3000晓 \n", encoding="utf-8")
    data = token_sequences(str(path), 3, level="characters")
    assert sorted(data.vocabulary.words) == sorted("春眠不觉晓")
    assert "  blanks between the characters are left out" in data.describe()
    path.write_text("春 眠 不\n觉晓 \n", encoding="utf-8")  # a blank that means something
    assert " " in token_sequences(str(path), 5, level="characters").vocabulary.words


def test_texygens_poems(test_data):
    data = token_sequences(str(test_data("texygen") / "shi.txt"), 24, level="characters")
    assert " " not in data.vocabulary.words
    assert data.tokens["train"].shape == (16394, 24) and (data.tokens["train"] > 1).all()
