"""Which examples are asked, under which names their answers are written, and what fails alone."""

import os

import numpy as np
import pytest
import tensorflow as tf

from tests.serving import flaky_servers, tiny_server
from tfgan_apps.serving.client import Client, client_files
from tfgan_apps.serving.client.examples import InputError, combinations


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    with tiny_server.serving(tmp_path_factory.mktemp("models")) as addresses:
        yield addresses


@pytest.fixture(params=["grpc", "rest"])
def connect(addresses, request):
    """Makes a client of a signature of the tiny model, once for each protocol."""
    clients = []

    def connect(signature="serving_default"):
        address, protocol = addresses[request.param], request.param
        clients.append(Client(address, "tiny", protocol, signature=signature))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def photos(picture, tmp_path):
    """A folder of five images of several sizes, the second one broken, and something else."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(5):
        file = tf.io.encode_png(picture(8 + i, 8, seed=i)).numpy()
        (folder / f"{i}.PNG").write_bytes(file[:-30] if i == 1 else file)
    (folder / "notes.txt").write_text("no image")
    return folder


@pytest.fixture
def output(tmp_path):
    (tmp_path / "output").mkdir()
    return tmp_path / "output"


def names(folder):
    return sorted(os.listdir(folder))


def test_one_broken_file_of_a_folder_fails_alone(connect, photos, output, picture):
    examples = combinations(photos)
    assert [each.file.name for each in examples] == ["0.PNG", "1.PNG", "2.PNG", "3.PNG", "4.PNG"]
    outcome = client_files.ask(connect(), examples, output, batch_size=3)
    assert (outcome.written, outcome.kept, outcome.ended) == (4, 0, None)
    ((name, error),) = outcome.failed.items()
    assert name == str(photos / "1.PNG")
    assert error.startswith("INVALID_ARGUMENT: ") and "\n" not in error
    assert error.endswith(" (asked alone)")
    assert names(output) == ["0.png", "2.png", "3.png", "4.png"]
    for i in (0, 2, 3, 4):
        answer = tf.io.decode_png((output / f"{i}.png").read_bytes())
        np.testing.assert_array_equal(answer, 255 - picture(8 + i, 8, seed=i))


def test_a_file_that_cannot_be_read_fails_alone(connect, photos, output):
    (photos / "1.PNG").unlink()
    (photos / "1.PNG").symlink_to("nowhere.png")
    outcome = client_files.ask(connect(), combinations(photos), output)
    assert outcome.written == 4
    assert "No such file" in str(outcome.failed[str(photos / "1.PNG")])


def test_what_is_there_is_kept_unless_it_is_to_be_overwritten(connect, photos, output):
    examples = combinations(photos / "0.PNG") + combinations(photos / "2.PNG")
    (output / "0.png").write_text("mine")
    outcome = client_files.ask(connect(), examples, output)
    assert (outcome.written, outcome.kept) == (1, 1)
    assert (output / "0.png").read_text() == "mine"
    outcome = client_files.ask(connect(), examples, output, overwrite=True)
    assert (outcome.written, outcome.kept) == (2, 0)
    assert (output / "0.png").read_bytes().startswith(b"\x89PNG")


def test_each_text_with_each_seed_and_outputs_of_all_kinds(connect, output):
    examples = combinations(texts=["A small, RED bird!", "größer"], seeds=[3, -1])
    outcome = client_files.ask(connect("tell"), examples, output, batch_size=3)
    assert (outcome.written, outcome.failed) == (4, {})
    stems = ["a-small-red-bird_-1", "a-small-red-bird_3", "größer_-1", "größer_3"]
    kinds = ["halves.npy", "raw_bytes.png", "text.txt"]
    assert names(output) == [f"{stem}.{kind}" for stem in stems for kind in kinds]
    assert (output / "größer_3.text.txt").read_text("utf-8") == "größer:3"
    np.testing.assert_array_equal(np.load(output / "größer_3.halves.npy"), np.float32([1.5, 0]))


def test_a_folder_is_not_made_before_the_first_answer(tmp_path):
    new = tmp_path / "new" / "folder"
    with flaky_servers.over_rest([(503, {"error": "gone"})]) as (_, address):
        with Client(address, "m", "rest", retries=0) as client:
            client_files.ask(client, combinations(seeds=[1]), new)
            assert not new.parent.exists()
            client_files.ask(client, combinations(seeds=[1]), new)
    assert names(new) == ["1.npy"]


def test_other_inputs_have_one_value_for_all(connect, output):
    further = {"label": 10, "code": [0.5, -1]}
    examples = combinations(seeds=[1, 2, 3])
    outcome = client_files.ask(connect("add"), examples, output, batch_size=2, further=further)
    assert (outcome.written, outcome.failed) == (3, {})
    for seed in (1, 2, 3):
        answer = np.load(output / f"{seed}.npy")
        np.testing.assert_array_equal(answer, np.float32([seed + 10.5, seed + 9]))


def test_all_inputs_can_be_others(connect, output):
    further = {"label": 10, "code": [0.5, -1], "seed": 1}
    client_files.ask(connect("add"), combinations(), output, further=further)
    np.testing.assert_array_equal(np.load(output / "answer.npy"), np.float32([11.5, 10]))


def test_the_longest_names_that_there_can_be(connect, photos, output):
    (photos / "0.PNG").rename(photos / ("p" * 251 + ".PNG"))
    outcome = client_files.ask(connect(), combinations(photos / ("p" * 251 + ".PNG")), output)
    assert outcome.written == 1
    examples = combinations(texts=["ö" * 500], seeds=[-(2**31)])
    assert client_files.ask(connect("tell"), examples, output).written == 1
    assert f"{'ö' * 75}_-2147483648.text.txt" in names(output)


def test_files_of_one_stem_keep_their_suffixes(connect, photos, output):
    for name in ("1.PNG", "2.PNG"):
        (photos / name).unlink()
    (photos / "3.PNG").rename(photos / "0.jpg")
    (photos / "sub.png").mkdir()
    outcome = client_files.ask(connect(), combinations(photos), output)
    assert (outcome.written, outcome.failed) == (3, {})
    assert names(output) == ["0.PNG.png", "0.jpg.png", "4.png"]


def test_labels_go_with_the_answers_under_their_names(connect, photos, output):
    (photos / "0.json").write_text('{"gaze": 1}')
    (photos / "3.PNG").rename(photos / "0.jpg")
    (photos / "2.txt").write_text("2")
    (photos / "labels.csv").write_text('file,gaze\r\n"0.PNG",1\r\n2.PNG,2\r\n', newline="")
    (photos / "other.csv").write_text("1,2\n")
    (photos / "damaged.csv").write_bytes(b"\xff")
    outcome = client_files.ask(connect(), combinations(photos), output)
    assert (outcome.written, outcome.labels) == (4, 4)
    assert set(outcome.failed) == {str(photos / "1.PNG"), str(photos / "damaged.csv")}
    assert names(output) == [
        *("0.PNG.json", "0.PNG.png", "0.jpg.json", "0.jpg.png"),
        *("2.png", "2.txt", "4.png", "labels.csv"),
    ]
    assert (output / "0.PNG.json").read_text() == '{"gaze": 1}'
    assert (output / "labels.csv").read_bytes() == b'file,gaze\r\n"0.PNG.png",1\r\n2.png,2\r\n'


def test_seeds_to_images(connect, output):
    client_files.ask(connect("paint"), combinations(seeds=[1, 2]), output)
    assert names(output) == ["1.png", "2.png"]
    image = tf.io.decode_png((output / "2.png").read_bytes())
    np.testing.assert_array_equal(image, np.full((4, 6, 3), 2))


@pytest.mark.parametrize(
    "further, received",
    [
        ({"label": 1}, "Received: seeds, label$"),
        ({"label": 1, "code": [1, 2], "seed": 3}, "Received: seeds, label, code, seed$"),
    ],
)
def test_other_inputs_are_given_once_each(connect, output, further, received):
    with pytest.raises(InputError, match=f"takes code, label, seed; .*{received}"):
        client_files.ask(connect("add"), combinations(seeds=[1]), output, further=further)


@pytest.mark.parametrize(
    "signature, given, message",
    [
        ("nothing", {"seeds": [1]}, "the model's: .*paint, serving_default.* Received: nothing"),
        ("tell", {"seeds": [1]}, "'tell' takes seed, text; .* Received: seeds"),
        ("serving_default", {"texts": ["a"]}, "takes image_bytes; .* Received: texts"),
        ("paint", {"seeds": [1, 2, 1]}, "Received: 1 and 1, both to be called '1'"),
        ("tell", {"texts": ["a!", "A"], "seeds": [1]}, "Received: a!, 1 and A, 1, both"),
    ],
)
def test_what_cannot_be_asked(connect, output, signature, given, message):
    with pytest.raises(InputError, match=message):
        client_files.ask(connect(signature), combinations(**given), output)


def test_inputs_are_not_overwritten(connect, photos):
    with pytest.raises(InputError, match="must be another folder than the input's"):
        client_files.ask(connect(), combinations(photos), photos, overwrite=True)


def test_nothing_to_ask_for(tmp_path):
    with pytest.raises(InputError, match="must be a file or a folder. Received: .*nowhere"):
        combinations(tmp_path / "nowhere")
    with pytest.raises(InputError, match="must hold PNG or JPEG files"):
        combinations(tmp_path)


def test_an_error_of_the_server_ends_it_and_the_rest_can_be_asked_later(output):
    examples = combinations(seeds=range(5))
    with flaky_servers.over_rest([None, (503, {"error": "gone"})]) as (server, address):
        with Client(address, "m", "rest", retries=0) as client:
            outcome = client_files.ask(client, examples, output, batch_size=2)
            assert (outcome.written, outcome.failed, server.asked) == (2, {}, 2)
            assert str(outcome.ended) == "UNAVAILABLE: gone"
            outcome = client_files.ask(client, examples, output, batch_size=2)
            assert (outcome.written, outcome.kept, outcome.ended) == (3, 2, None)
    assert names(output) == [f"{seed}.npy" for seed in range(5)]


def test_an_answer_of_another_size_ends_it(output):
    with flaky_servers.over_rest([(200, {"outputs": [1]})]) as (_, address):
        with Client(address, "m", "rest") as client:
            outcome = client_files.ask(client, combinations(seeds=[1, 2]), output)
    expected = "DATA_LOSS: output seed must hold 2 answers. Received: shape (1,)"
    assert str(outcome.ended) == expected
    assert names(output) == []
