"""Sheets that generate draws: between captions or seeds, of classes, codes and domains."""

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
import io

import numpy as np
import tensorflow as tf
from PIL import Image

from apps.command_line.answers import write_image
from tfgan_apps.serving.client.examples import Example, combinations
from tfgan_apps.serving.kinds.image_and_style_to_image import ImageAndStyleToImage
from tfgan_apps.serving.kinds.noise_to_image import NoiseToImage
from tfgan_apps.serving.kinds.style_to_image import StyleToImage
from tfgan_apps.serving.kinds.text_to_image import TextToImage
from tfgan_apps.sheets import captioned_grid, image_grid, sheet

_FRAME = 80  # milliseconds
_CLEARED = 2  # of a frame before the next one: what is transparent shows nothing


def write_interpolation(served, text, to_text, seeds, steps, folder):
    """Writes the sheet of --to_text.

    Args:
        served: what the run serves, or None.
        text: list of one str, which the way begins at.
        to_text: str, which it ends at.
        seeds: sequence of int, the rows.
        steps: int >= 2, the columns.
        folder: str, made when absent.

    Raises:
        ValueError: there is another number of texts, or the model takes none.
    """
    if not isinstance(served, TextToImage) or len(text) != 1:
        raise ValueError(
            "to_text must be given with one text, for the run of a model that takes texts. "
            f"Received: to_text={to_text!r}, text={text}"
        )
    columns = served.interpolation(text[0], to_text, seeds, steps)
    captions = [f"{text[0]} > {to_text}", *[""] * (len(seeds) - 1)]
    stem = Example(text=f"{text[0]} to {to_text}").stem
    write_image(folder, stem, tf.io.encode_png(captioned_grid(captions, columns)).numpy())


def write_sheet(served, seeds, labels, codes, steps, truncation, folder):
    """Writes the sheet of --labels, --codes and --interpolate, and the way as a GIF.

    Args:
        served: what the run serves, or None.
        seeds: sequence of int, the rows.
        labels: sequence of int, a column each.
        codes: list of str, numbers with commas between them, a column each.
        steps: int, columns on the way from a seed to the next one; 0 for none.
        truncation: float, how far latents may be from 0; 0: any distance.
        folder: str, made when absent.

    Raises:
        ValueError: the model makes no images of noise, or a code is no numbers.
    """
    if not isinstance(served, NoiseToImage | StyleToImage):
        raise ValueError(
            "labels, codes and interpolate must be given for the run of a model that makes images "
            f"of noise. Received: labels={labels}, codes={codes}"
        )
    vectors = [_vector(code) for code in codes]
    columns = served.sheet(seeds, labels, vectors, steps, truncation)
    captions = [f"seed {seed}" for seed in seeds]
    write_image(folder, "sheet", tf.io.encode_png(sheet(columns, captions)).numpy())
    if steps:
        write_image(folder, "sheet", _animated(columns), "gif")


def write_domains(served, path, labels, folder):
    """Writes the sheet of --input and --labels.

    Args:
        served: what the run serves, or None.
        path: str, an image file, or a folder of them, the rows.
        labels: sequence of int, a column each.
        folder: str, made when absent.

    Raises:
        ValueError: the model brings no images to domains, or has no such domain.
    """
    if not isinstance(served, ImageAndStyleToImage):
        raise ValueError(
            "labels must be given with an input for the run of a model that brings images to "
            f"domains. Received: labels={labels}, input={path}"
        )
    files = [example.file for example in combinations(path)]
    columns = served.sheet([file.read_bytes() for file in files], labels)
    captions = [file.name for file in files]
    write_image(folder, "sheet", tf.io.encode_png(sheet(columns, captions)).numpy())


def _animated(columns):
    """Returns a GIF that goes from each row to the next one, and from the last to the first."""
    *ways, _ = columns.values()  # the last column is the next row's first
    rows = np.stack(ways, 1)
    return gif(rows.reshape(-1, *rows.shape[2:]), _FRAME)


def gif(images, duration):
    """Returns a GIF that goes on without end.

    Args:
        images: sequence of images (height, width, channels) in [-1, 1].
        duration: int, of each, in milliseconds.
    """
    images = [image_grid([x[None]]) for x in images]
    first, *rest = (Image.fromarray(x[..., 0] if x.shape[-1] == 1 else x) for x in images)
    file, options = io.BytesIO(), {"duration": duration, "loop": 0, "disposal": _CLEARED}
    first.save(file, "GIF", save_all=True, append_images=rest, **options)
    return file.getvalue()


def _vector(code):
    """Returns the numbers of a code, a list of float."""
    try:
        return [float(number) for number in code.split(",")]
    except ValueError:
        raise ValueError(f"codes must be numbers, such as 1,0,0.5. Received: {code!r}") from None
