"""Simulated images and real ones: a folder becomes batches (x, y) of both, which are no pairs."""

from tfgan_apps.arguments import height_and_width
from tfgan_apps.datasets import bars
from tfgan_apps.input_pipelines.errors import DataError
from tfgan_apps.input_pipelines.image_data import ImageData, check_images
from tfgan_apps.input_pipelines.sources import label_files
from tfgan_apps.input_pipelines.sources.decoding import resize
from tfgan_apps.input_pipelines.sources.folders import open_simulated
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.input_pipelines.sources.stores import PixelsInMemory


def simulated_images(
    dataset: str,
    image_size: tuple[int, ...],
    channels: int = 1,
    batch_size: int = 1,
    seed: int = 0,
):
    """Opens a set of simulated images, x, and of real ones, y.

    Args:
        dataset: one of
            - "bars", the package's procedural set, drawn at `image_size`;
            - a folder with the subfolders simulated (or synthetic) and real, or one with such in
              its subfolders train and test (or val). Pictures that are larger are squeezed to
              `image_size`: cut those of UnityEyes to the eye before. Labels of a simulated image,
              1.json beside 1.jpg or a line of labels.csv, are not learned from, but looked at:
              `apps.generate` puts them beside the refined image.
        image_size: height and width of what comes out in pixels, such as 35,55; one number: a
            square.
        channels: of the images, 1, 3 or 4.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.

    Returns:
        `SimulatedImages`.

    Raises:
        DataError: when images are missing, as far as a listing shows.
        ValueError: when a number is out of its range.
    """
    size = height_and_width(image_size)
    check_images(min(size), None, channels, batch_size, seed)
    stores = opened(dataset, {"bars": lambda: _bars(size)}, folder=open_simulated)
    images = {split: Images(store, channels) for split, store in stores.items()}
    return SimulatedImages(images, size, batch_size, seed, dataset)


def _bars(size):
    return {
        f"{split} {part}": PixelsInMemory(images)
        for split, pair in bars.drawn(size).items()
        for part, images in zip(("simulated", "real"), pair, strict=True)
    }


class SimulatedImages(ImageData):
    """Batches (x, y), float32 (batch, height, width, channels) in [-1, 1].

    An epoch visits each simulated image once, in a new order; a real one is drawn for each. Nothing
    is mirrored: a label might be wrong then. Without a test split the training images stand in for
    it.

    Args:
        images: dict split -> `Images`: "train simulated", "train real" and, if held out, "test
            simulated", "test real".
        image_size, batch_size, seed: see `simulated_images`.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        ValueError: when a number is out of its range.
    """

    def __init__(self, images, image_size, batch_size=1, seed=0, name="memory"):
        size = height_and_width(image_size)
        length = len(images["train simulated"])
        super().__init__(images, length, max(size), max(size), batch_size, seed, name)
        self.image_size = size
        self.held_out = "test simulated" in images

    def train(self, start_step=0, input_context=None):
        for images in self._parts("train"):
            images.keep(self.image_size)
        return super().train(start_step, input_context)

    def train_example(self, position):
        of_x, of_y = self._parts("train")
        index_x = self.shuffled_index(position) % len(of_x)
        index_y = self.uniform_index(position, "index of y", len(of_y))
        return tuple(
            resize(images.read(index), self.image_size)
            for images, index in ((of_x, index_x), (of_y, index_y))
        )

    def test_example(self, index):
        parts = self._parts("test" if self.held_out else "train")
        return tuple(resize(images.read(index), self.image_size) for images in parts)

    @property
    def test_length(self):
        return min(map(len, self._parts("test" if self.held_out else "train")))

    def check(self):
        """Decodes every image once, and looks at the labels of the simulated ones.

        Raises:
            DataError: that lists what cannot be used, with the reason and the cure.
        """
        super().check()
        problems = []
        for split, images in self.images.items():
            if split.endswith("simulated") and hasattr(images.store, "paths"):
                problems += label_files.find_problems(images.store.paths, images.store.root)
        if problems:
            raise DataError(self.name, problems[:20])

    def describe(self):
        """Returns lines that say what was found."""
        height, width = self.image_size
        return [
            f"data: {self.name}",
            *(f"  {split}: {images.describe()}" for split, images in self.images.items()),
            *self._stand_in("test images"),
            f"  training: x simulated, y real; resize {width}x{height}; {self._batches}",
        ]

    def _parts(self, split):
        return [self.images[f"{split} {part}"] for part in ("simulated", "real")]
