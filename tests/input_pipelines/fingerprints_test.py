"""The same data by another path are the same data, for every kind that is read from the disk."""

import functools
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.input_pipelines import (
    captioned_images,
    domain_images,
    graded_documents,
    image_set,
    question_answers,
    rated_items,
    token_sequences,
    unpaired_images,
)


def two_domains(write):
    for split in ("trainA", "trainB", "testA", "testB"):
        write(f"{split}/1.png")


def halves(write):
    write("train/1.png", size=(32, 64))
    write("test/2.png", size=(32, 64))


def images(write):
    write("train/1.png")
    write("test/deep/2.jpg")


def idx(write):
    header = np.array([0x803, 1, 8, 8], ">i4").tobytes()
    write("train-images-idx3-ubyte", content=header + bytes(range(64)))


def captions_table(write):
    for name in "123":
        write(f"images/{name}.png")
    write("captions.txt", content=b"image,caption\n1.png,a\n2.png,b\n3.png,c\n")


def captions_beside(write):
    for split in ("train", "test"):
        for name in "12":
            write(f"{split}/class {name}/{name}.png")
            write(f"{split}/class {name}/{name}.txt", content=b"text")


def attributes(write):
    for name in "12":
        write(f"images/{name}.png")
    write("attributes.csv", content=b"image,Male\n1.png,0\n2.png,1\n")


def text(write):
    write("train.txt", content=b"1 2\n3 4\n5 6\n")
    write("test.txt", content=b"1 2\n")


def ratings(write):
    write("train.txt", content=b"0 0 5\n1 1 5\n")
    write("test.txt", content=b"0 1 5\n1 0 5\n")


def documents(write):
    write("train.txt", content=b"1 qid:1 1:0.5 #docid = a\n0 qid:1 1:0.25 #docid = b\n")
    write("test.txt", content=b"1 qid:1 1:0.75 #docid = c\n")
    write("Large_norm.txt", content=b"0 qid:1 1:0.125 #docid = d\n")


def questions(write):
    write("train.txt", content=b"1 qid:0 q a\n1 qid:1 q b\n")
    write("test.txt", content=b"1 qid:0 q a\n0 qid:0 q b\n")


def sequences(path, **kwargs):
    return token_sequences(os.path.join(path, "train.txt"), 2, **kwargs)


def with_test(path):
    return sequences(path, test=os.path.join(path, "test.txt"), level="ids")


KINDS = {
    "two domains": (two_domains, functools.partial(unpaired_images, image_size=16)),
    "halves": (halves, functools.partial(unpaired_images, image_size=16)),
    "images": (images, functools.partial(image_set, image_size=16, channels=3)),
    "idx files": (idx, functools.partial(image_set, image_size=8, channels=1)),
    "captions in a table": (captions_table, functools.partial(captioned_images, image_size=16)),
    "captions beside": (captions_beside, functools.partial(captioned_images, image_size=16)),
    "captions, some held out": (
        captions_table,
        functools.partial(captioned_images, image_size=16, test_fraction=0.34, wrong_images=False),
    ),
    "captions, images in memory": (
        captions_table,
        functools.partial(captioned_images, image_size=16, cache_images=True),
    ),
    "attributes": (
        attributes,
        functools.partial(domain_images, image_size=16, attributes=["Male"]),
    ),
    "words": (text, sequences),
    "words, some held out": (text, functools.partial(sequences, test_fraction=0.34)),
    "ids with a second file": (text, with_test),
    "ratings": (ratings, rated_items),
    "documents": (documents, graded_documents),
    "questions": (questions, functools.partial(question_answers, length=2, pool=2)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_data_by_another_path_have_the_same_fingerprint(
    kind, write, tmp_path, monkeypatch
):
    make, opened = KINDS[kind]
    make(lambda path, **kwargs: write(f"photos/{path}", **kwargs))
    (tmp_path / "work").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    shutil.copytree(tmp_path / "photos", tmp_path / "copy")  # times are those of the files
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path / "work")
    paths = [str(tmp_path / "photos"), "../photos", "../photos/", "~/photos", "../link", "../copy"]
    data = [opened(path) for path in paths]
    assert len({each.fingerprint for each in data}) == 1
    monkeypatch.chdir(tmp_path)  # What was opened does not move with the working directory.
    data[1].train_example(tf.constant(0, tf.int64))
    assert data[1].fingerprint == data[0].fingerprint


def test_a_set_of_tfds_is_the_same_by_another_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = (str(tmp_path), ".")
    one, other = (image_set("scenes", 8, 3, data_dir=path).fingerprint for path in paths)
    assert one == other
