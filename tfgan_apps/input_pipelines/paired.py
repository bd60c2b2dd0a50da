"""Pairs of images: a TFDS name or a folder becomes batches (x, y): y is what x is to become."""

from typing import Literal

from tfgan_apps.arguments import check_choice
from tfgan_apps.datasets import striped_shapes
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_data import ImageData, check_images, other_sizes
from tfgan_apps.input_pipelines.sources.decoding import augment, resize
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.input_pipelines.sources.paired_folders import open_pairs
from tfgan_apps.input_pipelines.sources.stores import ImagesInMemory
from tfgan_apps.input_pipelines.sources.tfds_images import load_pairs

DIRECTIONS = {"AtoB": "AB", "BtoA": "BA"}


def paired_images(
    dataset: str,
    image_size: int,
    load_size: int | None = None,
    direction: Literal["AtoB", "BtoA"] = "AtoB",
    flip: bool = True,
    channels: int = 3,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
):
    """Opens a data set of pairs of images, A and B.

    Args:
        dataset: one of
            - "stripes", the package's procedural set of outlines and striped shapes, drawn at
              `image_size`;
            - a folder of images with A in the left and B in the right half, directly in it or in
              its subfolders train and test (or val);
            - a folder with the subfolders trainA, trainB and, if held out, testA, testB, in which
              images of one name, whatever the extension, are a pair;
            - a TFDS name whose examples have two images: A is the first by its feature's name
              ("scene_parse150": annotation, then image).
        image_size: height and width of what comes out, in pixels.
        load_size: the side that training images are resized to before the random crop, in pixels,
            at least image_size; equal to it: no random crop. If not given: image_size * 286 / 256.
        direction: what becomes what: x is A and y is B, or the other way round.
        flip: whether half of the pairs are mirrored.
        channels: of the images, 1, 3 or 4.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.

    Returns:
        `PairedImages`.

    Raises:
        DataError: when images are missing or have no partner, as far as a listing shows.
        ValueError: when a number is out of its range.
    """
    check_images(image_size, load_size, channels, batch_size, seed)
    check_choice(tuple(DIRECTIONS), direction=direction)
    found = opened(
        dataset,
        {"stripes": lambda: _stripes(image_size)},
        folder=open_pairs,
        tfds=lambda name: {x: (store, None) for x, store in load_pairs(name, data_dir).items()},
    )
    images = {split: Images(store, channels, half) for split, (store, half) in found.items()}
    order = DIRECTIONS[direction]
    return PairedImages(images, image_size, load_size, order, flip, batch_size, seed, dataset)


def _stripes(image_size):
    """Returns dict split -> (store, half); it is drawn without crops in mind."""
    found = {}
    for split, arrays in striped_shapes.drawn(image_size).items():
        for x, images in zip("AB", arrays, strict=True):
            found[f"{split}{x}"] = ImagesInMemory.from_arrays(images), None
    return found


class PairedImages(ImageData):
    """Batches (x, y), float32 (batch, image_size, image_size, channels) in [-1, 1].

    An epoch visits each pair once, in a new order. Both images of a pair have one crop and one
    flip. Without test pairs those of training, not augmented, stand in for them.

    Args:
        images: dict split -> `Images`; trainA and trainB, and testA and testB if held out, with a
            pair in the same place of both.
        image_size, load_size, flip, batch_size, seed: see `paired_images`.
        order: "AB" or "BA", which domain x is, and which y. Defaults to "AB".
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        ValueError: when a number is out of its range.
    """

    aligned = True

    def __init__(
        self,
        images,
        image_size,
        load_size=None,
        order="AB",
        flip=True,
        batch_size=1,
        seed=0,
        name="memory",
    ):
        load_size = round(image_size * 286 / 256) if load_size is None else load_size
        length = len(images["trainA"])
        super().__init__(images, length, image_size, load_size, batch_size, seed, name)
        self.held_out = "testA" in images
        self.order, self.flip = order, flip
        self._pairs = {
            split: [images[f"{split}{x}"] for x in order]
            for split in ("train", "test")
            if f"{split}A" in images
        }

    def train_example(self, position):
        pair = self._pairs["train"]
        index = self.shuffled_index(position) % len(pair[0])
        draws = self.uniform(position, "augment", 3)  # the same of both
        sizes = self.load_size, self.image_size
        return tuple(augment(images.read(index), *sizes, draws, self.flip) for images in pair)

    def test_example(self, index):
        return tuple(resize(images.read(index), self.image_size) for images in self._tests)

    @property
    def test_length(self):
        return len(self._tests[0])

    @property
    def _tests(self):
        return self._pairs.get("test", self._pairs["train"])

    def check(self):
        """Decodes every image once, and compares the sizes of each pair.

        Raises:
            DataError: that lists every image that cannot be used, with the reason and the cure.
        """
        super().check()
        problems = []
        for of_x, of_y in self._pairs.values():
            if of_x.half is None:
                problems += other_sizes(of_x, of_y)
        if problems:
            raise DataError(self.name, problems[:20])

    def describe(self):
        """Returns lines that say what was found."""
        lines = [f"data: {self.name}, pairs"]
        for split, pair in self._pairs.items():
            for side, x, images in zip("xy", self.order, pair, strict=True):
                lines.append(f"  {split}{x} ({side}): {images.describe()}")
        flip = "flip" if self.flip else "no flip"
        return [
            *lines,
            *self._stand_in("test pairs"),
            f"  training: {self._crop}, {flip}; {self._batches}",
        ]
