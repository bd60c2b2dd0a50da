"""Masks with images: a folder of label maps becomes batches of them and what they are to become."""

import hashlib
import json
import os
import re

import tensorflow as tf

from tfgan_apps.arguments import check, height_and_width
from tfgan_apps.datasets import masked_shapes
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_data import ImageData, check_images, other_sizes
from tfgan_apps.input_pipelines.sources.decoding import cropped, resize
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.label_maps import Labelling
from tfgan_apps.input_pipelines.sources.mask_files import Masks
from tfgan_apps.input_pipelines.sources.mask_folders import open_masks
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.input_pipelines.sources.stores import ImagesInMemory

NUMBERINGS = {
    "cityscapes": {"classes": 35, "dontcare": False, "first_id": 0},
    "coco_stuff": {"classes": 182, "dontcare": True, "first_id": 0},
    "ade20k": {"classes": 150, "dontcare": True, "first_id": 1},
}
"""Of published data sets, for `masked_images(..., **NUMBERINGS["ade20k"])` and `SPADE(...)`."""


def masked_images(
    dataset: str,
    image_size: tuple[int, ...],
    classes: int = 182,
    dontcare: bool = True,
    instances: bool = True,
    first_id: int = 0,
    palette: str | None = None,
    load_size: int | None = None,
    flip: bool = True,
    batch_size: int = 1,
    seed: int = 0,
):
    """Opens a data set of masks and their images.

    Args:
        dataset: one of
            - "shapes", the package's procedural set of 5 classes, no don't care, drawn at
              `image_size`;
            - a folder with the subfolders train_label and train_img, perhaps train_inst and, if
              held out, test_label (or val_label), ...: masks are PNG, and an image has its mask's
              name, whatever the extension;
            - Cityscapes' folder, with gtFine and leftImg8bit;
            - a folder with annotations/train and images/train, perhaps instances/train, and those
              of test or val, as ADE20K's (training, validation) and COCO-Stuff's (train2017).
        image_size: height and width of what comes out in pixels, such as 256,512; one number: a
            square.
        classes: labels of the maps, 0 to classes - 1.
        dontcare: whether pixels of none of them have a label of their own, `classes`.
        instances: whether the edges of things are seen, too.
        first_id: the number that files of masks have for label 0; lower ones, and 255, are don't
            care.
        palette: file with a table of the masks' colours, a line `red green blue` for each label,
            don't care last; not given: masks hold numbers, grey or by a palette of their own.
        load_size: the height that training images are resized to before the random crop, in pixels,
            the width in proportion, at least that of image_size; equal to it: no random crop. If
            not given: image_size * 286 / 256.
        flip: whether half of the examples are mirrored.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.

    Returns:
        `MaskedImages`.

    Raises:
        DataError: when files are missing or have no partner, as far as a listing shows.
        ValueError: when a number is out of its range.
    """
    size = height_and_width(image_size)
    check_images(size[0], load_size, 3, batch_size, seed)
    labelling = Labelling(classes, dontcare, first_id, palette and read_palette(palette))
    own = {"shapes": lambda: (_shapes(size, classes), [])}
    found, unused = opened(dataset, own, folder=lambda path: open_masks(path, instances))
    images = {}
    for split, stores in found.items():
        images[f"{split} masks"] = Masks(stores["mask"], labelling)
        if instances:
            images[f"{split} things"] = Masks(stores["instances"])
        images[f"{split} images"] = Images(stores["image"])
    return MaskedImages(images, size, load_size, flip, batch_size, seed, dataset, unused)


def _shapes(size, classes):
    """Returns split -> part -> store."""
    least = len(masked_shapes.CLASSES)
    check(classes >= least, f"at least {least} for the dataset shapes", classes=classes)
    check(size[0] == size[1], "a square for the dataset shapes", image_size=size)
    parts = ("mask", "image", "instances")
    found = {}
    for split, arrays in masked_shapes.drawn(size[0]).items():
        stores = [ImagesInMemory.from_arrays(_with_channel(each)) for each in arrays]
        found[split] = dict(zip(parts, stores, strict=True))
    return found


def _with_channel(array):
    return array if array.ndim == 4 else array[..., None]


