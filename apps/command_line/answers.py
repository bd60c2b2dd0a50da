"""What commands print and write of a model's answers."""

import os
import sys

from apps.command_line.start import fail
from tfgan_apps.files import write_whole


def report(outcome, folder):
    """Prints what was written and what failed, and returns the exit status.

    Args:
        outcome: `client_files.Outcome`.
        folder: str, where the answers are.
    """
    kept = f", {outcome.kept} there already" if outcome.kept else ""
    labels = f", {outcome.labels} of labels beside them" if outcome.labels else ""
    print(f"{outcome.written} written to {folder}{labels}{kept}")
    for name, error in outcome.failed.items():
        print(f"{name}: {error}", file=sys.stderr)
    if outcome.ended:
        fail(f"the rest was not asked, because of {outcome.ended}")
    return 1 if outcome.failed else 0


def tell_unknown_words(model, examples):
    """Says which words of the examples' texts a model did not learn from, if it can tell.

    Args:
        model: `client.Client` or `in_process.InProcess`.
        examples: list of `Example`.
    """
    from tfgan_apps.serving.client import client_files  # loads TensorFlow, which --help need not

    texts = sorted({example.text for example in examples if example.text})
    for text, words in client_files.unknown_words(model, texts).items():
        print(f"in no caption of the training: {words} (of {text!r})", file=sys.stderr)


def show(answers, folder):
    """Writes images as PNG files and prints their paths; prints sequences.

    Args:
        answers: iterable of (example, output's name, value), see `in_process.answers`.
        folder: str, made for the first image.
    """
    for example, name, answer in answers:
        if name == "image_bytes":
            write_image(folder, example.stem, answer)
        else:
            print(f"{example}: {line(answer)}")


def write_image(folder, stem, encoded, suffix="png"):
    """Writes an image file to a folder, and prints its path.

    Args:
        folder: str, made when absent.
        stem: str, the file's name without its suffix.
        encoded: bytes.
        suffix: str. Defaults to "png".
    """
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{stem}.{suffix}")
    write_whole(path, encoded)
    print(path)


def line(answer):
    """Returns a sequence as a line: text, or the numbers of its tokens.

    Args:
        answer: bytes, or int array (T,).
    """
    return answer.decode() if isinstance(answer, bytes) else " ".join(map(str, answer))
