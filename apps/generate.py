"""Draws from the model of a run, by seeds and, where the model takes it, by text.

  python -m apps.generate --run_dir=runs/pixelrnn_quickstart --seeds=1,2,3
  python -m apps.generate --run_dir=runs/text_to_image_quickstart --seeds=1,2,3 \\
      --text="a small red circle at the top"

Images become PNG files, the same that the exported model gives for that text and seed; sequences
are printed. From one caption to another, a sheet with a row for each seed:

  python -m apps.generate --run_dir=runs/text_to_image_quickstart --seeds=1,2,3 --steps=8 \\
      --text="a small red circle at the top" --to_text="a large blue square at the bottom"

The run says what its model is: neither its flags nor its training data are needed.
"""

import os

import tensorflow as tf

from apps.command_line import quiet_tensorflow  # noqa: F401, I001  (before what loads TensorFlow)
from apps.command_line.start import start
from tfgan_apps.arguments import check, check_integers
from tfgan_apps.files import write_whole
from tfgan_apps.run_directory import RunDirectory, which_checkpoint
from tfgan_apps.serving.client import in_process
from tfgan_apps.serving.client.examples import Example, check_names, check_seeds, combinations
from tfgan_apps.serving.kinds.text_to_image import TextToImage
from tfgan_apps.sheets import captioned_grid


def main(
    run_dir: str,
    checkpoint: str = "latest",
    text: list[str] = (),
    seeds: tuple[int, ...] = (1,),
    to_text: str | None = None,
    steps: int = 8,
    output: str | None = None,
    safe_mode: bool = True,
):
    """Draws, and prints what or where.

    Args:
        run_dir: directory of the run.
        checkpoint: of the run: latest, best (by its held-out metric), or a step.
        text: a text; may be given several times.
        seeds: numbers, such as 1,2,3; each with each text.
        to_text: draws a sheet on the way from --text to this one.
        steps: columns of that sheet, at least 2.
        output: folder of the images; <run_dir>/generated if not given.
        safe_mode: refuse a run whose model holds a program, such as a SavedModel.
    """
    check_integers(2, steps=steps)
    check(len(seeds) > 0, "numbers, such as 1,2,3", seeds=seeds)
    check_seeds(seeds)
    model, _ = RunDirectory(run_dir).load(which_checkpoint(checkpoint), safe_mode)
    served, folder = model.serving(), output or os.path.join(run_dir, "generated")
    if to_text is None:
        _write_answers(served, text, seeds, folder)
    else:
        _write_interpolation(served, text, to_text, seeds, steps, folder)


def _check_inputs(names, text):
    """Raises `ValueError` unless the inputs of the model are what the flags give."""
    if set(names) - {"text"} != {"seed"}:
        raise ValueError(
            "run_dir must be of a system that draws by seeds, or by seeds and texts. "
            f"Received: a run whose model takes {', '.join(sorted(names))}"
        )
    if ("text" in names) != bool(text):
        raise ValueError(
            "text must be given for a model that takes texts, and for no other. Received: "
            f"text={text}, a model that takes {', '.join(sorted(names))}"
        )


def _write(folder, stem, png):
    """Writes a PNG file to a folder, and prints its path."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{stem}.png")
    write_whole(path, png)
    print(path)


def _write_interpolation(served, text, to_text, seeds, steps, folder):
    """Writes the sheet of --to_text."""
    if not isinstance(served, TextToImage) or len(text) != 1:
        raise ValueError(
            "to_text must be given with one text, for a model that takes texts. "
            f"Received: to_text={to_text!r}, text={text}"
        )
    columns = served.interpolation(text[0], to_text, seeds, steps)
    captions = [f"{text[0]} > {to_text}", *[""] * (len(seeds) - 1)]
    stem = Example(text=f"{text[0]} to {to_text}").stem
    _write(folder, stem, tf.io.encode_png(captioned_grid(captions, columns)).numpy())


def _write_answers(served, text, seeds, folder):
    """Writes or prints an answer for each text and seed."""
    serve = served.signatures()["serving_default"]
    _check_inputs([spec.name for spec in tf.nest.flatten(serve.input_signature)], text)
    examples = combinations(texts=text, seeds=seeds)
    check_names(examples)
    for example, name, answer in in_process.answers(serve, examples):
        if name == "image_bytes":
            _write(folder, example.stem, answer)
        else:
            print(f"{example}: {in_process.line(answer)}")


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