def read_palette(path):
    """Returns the colours of labels in a table, a tuple of (red, green, blue).

    Args:
        path: str, of a text file with a line for each label: three numbers, and perhaps a name.

    Raises:
        DataError: it cannot be read, or a line has no colour.
    """
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            lines = [line for line in file if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(path, [f"it cannot be read ({error}). Give a text file."]) from error
    found = [re.match(r"\s*(\d+)[\s,;]+(\d+)[\s,;]+(\d+)\b", line) for line in lines]
    colors = [match and tuple(map(int, match.groups())) for match in found]
    cure = "Write red, green and blue, 0 to 255, for each label."
    problems = [
        f"line {number} has no colour: {line.strip()!r}. {cure}"
        for number, (line, color) in enumerate(zip(lines, colors, strict=True), 1)
        if color is None or max(color) > 255
    ]
    if problems:
        raise DataError(path, problems[:20])
    return tuple(colors)


class MaskedImages(ImageData):
    """Batches (x, image): of masks, and float32 (batch, height, width, 3) in [-1, 1].

    x is the label maps, int32 (batch, height, width); where there are maps of things, a dict of
    `label_map` and of `instances`, those. An epoch visits each example once, in a new order. Mask
    and image have one crop and one flip. Without test examples those of training, not augmented,
    stand in for them.

    Args:
        images: dict, "train masks" and "train images", perhaps "train things", and if held out
            "test ..." -> `Masks` or `Images`, in one order.
        size: (height, width) of what comes out, in pixels.
        load_size, flip, batch_size, seed: see `masked_images`.
        name: str that errors and `describe` name the data by. Defaults to "memory".
        unused: list of str, what `describe` tells besides. Defaults to nothing.

    Raises:
        ValueError: when a number is out of its range.
    """

    aligned = True

    def __init__(
        self,
        images,
        size,
        load_size=None,
        flip=True,
        batch_size=1,
        seed=0,
        name="memory",
        unused=(),
    ):
        load_size = round(size[0] * 286 / 256) if load_size is None else load_size
        length = len(images["train masks"])
        super().__init__(images, length, size[0], load_size, batch_size, seed, name)
        self.size, self.flip, self.unused = size, flip, list(unused)
        self.load_sides = load_size, round(load_size * size[1] / size[0])
        self.held_out = "test masks" in images
        self.labelling = images["train masks"].labelling

    def train_example(self, position):
        index = self.shuffled_index(position) % len(self.images["train masks"])
        draws = self.uniform(position, "augment", 3)  # the same of all
        return self._example(
            "train", index, self.load_sides, lambda x: cropped(x, self.size, draws, self.flip)
        )

    def test_example(self, index):
        return self._example("test" if self.held_out else "train", index, self.size, lambda x: x)

    def _example(self, split, index, size, finished):
        """Returns an example, of a split, resized and finished by a function."""
        image = finished(resize(self.images[f"{split} images"].read(index), size))
        label_map = finished(_nearest(self.images[f"{split} masks"].read(index), size))
        if f"{split} things" not in self.images:
            return label_map, image
        things = finished(_nearest(self.images[f"{split} things"].read(index), size))
        return {"label_map": label_map, "instances": things}, image

    @property
    def test_length(self):
        return len(self.images[f"{'test' if self.held_out else 'train'} masks"])

    @property
    def fingerprint(self):
        """str that changes with the files, and with the table of colours."""
        colors = json.dumps(self.labelling.colors)
        return hashlib.sha256(f"{super().fingerprint}{colors}".encode()).hexdigest()

    def check(self):
        """Decodes every file once, and compares the sizes of masks and images.

        Raises:
            DataError: that lists every file that cannot be used, with the reason and the cure.
        """
        super().check()
        problems = []
        for part, images in self.images.items():
            split, kind = part.split()
            if kind != "images":
                problems += other_sizes(images, self.images[f"{split} images"])
        if problems:
            raise DataError(self.name, problems[:20])

    def describe(self):
        """Returns lines that say what was found."""
        dontcare = " and don't care" if self.labelling.dontcare else ""
        lines = [f"data: {self.name}", f"  masks of {self.labelling.classes} labels{dontcare}"]
        lines += [f"  {part}: {images.describe()}" for part, images in self.images.items()]
        flip = "flip" if self.flip else "no flip"
        return [
            *lines,
            *(f"  {line}" for line in self.unused),
            *self._stand_in("test examples"),
            f"  training: {self._crop}, {flip}; {self._batches}",
        ]


def _nearest(mask, size):
    """Returns a mask of another size, in which each pixel has the number of one of the mask's."""
    found = tf.image.resize(mask[..., None], size, "nearest")[..., 0]
    return tf.ensure_shape(found, size)
