"""Asks a served model, of TensorFlow Serving or of apps.serve, and writes what it answers to files.

Each file, text or seed becomes an example; given together they are combined, each with each. The
answers are named after them: photo.jpg gives photo.png, seed 3 of "A red house" a-red-house_3.png,
with the name of the output where there are several. Texts become .txt, numbers .npy files. A file
that exists is kept: the same command again goes on where an interrupted one ended. Of a folder,
the files of its subfolders are not asked; beside a.png, a.jpg gives a.jpg.png.

What else a signature takes is --set, to one value for all examples. The answers' names tell neither
it nor the --fit: give another --output for another value.

Example:
  python -m apps.client --model=horse2zebra --input=photos --output=zebras
  python -m apps.client --model=horse2zebra --signature=y_to_x --input=zebra.jpg --output=horses
  python -m apps.client --model=digits --seeds=1,2,3 --output=digits --protocol=rest
  python -m apps.client --model=birds --text="a small red bird" --seeds=1,2 --output=birds
  python -m apps.client --model=shoes --seeds=1,2 --set label=7 --set code=[0.5,-1] --output=shoes
  python -m apps.client --model=streets --input=masks --seeds=1,2 --output=painted
  python -m apps.client --model=streets --signature=styled --input=masks \\
      --set image_bytes=@evening.jpg --output=evenings
  python -m apps.client --model=winters --signature=reference --input=photos \\
      --reference=snow.jpg --output=snowy
  python -m apps.client --model=digits --signature=complete --input=digit.png --seeds=1,2 \\
    --set known_rows=14 --output=completed

The exit status is 1 when an example failed; the others are written all the same.
"""

import os
import sys
from typing import Literal

from apps.command_line.answers import report, tell_unknown_words
from apps.command_line.start import fail, start
from tfgan_apps.arguments import check
from tfgan_apps.serving.client.examples import Fit, check_seeds, combinations, settings


def main(
    model: str,
    output: str,
    server: str | None = None,
    protocol: Literal["grpc", "rest"] = "grpc",
    version: int | None = None,
    label: str | None = None,
    signature: str = "serving_default",
    input: str | None = None,
    fit: Fit = "training",
    text: list[str] = (),
    seeds: tuple[int, ...] = (),
    reference: list[str] = (),
    set: list[str] = (),
    batch_size: int = 8,
    deadline: float = 60.0,
    overwrite: bool = False,
):
    """Returns 0 when every example was answered, else 1.

    Args:
        model: the model's name on the server.
        output: the folder to write to.
        server: host:port, or a URL for REST; localhost:8500 for gRPC, :8501 for REST if not given.
        protocol: how the server is asked.
        version: of the model; the latest if not given.
        label: of the version, instead of its number.
        signature: which of the model's signatures.
        input: an image file, or a folder of PNG and JPEG files, without its subfolders.
        fit: how a picture becomes one that the network can take: as many pixels as in training,
            its original size, or padded to a square; the answer has its size in any case.
        text: a text; may be given several times.
        seeds: numbers, such as 1,2,3.
        reference: a picture whose style, or class, the answers get; repeatable, for several.
        set: name=value of another input of the signature, such as label=3 or code=[0.5, -1]: JSON,
            a file, image_bytes=@style.jpg, or files, reference_bytes=@a.jpg,@b.jpg; the same for
            all examples; may be given several times.
        batch_size: examples in a request, at most.
        deadline: seconds that a request may take.
        overwrite: whether files that exist are written anew.
    """
    references = ",".join(f"@{path}" for path in reference)
    further = settings([*set, *[f"reference_bytes={references}"] * bool(reference)])
    check_seeds(seeds)
    _check(output, version, label, batch_size, deadline)
    check(bool(input or text or seeds or set), "given, or --text, --seeds or --set", input=input)
    try:
        # Imported late: --help need not load TensorFlow.
        from tfgan_apps import quiet_tensorflow  # noqa: F401
        from tfgan_apps.serving.client import Client, ServingError, client_files
    except ModuleNotFoundError as error:
        fail(f"{error}. The client needs: pip install 'tfgan_apps[serving]'")
    server = server or {"grpc": "localhost:8500", "rest": "localhost:8501"}[protocol]
    try:
        examples = combinations(input, text, list(seeds))
        place = (server, model, protocol, version, label, signature, deadline)
        with Client(*place, report=lambda message: print(message, file=sys.stderr)) as client:
            ask = (client, examples, output, batch_size, overwrite, further, fit)
            outcome = client_files.ask(*ask)
            tell_unknown_words(client, examples)
    except (ValueError, ServingError, OSError) as error:
        fail(error)
    except KeyboardInterrupt:
        fail("interrupted")
    return report(outcome, output)


def _check(output, version, label, batch_size, deadline):
    check(os.path.isdir(output) or not os.path.lexists(output), "a folder", output=output)
    check(version is None or label is None, "left out with --version", label=label)
    check(version is None or version >= 0, ">= 0", version=version)
    check(batch_size >= 1, ">= 1", batch_size=batch_size)
    check(deadline > 0, "> 0", deadline=deadline)


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
