"""Makes pictures of a SinGAN run: samples, paintings, edits, larger pictures and moving ones.

  python -m apps.manipulate --run_dir=runs/singan_quickstart --mode=samples --width=96

Other pictures of the kind, of any size:
  python -m apps.manipulate --run_dir=runs/photo --mode=samples --seeds=1,2 --width=400
A painting, or a collage, made like the training picture; without --start_scale from each scale:
  python -m apps.manipulate --run_dir=runs/photo --mode=paint --input=painting.png --start_scale=1
A thing pasted into the training picture, or a part of it moved, where the mask is light:
  python -m apps.manipulate --run_dir=runs/photo --mode=harmonize --input=pasted.png --mask=mask.png
  python -m apps.manipulate --run_dir=runs/photo --mode=edit --input=edited.png --mask=mask.png
The training picture, four times as large (of a run by super_resolution.flags), and moving, a GIF
(of a run by animation.flags):
  python -m apps.manipulate --run_dir=runs/small --mode=super_resolution --factor=4
  python -m apps.manipulate --run_dir=runs/fire --mode=animate --start_scale=2
"""

from typing import Literal

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
import os

from apps.command_line import manipulating
from apps.command_line.start import start
from tfgan_apps.arguments import check
from tfgan_apps.models import SinGAN
from tfgan_apps.run_directory import RunDirectory, which_checkpoint

MODES = manipulating.MODES


def main(
    run_dir: str,
    mode: Literal[MODES],
    input: str | None = None,
    mask: str | None = None,
    start_scale: int | None = None,
    seeds: tuple[int, ...] = (1,),
    height: int = 0,
    width: int = 0,
    dilation: int | None = None,
    factor: float = 4.0,
    frames: int = 100,
    pull: float = 0.1,
    momentum: float = 0.9,
    checkpoint: str = "latest",
    output: str | None = None,
    safe_mode: bool = True,
):
    """Writes PNG files, or a GIF, and says where.

    Args:
        run_dir: directory of a SinGAN run.
        mode: what is made: samples; paint, a picture in the manner of the training picture;
            harmonize or edit, the same of what a mask shows, inside of the training picture;
            super_resolution, the training picture with more pixels; animate, it in motion.
        input: an image file, of paint, harmonize and edit; it is resized to the training picture.
        mask: an image file, of harmonize and edit: light where the picture is to change.
        start_scale: from which on details are made anew, 0 the coarsest; of samples 0, of animate 2
            and of the others each one in turn, if not given.
        seeds: numbers, such as 1,2,3; a picture each.
        height: of samples, in pixels; 0: that of the training picture.
        width: of samples, in pixels; 0: that of the training picture.
        dilation: pixels that the mask grows by; 7 of harmonize and 20 of edit, if not given.
        factor: by which sides grow in super_resolution, more than 1.
        frames: of animate, ten a second.
        pull: of animate, towards the training picture, in [0, 1).
        momentum: of animate's steps, in [0, 1): how smoothly it moves.
        checkpoint: of the run: latest, best (by its held-out metric), or a step.
        output: folder of what is made; <run_dir>/manipulated if not given.
        safe_mode: refuse a run whose model holds a program, such as a SavedModel.
    """
    asked = dict(locals())
    manipulating.check_files(mode, input=input, mask=mask)
    model, _ = RunDirectory(run_dir).load(which_checkpoint(checkpoint), safe_mode)
    check(isinstance(model, SinGAN), "that of a SinGAN", run_dir=run_dir)
    manipulating.make(model, asked, output or os.path.join(run_dir, "manipulated"))


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
