"""Unpaired images of two domains: a TFDS name or a folder becomes batches (x, y)."""

from tfgan_apps.input_pipelines.image_data import ImageData, check_images
from tfgan_apps.input_pipelines.sources.decoding import augment, resize
from tfgan_apps.input_pipelines.sources.folders import DOMAIN_SPLITS, open_domains
from tfgan_apps.input_pipelines.sources.images import Images
from tfgan_apps.input_pipelines.sources.opened import opened
from tfgan_apps.input_pipelines.sources.tfds_images import load_images, prepared_images


def unpaired_images(
    dataset: str,
    image_size: int,
    load_size: int | None = None,
    channels: int = 3,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
):
    """Opens a data set of two image domains, x (the authors' A) and y (B).

    Args:
        dataset: one of
            - "scenes", the package's procedural set, drawn at `image_size`;
            - a folder with the subfolders trainA, trainB and, if held out, testA, testB;
            - a folder of images with A in the left and B in the right half, directly in it or in
              its subfolders train and test (or val). Test pairs are then aligned;
            - a TFDS name with the splits trainA, trainB, testA, testB ("cycle_gan/horse2zebra").
        image_size: height and width of what comes out, in pixels.
        load_size: the side that training images are resized to before the random crop, in pixels,
            at least image_size; equal to it: no random crop. If not given: image_size * 286 / 256.
        channels: of the images, 1, 3 or 4.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.

    Returns:
        `UnpairedImages`.

    Raises:
        DataError: when images are missing, as far as a listing shows (see `UnpairedImages.check`).
        ValueError: when a number is out of its range.
    """
    check_images(image_size, load_size, channels, batch_size, seed)
    found = _open(dataset, image_size, data_dir)
    images = {split: Images(store, channels, half) for split, (store, half) in found.items()}
    aligned = dataset == "scenes" or images["trainA"].half is not None
    return UnpairedImages(images, image_size, load_size, batch_size, seed, aligned, dataset)


def _open(dataset, image_size, data_dir):
    """Returns dict split -> (store, half)."""

    def scenes():
        from tfgan_apps.datasets import scenes  # Imported late: it imports TFDS.

        return _whole(prepared_images(scenes.builder(image_size, data_dir), DOMAIN_SPLITS))

    return opened(
        dataset,
        {"scenes": scenes},
        folder=open_domains,
        tfds=lambda name: _whole(load_images(name, DOMAIN_SPLITS, data_dir)),
    )


def _whole(stores):
    return {split: (store, None) for split, store in stores.items()}


class UnpairedImages(ImageData):
    """Batches (x, y), float32 (batch, image_size, image_size, channels) in [-1, 1].

    An epoch has max(|A|, |B|) examples: A in a new order each time, repeated when it is the
    smaller; B drawn at random, as the CycleGAN authors do. x and y are resized, cropped and
    flipped independently. Without testA and testB the test images are those of training, not
    augmented; `held_out` and `describe()` say so.

    Args:
        images: dict split -> `Images`; trainA and trainB, and testA and testB if held out.
        image_size, load_size, batch_size, seed: see `unpaired_images`.
        aligned: bool, testB[i] is the translation of testA[i]. Defaults to False.
        name: str that errors and `describe` name the data by. Defaults to "memory".

    Raises:
        ValueError: when a number is out of its range.
    """

    def __init__(
        self, images, image_size, load_size=None, batch_size=1, seed=0, aligned=False, name="memory"
    ):
        load_size = round(image_size * 286 / 256) if load_size is None else load_size
        epoch_length = max(len(images["trainA"]), len(images["trainB"]))
        super().__init__(images, epoch_length, image_size, load_size, batch_size, seed, name)
        self.held_out = "testA" in images and "testB" in images
        self.aligned = aligned and self.held_out
        self._tests = tuple(images[f"{'test' if self.held_out else 'train'}{x}"] for x in "AB")

    def train_example(self, position):
        of_x, of_y = self.images["trainA"], self.images["trainB"]
        index_x = self.shuffled_index(position) % len(of_x)
        index_y = self.uniform_index(position, "index of y", len(of_y))
        x = self._augmented(of_x.read(index_x), position, "augment x")
        y = self._augmented(of_y.read(index_y), position, "augment y")
        return x, y

    def _augmented(self, image, position, purpose):
        draws = self.uniform(position, purpose, 3)
        return augment(image, self.load_size, self.image_size, draws)

    def test_example(self, index):
        x, y = (resize(images.read(index), self.image_size) for images in self._tests)
        return x, y

    @property
    def test_length(self):
        return min(len(images) for images in self._tests)

    def describe(self):
        """Returns lines that say what was found."""
        lines = [f"data: {self.name}" + (" (test pairs are aligned)" if self.aligned else "")]
        for split, images in self.images.items():
            lines.append(f"  {split} ({'xy'['AB'.index(split[-1])]}): {images.describe()}")
        lines += self._stand_in("testA and testB")
        return [*lines, f"  training: {self._crop}, flip; {self._batches}"]
