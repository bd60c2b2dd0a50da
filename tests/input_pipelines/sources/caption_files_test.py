import json

import pytest

from tfgan_apps.input_pipelines import DataError
from tfgan_apps.input_pipelines.sources.caption_files import open_captions


@pytest.fixture
def folder(tmp_path, write):
    """Returns a function: dict path -> text or None for an image; gives the folder's path."""

    def make(files):
        for path, content in files.items():
            content = content.encode() if isinstance(content, str) else content
            write(path, content=content)
        return str(tmp_path)

    return make


def captions(folder):
    (split,) = open_captions(folder).values()
    return dict(zip(split.store.names, split.captions, strict=True))


def problems(folder):
    with pytest.raises(DataError) as error:
        open_captions(folder)
    assert str(error.value).startswith(f"{len(error.value.problems)} problem")
    assert folder in str(error.value)
    return error.value.problems


TABLE = 'image,caption\n1.png,a dog\n2.png,"a cat, asleep"\n1.png, ein großer Hund \n'


@pytest.mark.parametrize("place", ["", "images/"])
def test_a_table(folder, place):
    found = captions(folder({f"{place}1.png": None, f"{place}2.png": None, "captions.txt": TABLE}))
    assert found == {
        f"{place}1.png": ["a dog", "ein großer Hund"],
        f"{place}2.png": ["a cat, asleep"],
    }


def test_a_table_as_spreadsheets_write_it(folder):
    table = '\ufeff"Image","Caption"\r\n"1.png","say ""cheese"", now"\r\n./2.png,so\r\n'
    found = captions(folder({"1.png": None, "2.png": None, "captions.txt": table}))
    assert found == {"1.png": ['say "cheese", now'], "2.png": ["so"]}


def test_text_files_beside_the_images_or_apart(folder):
    files = {"images/a/1.png": None, "images/b/1.png": None, "images/b/2.png": None}
    texts = {"images/a/1.txt": "one\ntwo\n", "text/b/1.txt": "three", "text/b/2.txt": "four\r\n"}
    found = captions(folder(files | texts))
    assert list(found.values()) == [["one", "two"], ["three"], ["four"]]


def test_subfolders_are_classes(folder):
    table = "image,caption\nx/y/1.png,a\nz/1.png,b\nz/2.png,c\n"
    images = {"images/x/y/1.png": None, "images/z/1.png": None, "images/z/2.png": None}
    (split,) = open_captions(folder({"captions.txt": table} | images)).values()
    assert split.classes == ["x/y", "z", "z"]


def test_images_without_subfolders_have_no_classes(folder):
    (split,) = open_captions(folder({"1.png": None, "1.txt": "one"})).values()
    assert split.classes is None and split.groups == ["1.png"]


def test_train_and_test_are_two_such_folders(folder):
    files = {"train/images/1.png": None, "train/captions.txt": "image,caption\n1.png,a\n"}
    found = open_captions(folder(files | {"test/2.png": None, "test/2.txt": "b"}))
    assert list(found) == ["train", "test"]
    assert [split.captions for split in found.values()] == [[["a"]], [["b"]]]
    assert found["test"].store.names == ["test/2.png"]


def test_all_problems_of_a_table_are_listed_at_once(folder):
    table = (
        b"image,caption\n1.png,good\n1.png,\n1.png,a, b\n1.png\n\n3.png,none\n4.png,none\n"
        b"3.png,none\n1.png,\xff\n" + b'1.png,"open\n'
    )
    assert problems(folder({"1.png": None, "2.png": None, "captions.txt": table})) == [
        "captions.txt, line 3: the caption is empty. Write one, or remove the line.",
        "captions.txt, lines 4-6, 11: must be an image, a comma and a caption, the caption in "
        "quotes where it has commas.",
        "captions.txt, lines 7, 9: 3.png is not among the images. Correct its name, or remove "
        "the line.",
        "captions.txt, line 8: 4.png is not among the images. Correct its name, or remove the "
        "line.",
        "captions.txt, line 10: not UTF-8. Save the file as UTF-8.",
        "2.png: has no caption. Write one, or remove the image.",
    ]


