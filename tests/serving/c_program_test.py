"""What is exported runs in a C program: TensorFlow's own loader, without Python."""

import re
import subprocess

import pytest
import tensorflow as tf

from tests.serving import c_program
from tests.serving.conftest import convolutional_network as convolutional
from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds.image_to_image import ImageToImage


@pytest.fixture(scope="module")
def translating(tmp_path_factory):
    """The path of an exported version that translates images."""
    served = ImageToImage({"x_to_y": convolutional(0), "y_to_x": convolutional(1)}, 16)
    return export_saved_model(served, tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def repeating(tmp_path_factory):
    """The path of a SavedModel whose output `text_bytes` is text and seed; `length` is a number."""
    specs = [tf.TensorSpec([None], tf.string, "text"), tf.TensorSpec([None], tf.int32, "seed")]

    @tf.function(input_signature=specs)
    def repeat(text, seed):
        both = tf.strings.join([text, tf.strings.as_string(seed)], ":")
        return {"text_bytes": both, "length": tf.strings.length(both)}

    path = tmp_path_factory.mktemp("models") / "repeating"
    tf.saved_model.save(tf.Module(), path, signatures=repeat)
    return path


@pytest.mark.parametrize("signature", ["serving_default", "y_to_x"])
def test_the_same_png_as_python_to_the_byte(program, translating, picture, tmp_path, signature):
    files = [
        tf.io.encode_png(picture(24, 20, seed=1)).numpy(),
        tf.io.encode_jpeg(picture(32, 32, seed=2)).numpy(),
    ]
    function = tf.saved_model.load(translating).signatures[signature]
    expected = function(image_bytes=tf.constant(files))["image_bytes"].numpy().tolist()
    assert tf.io.decode_png(expected[0]).shape == (24, 20, 3)
    assert c_program.run(program, translating, signature, {"image_bytes": files}) == expected
    paths = [tmp_path / "one.png", tmp_path / "two.jpg"]
    for path, file in zip(paths, files, strict=True):
        path.write_bytes(file)
    assert c_program.run(program, translating, signature, {"image_bytes": paths}) == expected


def test_an_empty_batch(program, translating):
    assert c_program.run(program, translating, "serving_default", {"image_bytes": []}) == []


def test_a_truncated_png_is_an_invalid_argument(program, translating, picture):
    file = tf.io.encode_png(picture(24, 20)).numpy()
    inputs = {"image_bytes": [file, file[:-40]]}
    with pytest.raises(RuntimeError, match=r"(?s)exit code 1:.*run_saved_model: run: error 3: "):
        c_program.run(program, translating, "serving_default", inputs)


def test_text_and_seeds(program, repeating):
    inputs = {"text": ["grün", "--files"], "seed": [-(2**31), 2**31 - 1]}
    answer = c_program.run(program, repeating, "serving_default", inputs, "text_bytes")
    assert answer == ["grün:-2147483648".encode(), b"--files:2147483647"]


def test_vectors(program, tmp_path):
    spec = tf.TensorSpec([None, 2], tf.float32, "code")
    module = tf.Module()
    module.double = tf.function(lambda code: {"twice": 2 * code}, input_signature=[spec])
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.double})
    asked = {"code": [[0.1, -2.0], [1e-30, 3.0]]}
    found = c_program.run(program, tmp_path, "serving_default", asked)
    assert found == [(2 * tf.constant(row)).numpy().tobytes() for row in asked["code"]]


def test_sets_of_files(program, tmp_path):
    spec = tf.TensorSpec([None, None], tf.string, "files")
    module = tf.Module()
    join = lambda files: {"joined": tf.strings.reduce_join(files, 1)}  # noqa: E731
    module.join = tf.function(join, input_signature=[spec])
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.join})
    asked = {"files": [[b"a\n", b"\0b"], [b"c", b""]]}
    assert c_program.run(program, tmp_path, "serving_default", asked) == [b"a\n\0b", b"c"]


def test_numbers_are_written_as_they_are_in_memory(program, repeating):
    inputs = {"text": ["a", "bcd"], "seed": [1, 2]}
    found = c_program.run(program, repeating, "serving_default", inputs, "length")
    expected = tf.saved_model.load(str(repeating)).signatures["serving_default"]
    expected = expected(text=tf.constant(["a", "bcd"]), seed=tf.constant([1, 2]))["length"]
    assert found == [row.tobytes() for row in expected.numpy()]


OUTPUT = "PartitionedCall:1"


@pytest.mark.parametrize(
    "words, message",
    [
        ([], "usage: run_saved_model DIRECTORY"),
        (["nowhere", ".", OUTPUT], "nowhere: error 5: Could not find SavedModel"),
        (["{model}", ".", "nothing:0"], "the graph holds no operation 'nothing'"),
        (["{model}", ".", "PartitionedCall"], "a tensor's name, operation:index"),
        (["{model}", ".", "PartitionedCall:9"], "from 0 to 1 was expected. Received: 9"),
        (["{model}", ".", OUTPUT, "text"], "an input is a kind, a tensor, a count and values"),
        (["{model}", ".", OUTPUT, "text", "{seed}", "2", "a"], "from 0 to 1 was .* Received: 2"),
        (
            ["{model}", ".", OUTPUT, "float", "{seed}", "0"],
            "int32, numbers, vectors or sets was",
        ),
        (["{model}", ".", OUTPUT, "int32", "{seed}", "1", "2x"], "Received: 2x"),
        (["{model}", ".", OUTPUT, "int32", "{seed}", "1", "2147483648"], "from -2147483648 to"),
        (
            ["{model}", ".", OUTPUT, "vectors", "{seed}", "2", "1,2", "1"],
            "2 numbers .* Received: 1",
        ),
        (["{model}", ".", OUTPUT, "files", "{seed}", "1", "none.png"], "none.png: No such file"),
        (["{model}", ".", OUTPUT, "text", "{seed}", "1", "a"], "run: error 3: "),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_code_1(program, repeating, words, message, tmp_path):
    names = {"model": repeating, "seed": "serving_default_seed:0"}
    command = [program, *(word.format(**names) for word in words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("run_saved_model: ")]
    assert re.search(message, line)


def test_memory_is_neither_leaked_nor_misused(program, translating, repeating, picture, tmp_path):
    """What the compiler's sanitizers find ends the program with an exit code that is not 0."""
    try:
        checked = c_program.compile_program(tmp_path, "-g", "-fsanitize=address,undefined")
    except subprocess.CalledProcessError:
        pytest.skip("the C compiler of this machine has no sanitizers")
    inputs = {"image_bytes": [tf.io.encode_png(picture(24, 20)).numpy()] * 3}
    assert len(c_program.run(checked, translating, "serving_default", inputs)) == 3
    inputs = {"text": ["x" * 100] * 2, "seed": [1, 2]}
    assert len(c_program.run(checked, repeating, "serving_default", inputs, "text_bytes")) == 2
