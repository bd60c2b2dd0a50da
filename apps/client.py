"""Asks a served model, of TensorFlow Serving or of apps.serve, and writes what it answers to files.

Each file, text or seed becomes an example; given together they are combined, each with each. The
answers are named after them: photo.jpg gives photo.png, seed 3 of "A red house" a-red-house_3.png,
with the name of the output where there are several. Texts become .txt, numbers .npy files. A file
that exists is kept: the same command again goes on where an interrupted one ended. Of a folder,
the files of its subfolders are not asked; beside a.png, a.jpg gives a.jpg.png.

What else a signature takes is --set, to one value for all examples. The answers' names do not tell
it: give another --output for another value.

Example:
  python -m apps.client --model=horse2zebra --input=photos --output=zebras
  python -m apps.client --model=horse2zebra --signature=y_to_x --input=zebra.jpg --output=horses
  python -m apps.client --model=digits --seeds=1,2,3 --output=digits --protocol=rest
  python -m apps.client --model=birds --text="a small red bird" --seeds=1,2 --output=birds
  python -m apps.client --model=shoes --seeds=1,2 --set label=7 --set code=[0.5,-1] --output=shoes
  python -m apps.client --model=digits --signature=complete --input=digit.png --seeds=1,2 \\
    --set known_rows=14 --output=completed

The exit status is 1 when an example failed; the others are written all the same.
"""

import json
import os
import sys

from absl import app, flags

_SERVER = flags.DEFINE_string(
    "server",
    None,
    "host:port, or a URL for REST; localhost:8500 for gRPC, :8501 for REST if unset.",
)
_PROTOCOL = flags.DEFINE_enum("protocol", "grpc", ["grpc", "rest"], "How the server is asked.")
_MODEL = flags.DEFINE_string("model", None, "The model's name on the server.", required=True)
_VERSION = flags.DEFINE_integer("version", None, "Of the model; the latest if unset.", 0)
_LABEL = flags.DEFINE_string("label", None, "Of the version, instead of its number.")
_SIGNATURE = flags.DEFINE_string("signature", "serving_default", "Which of the model's signatures.")
_INPUT = flags.DEFINE_string(
    "input", None, "An image file, or a folder of PNG and JPEG files, without its subfolders."
)
_TEXT = flags.DEFINE_multi_string("text", [], "A text; may be given several times.")
_SEEDS = flags.DEFINE_list("seeds", [], "Numbers, such as 1,2,3.")
_SET = flags.DEFINE_multi_string(
    "set",
    [],
    "name=value of another input of the signature, such as label=3 or code=[0.5, -1]: JSON, the "
    "same for all examples; may be given several times.",
)
_OUTPUT = flags.DEFINE_string("output", None, "The folder to write to.", required=True)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 8, "Examples in a request, at most.", 1)
_DEADLINE = flags.DEFINE_float("deadline", 60.0, "Seconds that a request may take.", 0.001)
_OVERWRITE = flags.DEFINE_bool("overwrite", False, "Write files that exist anew.")


@flags.multi_flags_validator(["version", "label"], "give --version or --label, not both")
def _one_version(values):
    return values["version"] is None or values["label"] is None


@flags.validator("seeds", "32-bit integers are expected, such as 1,2,3")
def _are_seeds(words):
    try:
        return all(-(2**31) <= int(word) < 2**31 for word in words)
    except ValueError:
        return False


def _settings(words):
    """Returns input's name -> value."""
    pairs = (word.split("=", 1) for word in words)
    return {name: json.loads(value) for name, value in pairs}


@flags.validator("set", "name=value is expected, each name once, with a value in JSON")
def _are_settings(words):
    try:
        return len(_settings(words)) == len(words)
    except ValueError:
        return False


@flags.validator("output", "a folder is expected, and this is none")
def _can_be_a_folder(path):
    return path is None or os.path.isdir(path) or not os.path.lexists(path)


def main(argv):
    """Returns 0 when every example was answered, else 1."""
    if len(argv) > 1:
        raise app.UsageError(f"Flags begin with --. Received: {' '.join(argv[1:])}")
    if not (_INPUT.value or _TEXT.value or _SEEDS.value or _SET.value):
        raise app.UsageError("give --input, --text, --seeds or --set")
    try:
        # Imported late: --help need not load TensorFlow.
        from tfgan_apps.serving.client import client_files
        from tfgan_apps.serving.client.client import Client, ServingError
    except ModuleNotFoundError as error:
        return _fail(f"{error}. The client needs: pip install 'tfgan_apps[serving]'")
    server = _SERVER.value or {"grpc": "localhost:8500", "rest": "localhost:8501"}[_PROTOCOL.value]
    try:
        seeds = [int(seed) for seed in _SEEDS.value]
        examples = client_files.examples(_INPUT.value, _TEXT.value, seeds)
        with Client(
            server,
            _MODEL.value,
            _PROTOCOL.value,
            _VERSION.value,
            _LABEL.value,
            _SIGNATURE.value,
            _DEADLINE.value,
            report=lambda message: print(message, file=sys.stderr),
        ) as client:
            outcome = client_files.ask(
                client,
                examples,
                _OUTPUT.value,
                _BATCH_SIZE.value,
                _OVERWRITE.value,
                _settings(_SET.value),
            )
    except (ValueError, ServingError, OSError) as error:
        return _fail(error)
    except KeyboardInterrupt:
        return _fail("interrupted")
    return _report(outcome)


def _report(outcome):
    kept = f", {outcome.kept} there already" if outcome.kept else ""
    print(f"{outcome.written} written to {_OUTPUT.value}{kept}")
    for name, error in outcome.failed.items():
        print(f"{name}: {error}", file=sys.stderr)
    if outcome.ended:
        return _fail(f"the rest was not asked, because of {outcome.ended}")
    return 1 if outcome.failed else 0


def _fail(message):
    print(f"error: {message}", file=sys.stderr)
    return 1


def run():
    """Starts the app."""
    app.run(main)


if __name__ == "__main__":
    run()
