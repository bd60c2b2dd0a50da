"""Images with or without classes, for systems that take both."""

from tfgan_apps.input_pipelines.image_sets import image_set
from tfgan_apps.input_pipelines.labelled import labelled_images


def images_perhaps_labelled(
    dataset: str,
    image_size: int,
    channels: int,
    classes: int = 0,
    batch_size: int = 1,
    seed: int = 0,
    data_dir: str | None = None,
):
    """Opens a set of images, each of a class where there are classes.

    Args:
        dataset: see `image_set`; with classes, see `labelled_images`.
        image_size: height and width of what comes out, in pixels.
        channels: of the images, 1, 3 or 4.
        classes: of the images; 0: they have none.
        batch_size: examples of a step over all replicas.
        seed: of weights, data order and draws.
        data_dir: where TFDS keeps its data; its own folder, ~/tensorflow_datasets, if not given.

    Returns:
        `ImageSet`, or `LabelledImages`.

    Raises:
        DataError: images or labels are missing, or do not fit together.
        ValueError: a number is out of its range.
    """
    opener = labelled_images if classes else image_set
    return opener(dataset, image_size, channels, batch_size, seed, data_dir)