def test_all_problems_of_text_files_are_listed_at_once(folder):
    files = {"images/1.png": None, "images/2.png": None, "images/3.png": None}
    texts = {"text/1.txt": b"good\n \n\xff\n", "text/2.txt": b"", "text/4.txt": "four"}
    assert problems(folder(files | texts)) == [
        "text/1.txt, line 2: the caption is empty. Write one, or remove the line.",
        "text/1.txt, line 3: not UTF-8. Save the file as UTF-8.",
        "text/2.txt: it is empty. Give a file with one sequence a line.",
        "text/4.txt: has no image of its name. Add it, or remove this.",
        "3.png: has no caption. Write one, or remove the image.",
    ]


def test_two_text_files_of_one_image(folder):
    texts = {"images/a/1.txt": "one", "text/a/1.txt": "two"}
    assert problems(folder({"images/a/1.png": None} | texts)) == [
        "images/a/1.txt and text/a/1.txt: are both of one image. Put their captions in one of "
        "them, and remove the other."
    ]


def test_other_text_files_do_not_matter_beside_the_folders(folder):
    others = {"README.txt": "about", "LICENSE.txt": "free", "notes/1.txt": "no caption"}
    assert captions(folder({"images/1.png": None, "text/1.txt": "one"} | others)) == {
        "images/1.png": ["one"]
    }


def test_the_subfolder_text_of_images_without_a_subfolder(folder):
    found = captions(folder({"a/1.png": None, "text/a/1.txt": "one", "README.txt": "about"}))
    assert found == {"a/1.png": ["one"]}


def test_empty_lines_at_the_end(folder):
    table = "image,caption\n1.png,a dog\n\n \r\n\n"
    assert captions(folder({"1.png": None, "captions.txt": table})) == {"1.png": ["a dog"]}


def test_empty_lines_at_the_end_of_text_files(folder):
    assert captions(folder({"1.png": None, "1.txt": "a\nb\n\n\n"})) == {"1.png": ["a", "b"]}


@pytest.mark.parametrize("header", ["3.png,a dog", b"\xff", "image;caption", "", "a,b,c"])
def test_a_first_line_that_names_no_columns_is_shown(folder, header):
    header = header.encode() if isinstance(header, str) else header
    (problem,) = problems(folder({"1.png": None, "captions.txt": header + b"\n1.png,a dog\n"}))
    assert problem.startswith("captions.txt: its first line must name the columns of the images")


@pytest.mark.parametrize(
    "name, table",
    [
        ("captions.csv", "1.png,a dog\n2.png,a cat\n"),
        ("captions.csv", "picture,said\n1.png,a dog\n2.png,a cat\n"),
        ("captions.txt", "image_name,comment_number,comment\n1.png,0,a dog\n2.png,0,a cat\n"),
        ("metadata.csv", "file_name,text,author\n1.png,a dog,me\n2.png,a cat,you\n"),
        ("anything.csv", "id,caption,file\n1,a dog,1.png\n2,a cat,2.png\n"),
        ("captions.tsv", "1.png\ta dog\n2.png\ta  cat\n"),
        ("captions.tsv", "caption\timage\na dog\timages/1.png\na cat\timages/2.png\n"),
        ("Flickr8k_text/Flickr8k.token.txt", "1.png#0\ta dog\n2.png#0\ta cat\n9.png.1#0\tx\n"),
        ("results_20130124.token", "1.png#0\ta dog\n2.png#0\ta cat\n"),
        ("results.csv", "image_name| comment_number| comment\n1.png| 0| a dog\n2.png| 4   a cat\n"),
    ],
)
def test_tables_as_people_have_them(folder, name, table):
    images = {"images/1.png": None, "images/2.png": None}
    found = captions(folder(images | {name: table, "Flickr8k_text/Flickr8k.lemma.token.txt": "x"}))
    assert found == {"images/1.png": ["a dog"], "images/2.png": ["a cat"]}


def test_what_is_beside_images_and_captions_is_named(folder):
    files = {"Images/1.png": None, "Images/1.txt": "one", "Images/1.xml": "x"}
    (split,) = open_captions(folder(files)).values()
    assert split.captions == [["one"]]
    assert split.store.remark == "; 1 file is no image: Images/1.xml"


