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

import itertools
import os

import tensorflow as tf

from apps.command_line import quiet_tensorflow  # noqa: F401, I001  (before what loads TensorFlow)
from apps.command_line.start import start
from tfgan_apps.arguments import check, check_integers
from tfgan_apps.run_directory import RunDirectory, which_checkpoint
from tfgan_apps.serving.client.examples import Example, check_names
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.text_to_image import TextToImage
from tfgan_apps.sheets import between, captioned_grid

BATCH = 16


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
    fits = seeds and all(-(2**31) <= seed < 2**31 for seed in seeds)
    check(fits, "32-bit integers, such as 1,2,3", seeds=seeds)
    model, _ = RunDirectory(run_dir).load(which_checkpoint(checkpoint), safe_mode)
    served, folder = model.serving(), output or os.path.join(run_dir, "generated")
    if to_text is None:
        write_answers(served, text, seeds, folder)
    else:
        write_interpolation(served, text, to_text, seeds, steps, folder)


def check_inputs(names, text):
    """Raises `ValueError` unless the model takes what the flags give.

    Args:
        names: list of str, inputs of the model's `serving_default`.
        text: list of str.
    """
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


def answers(serve, examples):
    """Yields what a signature with one output answers: its name, and the value for each example.

    Args:
        serve: `tf.function` of a `ServedModel`'s signature.
        examples: list of `Example`, with the same parts.
    """
    for first in range(0, len(examples), BATCH):
        parts = [example.parts for example in examples[first : first + BATCH]]
        request = {name: tf.constant([part[name] for part in parts]) for name in parts[0]}
        ((name, values),) = serve(request).items()
        yield from ((name, value) for value in values.numpy())


def write(folder, stem, png):
    """Writes a PNG file to a folder, and prints its path."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{stem}.png")
    with open(path, "wb") as file:
        file.write(png)
    print(path)


def _line(answer):
    """Returns a sequence as a line: text, or the numbers of its tokens."""
    return answer.decode() if isinstance(answer, bytes) else " ".join(map(str, answer))


def interpolation(served, text, to_text, seeds, steps):
    """Returns images on the way between captions: for each step float32 (seeds, H, W, C).

    Args:
        served: `TextToImage`.
        text, to_text: str; the first step is drawn from the one, the last from the other.
        seeds: list of int; all steps of a seed have the same noise.
        steps: int >= 2.
    """
    shape = served.generator.input["latents"].shape[1:]
    latents = served_model.normal(tf.constant(seeds), shape)
    first, last = served.encoder(tf.constant([text, to_text]), training=False)
    columns = []
    for embedding in between(first, last, steps):
        inputs = {"latents": latents, "embedding": tf.repeat(embedding[None], len(seeds), axis=0)}
        columns.append(served_model.call(served.generator, inputs).numpy())
    return columns


def write_interpolation(served, text, to_text, seeds, steps, folder):
    """Writes the sheet of --to_text."""
    if not isinstance(served, TextToImage) or len(text) != 1:
        raise ValueError(
            "to_text must be given with one text, for a model that takes texts. "
            f"Received: to_text={to_text!r}, text={text}"
        )
    columns = interpolation(served, text[0], to_text, seeds, steps)
    captions = [f"{text[0]} > {to_text}", *[""] * (len(seeds) - 1)]
    stem = Example(text=f"{text[0]} to {to_text}").stem
    write(folder, stem, tf.io.encode_png(captioned_grid(captions, columns)).numpy())


def write_answers(served, text, seeds, folder):
    """Writes or prints an answer for each text and seed."""
    serve = served.signatures()["serving_default"]
    check_inputs([spec.name for spec in tf.nest.flatten(serve.input_signature)], text)
    examples = [Example(text=t, seed=s) for t, s in itertools.product(text or [None], seeds)]
    check_names(examples)
    for example, (name, answer) in zip(examples, answers(serve, examples), strict=True):
        if name == "image_bytes":
            write(folder, example.stem, answer)
        else:
            print(f"{example}: {_line(answer)}")


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
