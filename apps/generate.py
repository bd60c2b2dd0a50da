"""Asks the model of a run, or a SavedModel, without a server.

Pictures are translated, and masks painted, one or a folder; what is written already is kept:
  python -m apps.generate --run_dir=runs/quickstart --input=photos --output=translated
  python -m apps.generate --saved_model=saved_models/cyclegan_scenes --signature=y_to_x \\
      --input=photo.jpg --output=translated

Labels (photo.json, .csv, .txt, .xml, a table such as labels.csv) are put beside the answers.

Other models draw, by seeds and texts. Images become PNG files, sequences are printed:
  python -m apps.generate --run_dir=runs/pixelrnn_quickstart --seeds=1,2,3
  python -m apps.generate --run_dir=runs/text_to_image_quickstart --seeds=1,2,3 \\
      --text="a small red circle at the top"

From one caption to another, a sheet with a row for each seed:
  python -m apps.generate --run_dir=runs/text_to_image_quickstart --seeds=1,2,3 --steps=8 \\
      --text="a small red circle at the top" --to_text="a large blue square at the bottom"

Of a run with classes, a code or domains, a sheet with a column for each, by seeds or by pictures:
  python -m apps.generate --run_dir=runs/cgan_quickstart --seeds=1,2,3 --labels=0,1,2,3
  python -m apps.generate --run_dir=runs/dcgan_quickstart --seeds=1,2,3 --interpolate
  python -m apps.generate --run_dir=runs/stargan_quickstart --input=photos --labels=0,1

The run knows its model, and gives what its export gives; neither flags nor data are needed.
"""

import os

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
from apps.command_line.answers import report, show, tell_unknown_words
from apps.command_line.drawn_sheets import write_domains, write_interpolation, write_sheet
from apps.command_line.start import start
from tfgan_apps.arguments import check, check_integers
from tfgan_apps.run_directory import RunDirectory, which_checkpoint
from tfgan_apps.serving.client import client_files, in_process
from tfgan_apps.serving.client.examples import Fit, check_names, check_seeds, combinations, settings
from tfgan_apps.serving.client.in_process import InProcess


def main(
    run_dir: str | None = None,
    saved_model: str | None = None,
    checkpoint: str = "latest",
    signature: str = "serving_default",
    input: str | None = None,
    fit: Fit = "training",
    text: list[str] = (),
    seeds: tuple[int, ...] = (),
    set: list[str] = (),
    to_text: str | None = None,
    labels: tuple[int, ...] = (),
    codes: list[str] = (),
    interpolate: bool = False,
    truncation: float = 0.0,
    steps: int = 8,
    output: str | None = None,
    overwrite: bool = False,
    safe_mode: bool = True,
):
    """Returns 0 when everything was answered, else 1.

    Args:
        run_dir: directory of the run.
        saved_model: an export instead, <name> or a version in it, from people you trust: a program.
        checkpoint: of the run: latest, best (by its held-out metric), or a step.
        signature: which of the model's signatures, such as y_to_x.
        input: an image file, or a folder of PNG and JPEG files, without its subfolders.
        fit: how a picture becomes one that the network can take: as many pixels as in training,
            its original size, or padded to a square; the answer has its size in any case.
        text: a text; may be given several times.
        seeds: numbers, such as 1,2,3; each with each text; 1 if not given.
        set: name=value of another input, for all: JSON, @file or @file,@file; repeatable.
        to_text: draws a sheet on the way from --text to this one.
        labels: draws a sheet with a column for each of these classes or domains, such as 0,1,2.
        codes: draws a sheet with a column for each of these codes, such as 1,0,0.5; repeatable.
        interpolate: draws a sheet on the way from each seed to the next one, and a GIF of it.
        truncation: how far latents may be from 0, or from the mean style; 0: any distance.
        steps: columns on a way, at least 2.
        output: folder of the images; <run_dir>/generated if not given.
        overwrite: whether translations that exist are written anew.
        safe_mode: refuse a run whose model holds a program, such as a SavedModel.
    """
    check_integers(2, steps=steps)
    check_seeds(seeds)
    check((run_dir is None) != (saved_model is None), "given, or --saved_model", run_dir=run_dir)
    check(bool(run_dir or output), "given with --saved_model", output=output)
    check(bool(input) or fit == "training", "left out without --input", fit=fit)
    served, folder = None, output or os.path.join(run_dir, "generated")
    if run_dir:
        served = RunDirectory(run_dir).load(which_checkpoint(checkpoint), safe_mode)[0].serving()
    if to_text is not None:
        return write_interpolation(served, text, to_text, seeds or (1,), steps, folder)
    if labels and input:
        return write_domains(served, input, labels, folder)
    if labels or codes or interpolate:
        numbers = labels, codes, steps * interpolate, truncation
        return write_sheet(served, seeds or (1,), *numbers, folder)
    model = InProcess(served.signatures() if served else in_process.load(saved_model), signature)
    asked = client_files.signature_of(model)
    examples = combinations(input, text, seeds or (1,) * ("seed" in asked.inputs))
    further = {"truncation": truncation} if truncation or "truncation" in asked.inputs else {}
    further |= settings(set)
    if input or further:
        return report(client_files.ask(model, examples, folder, 1, overwrite, further, fit), folder)
    client_files.inputs_of(signature, asked, examples[0].parts)
    check_names(examples)
    show(in_process.answers(model, examples), folder)
    tell_unknown_words(model, examples)
    return 0


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
