"""Text files that are none, and numbers in files that would fill the memory."""

import gzip
import os
import struct

import pytest

from tfgan_apps.input_pipelines import graded_documents, rated_items, token_sequences
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_sets import read_idx
from tfgan_apps.input_pipelines.question_answers import question_answers

TEXT = "a b\nc d\n"
NO_TEXT = {
    "UTF-16": (TEXT.encode("utf-16"), "as UTF-16 does. Convert it: iconv"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "as UTF-16 does. Convert it: iconv"),
    "NUL bytes": (b"a b\0\nc d\n", "holds NUL bytes"),
    "nothing": (b"", "it is empty"),
}


@pytest.mark.parametrize(("content", "says"), NO_TEXT.values(), ids=NO_TEXT)
def test_what_is_no_text_is_one_sentence_with_the_cure(tmp_path, content, says):
    for name in ("train.txt", "test.txt"):
        (tmp_path / name).write_bytes(content)
    openers = [
        lambda: token_sequences(str(tmp_path / "train.txt"), 2),
        lambda: graded_documents(str(tmp_path)),
        lambda: rated_items(str(tmp_path)),
        lambda: question_answers(str(tmp_path)),
    ]
    for opener in openers:
        with pytest.raises(DataError, match=says):
            opener()


def test_what_is_no_utf8_is_named_by_its_lines(tmp_path):
    for name in ("train.txt", "test.txt"):
        (tmp_path / name).write_bytes(b"0 0 1\n0 \xe9 1\n")
    with pytest.raises(DataError, match="line 2: no UTF-8"):
        rated_items(str(tmp_path))


def test_what_is_no_file_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="not a file but a pipe"):
        token_sequences(str(tmp_path / "pipe"), 2)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1 qid:1 1:0.5 2000000000:1", "without large gaps, to at most 1000.* Found: 2000000000"),
        ("1 qid:1 1:1e999", "line 1: grades and values must be finite"),
        ("nan qid:1 1:1", "line 1: grades and values must be finite"),
    ],
)
def test_numbers_of_documents_that_would_fill_the_memory(tmp_path, line, says):
    for name in ("train.txt", "test.txt"):
        (tmp_path / name).write_text(f"{line} # docid = {name}\n")
    with pytest.raises(DataError, match=says):
        graded_documents(str(tmp_path))


def test_a_querys_count_that_is_no_number(tmp_path):
    for name in ("train.txt", "test.txt"):
        (tmp_path / name).write_text("1 1:1\n")
        (tmp_path / f"{name}.query").write_text("one\n")
    with pytest.raises(DataError, match="number of a query's lines"):
        graded_documents(str(tmp_path))


@pytest.mark.parametrize("shape", [(2**31, 2**15, 2**15), (60_000, 28, 28), (0, 28, 28), (1, 1, 3)])
@pytest.mark.parametrize("packed", [False, True])
def test_an_idx_file_announces_what_it_holds(tmp_path, shape, packed):
    content = struct.pack(">4I", 0x803, *shape) + bytes(1000)
    path = tmp_path / ("train-images-idx3-ubyte" + ".gz" * packed)
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DataError, match="no complete idx file"):
        read_idx(str(path))
