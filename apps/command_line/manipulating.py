"""What the manipulate command makes: pictures of each mode, as files."""

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
import pathlib

import tensorflow as tf

from apps.command_line.answers import write_image
from apps.command_line.drawn_sheets import gif
from tfgan_apps.arguments import check
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.manipulation import animated, growth_of, super_resolved
from tfgan_apps.serving.client.in_process import InProcess
from tfgan_apps.serving.kinds import pixels

DILATIONS = {"harmonize": 7, "edit": 20}
EDITS = ("paint", *DILATIONS)
MODES = ("samples", *EDITS, "super_resolution", "animate")
_FRAME = 100  # milliseconds
_NEAR = 0.05  # of a run's ratio to the wanted one


def check_files(mode, **files):
    """Checks that the files of a mode are given, and no others.

    Args:
        mode: str, one of `MODES`.
        **files: input and mask, the path of each, or None.

    Raises:
        ValueError: one is missing, or of another mode.
    """
    for name, modes in (("input", EDITS), ("mask", tuple(DILATIONS))):
        expected = f"given with mode={mode}" if mode in modes else f"left out with mode={mode}"
        check((files[name] is None) != (mode in modes), expected, **{name: files[name]})


def make(model, asked, folder):
    """Writes what is asked for, and prints the paths.

    Args:
        model: `SinGAN`.
        asked: dict, the arguments of the command.
        folder: str, made when absent.

    Raises:
        ValueError: an argument is out of its range.
        DataError: a file cannot be read.
    """
    mode = asked["mode"]
    if mode == "samples":
        _write_samples(model, asked, folder)
    elif mode in EDITS:
        _write_edits(model, asked, folder)
    elif mode == "super_resolution":
        _write_larger(model, asked, folder)
    else:
        _write_moving(model, asked, folder)


def _write_samples(model, asked, folder):
    served = InProcess(model.serving().signatures())
    start = asked["start_scale"] or 0
    for seed in asked["seeds"]:
        request = {"seed": seed, "start_scale": start}
        request |= {name: asked[name] for name in ("height", "width")}
        (image,) = _answer(served, request)
        write_image(folder, f"sample_{seed}_from_scale_{start}", image)


def _write_edits(model, asked, folder):
    mode, scales = asked["mode"], model.pyramid.scales
    check(scales > 1, "one of two scales or more", run_dir=f"a run of {scales}")
    request = {"image_bytes": _bytes(asked["input"])}
    if mode in DILATIONS:
        dilation = asked["dilation"]
        request["dilation"] = DILATIONS[mode] if dilation is None else dilation
        request["mask_bytes"] = _bytes(asked["mask"])
    served = InProcess(model.serving().signatures(), "edit_masked" if mode in DILATIONS else "edit")
    start = asked["start_scale"]
    stem = f"{pathlib.Path(asked['input']).stem}_{mode}"
    for scale in range(1, scales) if start is None else [start]:
        for seed in asked["seeds"]:
            (image,) = _answer(served, request | {"seed": seed, "start_scale": scale})
            write_image(folder, f"{stem}_{seed}_from_scale_{scale}", image)


def _write_larger(model, asked, folder):
    factor = asked["factor"]
    _, growth = growth_of(factor)
    ratio = model.pyramid.ratio
    if abs(ratio * growth - 1) > _NEAR:
        print(
            f"note: the run's scales grow by {1 / ratio:.3f}, the steps to a factor of {factor:g} "
            f"by {growth:.3f}: train it with --scale_ratio={1 / growth:.4f}"
        )
    for seed in asked["seeds"]:
        image = tf.constant(super_resolved(model, factor, seed))
        encoded = tf.io.encode_png(pixels.rounded(image)).numpy()
        write_image(folder, f"larger_{factor:g}_{seed}", encoded)


def _write_moving(model, asked, folder):
    start = 2 if asked["start_scale"] is None else asked["start_scale"]
    numbers = {name: asked[name] for name in ("frames", "pull", "momentum")}
    for seed in asked["seeds"]:
        images = animated(model, start_scale=start, seed=seed, **numbers)
        write_image(folder, f"moving_{seed}_from_scale_{start}", gif(images, _FRAME), "gif")


def _answer(served, request):
    """Returns the files that a signature answers to a request for one."""
    return served.predict({name: [value] for name, value in request.items()})["image_bytes"]


def _bytes(path):
    try:
        return pathlib.Path(path).expanduser().read_bytes()
    except OSError as error:
        raise DataError(path, [f"it cannot be read ({error.strerror}). Check the path."]) from error
