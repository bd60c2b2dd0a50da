"""Projects pictures: looks for the styles and the noise with which a run draws them.

  python -m apps.project --run_dir=runs/stylegan2_quickstart --input=photo.jpg --features=vgg19

--input is a picture, or a folder of them; each is cropped to a square at its middle, and resized.
--features=vgg19 compares as people do; its weights are a local file, and without it the command
says which, and from where. A classifier of your own data (see docs/evaluation.md), path.keras, does
too.

What is found is written to --output: <name>.png, the picture as the run draws it, <name>.npz, its
`styles` and `noise`, and sheet.png, each picture beside what was found. The signature `styles` of
an export draws `styles` with the fixed noise.
"""

import os

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
from apps.command_line.evaluating import Progress
from apps.command_line.projecting import squares, write, write_sheet
from apps.command_line.start import start
from tfgan_apps.arguments import check
from tfgan_apps.metrics.features.feature_maps import named_maps
from tfgan_apps.projection import project
from tfgan_apps.run_directory import RunDirectory, which_checkpoint


def main(
    run_dir: str,
    input: str,
    features: str = "vgg19",
    weights: str | None = None,
    checkpoint: str = "latest",
    label: int | None = None,
    steps: int = 1000,
    learning_rate: float = 0.1,
    noise_weight: float = 1e5,
    seed: int = 0,
    output: str | None = None,
    safe_mode: bool = True,
):
    """Projects, and says how near each picture came.

    Args:
        run_dir: directory of the run of a system with styles: StyleGAN, StyleGAN2 or StyleGAN3.
        input: an image file, or a folder of them.
        features: in whose features pictures are compared: vgg19, or a classifier, path.keras.
        weights: file of VGG19's weights; what lies in ~/.cache/tfgan_apps if not given.
        checkpoint: of the run: latest, best (by its held-out metric), or a step.
        label: class of the pictures, for a run with classes.
        steps: of the search; 1,000 are the authors'.
        learning_rate: of the search's Adam, at its largest.
        noise_weight: of how much noise is like itself next to it.
        seed: of all draws.
        output: folder of what is found; <run_dir>/projected if not given.
        safe_mode: refuse a run whose model holds a program, such as a SavedModel.
    """
    maps = named_maps(features, weights)
    model, _ = RunDirectory(run_dir).load(which_checkpoint(checkpoint), safe_mode)
    check(hasattr(model, "noise_sides"), "that of a system with styles", run_dir=run_dir)
    shape = model.serving().synthesis.output.shape[1:]
    numbers = {"steps": steps, "learning_rate": learning_rate, "noise_weight": noise_weight}
    folder = output or os.path.join(run_dir, "projected")
    images, found = [], []
    for stem, image in squares(input, shape):
        images.append(image)
        numbers["progress"] = Progress(stem, "steps")
        found.append(project(model, image, maps, label=label, seed=seed, **numbers))
        write(folder, stem, found[-1])
    write_sheet(folder, images, found)


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
