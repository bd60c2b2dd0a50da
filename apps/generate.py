"""Draws from the model of a run, by seeds and, where the model takes it, by text.

  python -m apps.generate --run_dir=runs/pixelrnn_quickstart --seeds=1,2,3
  python -m apps.generate --run_dir=runs/text_to_image_quickstart --seeds=1,2,3 \\
      --text="a small red circle at the top"

Images become PNG files, the same that the exported model gives for that text and seed; sequences
are printed. From one caption to another, a sheet with a row for each seed:

  python -m apps.generate --run_dir=runs/text_to_image_quickstart --seeds=1,2,3 --steps=8 \\
      --text="a small red circle at the top" --to_text="a large blue square at the bottom"

The run's flags.txt says what the model is, so that no other flag is needed.
"""

import itertools
import os

import numpy as np
import tensorflow as tf
from absl import app, flags

from apps.command_line import run_flags, trained_run
from tfgan_apps.callbacks.captioned_grid import captioned_grid
from tfgan_apps.serving.client.examples import Example, check_names
from tfgan_apps.serving.kinds import served_model
from tfgan_apps.serving.kinds.text_to_image import TextToImage

flags.declare_key_flag("run_dir")
flags.adopt_module_key_flags(trained_run)
TEXT = flags.DEFINE_multi_string("text", [], "A text; may be given several times.")
SEEDS = flags.DEFINE_list("seeds", ["1"], "Numbers, such as 1,2,3; each with each text.")
TO_TEXT = flags.DEFINE_string("to_text", None, "Draws a sheet on the way from --text to this one.")
STEPS = flags.DEFINE_integer("steps", 8, "Columns of that sheet.", 2)
OUTPUT = flags.DEFINE_string("output", None, "Folder of the images; <run_dir>/generated if unset.")
BATCH = 16


@flags.validator("seeds", "32-bit integers are expected, such as 1,2,3")
def _are_seeds(words):
    try:
        return bool(words) and all(-(2**31) <= int(word) < 2**31 for word in words)
    except ValueError:
        return False


def check_inputs(names):
    """Raises `ValueError` unless the model takes what the flags give.

    Args:
        names: list of str, inputs of the model's `serving_default`.
    """
    if set(names) - {"text"} != {"seed"}:
        raise ValueError(
            "run_dir must be of a system that draws by seeds, or by seeds and texts. "
            f"Received: {run_flags.RUN_DIR.value}, whose model takes {', '.join(sorted(names))}"
        )
    if ("text" in names) != bool(TEXT.value):
        raise ValueError(
            "text must be given for a model that takes texts, and for no other. Received: "
            f"text={TEXT.value}, a model that takes {', '.join(sorted(names))}"
        )


def answers(serve, examples):
    """Yields what a signature with one output answers: its name, and the value for each example.

    Args:
        serve: `tf.function` of a `ServedModel`'s signature.
        examples: list of `Example`, with the same parts.
    """
    for start in range(0, len(examples), BATCH):
        parts = [example.parts for example in examples[start : start + BATCH]]
        request = {name: tf.constant([part[name] for part in parts]) for name in parts[0]}
        ((name, values),) = serve(request).items()
        yield from ((name, value) for value in values.numpy())


def write(stem, png):
    """Writes a PNG file to the folder of --output, and prints its path."""
    folder = OUTPUT.value or os.path.join(run_flags.RUN_DIR.value, "generated")
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
    for weight in np.linspace(1, 0, steps, dtype=np.float32):
        embedding = tf.repeat([weight * first + (1 - weight) * last], len(seeds), axis=0)
        inputs = {"latents": latents, "embedding": embedding}
        columns.append(served_model.call(served.generator, inputs).numpy())
    return columns


def write_interpolation(served):
    """Writes the sheet of --to_text."""
    if not isinstance(served, TextToImage) or len(TEXT.value) != 1:
        raise ValueError(
            "to_text must be given with one text, for a model that takes texts. "
            f"Received: to_text={TO_TEXT.value!r}, text={TEXT.value}"
        )
    seeds, (text,) = [int(seed) for seed in SEEDS.value], TEXT.value
    columns = interpolation(served, text, TO_TEXT.value, seeds, STEPS.value)
    captions = [f"{text} > {TO_TEXT.value}", *[""] * (len(seeds) - 1)]
    stem = Example(text=f"{text} to {TO_TEXT.value}").stem
    write(stem, tf.io.encode_png(captioned_grid(captions, columns)).numpy())


def write_answers(served):
    """Writes or prints an answer for each text and seed."""
    serve = served.signatures()["serving_default"]
    check_inputs([spec.name for spec in tf.nest.flatten(serve.input_signature)])
    pairs = itertools.product(TEXT.value or [None], map(int, SEEDS.value))
    examples = [Example(text=text, seed=seed) for text, seed in pairs]
    check_names(examples)
    for example, (name, answer) in zip(examples, answers(serve, examples), strict=True):
        if name == "image_bytes":
            write(example.stem, answer)
        else:
            print(f"{example}: {_line(answer)}")


def main(argv):
    """Draws, and prints what or where."""
    if len(argv) > 1:
        raise app.UsageError(f"flags are expected, not words. Received: {argv[1:]}")
    model, _ = trained_run.load_model()
    if TO_TEXT.value is None:
        write_answers(model.serving())
    else:
        write_interpolation(model.serving())


def run():
    """Starts the app."""
    run_flags.start(main, trained_run.parse_flags)


if __name__ == "__main__":
    run()