def coco(*captions):
    images = [{"id": 7 + i, "file_name": name} for i, (name, _) in enumerate(captions)]
    said = [{"image_id": 7 + i, "id": i, "caption": c} for i, (_, c) in enumerate(captions)]
    return json.dumps({"images": images, "annotations": said})


def test_coco_as_it_is_unpacked(folder):
    tables = {
        "annotations/captions_train2017.json": coco(("1.jpg", "a dog\n"), ("5.jpg", "absent")),
        "annotations/captions_val2017.json": coco(("2.jpg", "a cat")),
        "annotations/instances_train2017.json": "{}",
    }
    images = {"train2017/1.jpg": None, "val2017/2.jpg": None}
    found = open_captions(folder(images | tables))
    assert {split: part.captions for split, part in found.items()} == {
        "train": [["a dog"]], "test": [["a cat"]]
    }  # fmt: skip
    said = "; captions_train2017.json also names images that are not there: 1"
    assert found["train"].store.remark == said


@pytest.mark.parametrize("content", ["[]", "{", '{"images": [], "annotations": [{}]}', "[" * 99999])
def test_a_file_that_is_not_like_cocos(folder, content):
    (problem,) = problems(folder({"1.png": None, "captions_x.json": content}))
    assert problem.startswith('captions_x.json: it must be as COCO has it: "images" with "id" and')


def test_flickr8k_as_it_is_unpacked_has_no_classes(folder):
    files = {"Flicker8k_Dataset/1.jpg": None, "Flickr8k_text/Flickr8k.token.txt": "1.jpg#0\ta\n"}
    (split,) = open_captions(folder(files)).values()
    assert split.captions == [["a"]] and split.classes is None


def test_names_of_another_case_or_unicode_form(folder):
    names = {"Images/Caf\u00e9.PNG": None, "Images/b.png": None, "Images/B.png": None}
    table = "image,caption\ncafe\u0301.png,one\nb.png,two\nB.png,three\n"
    assert list(captions(folder(names | {"Captions.csv": table})).values()) == [
        ["three"], ["one"], ["two"]
    ]  # fmt: skip
    names = names | {"Captions.csv": table.replace("B.png", "b.PNG")}
    assert "b.PNG is not among the images" in " ".join(problems(folder(names)))


def test_two_tables(folder):
    tables = {"captions.csv": "1.png,a\n", "captions.tsv": "1.png\ta\n"}
    assert problems(folder({"1.png": None} | tables)) == [
        "captions.csv, captions.tsv: several tables of captions. Leave one there."
    ]


def test_text_files_go_before_tables_of_other_names(folder):
    files = {"1.png": None, "1.txt": "one", "labels.csv": "1.png,3\n"}
    assert captions(folder(files)) == {"1.png": ["one"]}


def test_val_stands_for_test(folder):
    files = {"train/1.png": None, "train/1.txt": "a", "val/2.png": None, "val/2.txt": "b"}
    found = open_captions(folder(files))
    assert [split.captions for split in found.values()] == [[["a"]], [["b"]]]


def test_a_header_alone_leaves_the_images_without_captions(folder):
    found = problems(folder({"1.png": None, "captions.txt": "image,caption\n"}))
    assert found == ["1.png: has no caption. Write one, or remove the image."]


def test_both_splits_are_looked_at(folder):
    files = {
        "train/1.png": None,
        "test/captions.txt": "image,caption\n2.png,a\n",
        "README.txt": "x",
    }
    path = folder(files)
    first, second = problems(path)
    assert first.startswith(f"{path}/train has no captions. Write captions.txt with the first line")
    assert second.startswith(f"{path}/test has no images. Put them there (.bmp .gif ")


def test_test_alone_is_no_data(folder):
    assert "no folder train" in problems(folder({"test/1.png": None}))[0]


def test_flickr8k(test_data):
    found = captions(str(test_data("flickr8k_1000")))
    assert len(found) == 1000 and {len(texts) for texts in found.values()} == {5}
    name = "images/1012212859_01547e3f17.jpg"
    assert "A dog shakes its head near the shore , a red ball next to it ." in found[name]
