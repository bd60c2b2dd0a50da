"""Checks a data set before training: prints what was found, or everything that is wrong with it.

Every image is decoded, or every line read, once. The exit status is 1 when there are problems.

Example:
  python -m apps.check_data --dataset=path/to/folder --image_size=256
  python -m apps.check_data --dataset=path/to/folder --kind=captioned --image_size=64
  python -m apps.check_data --dataset=path/to/text --kind=sequences --length=20 --level=characters

--kind is what the data are to be learned from: unpaired, two sets of images (CycleGAN); simulated,
images to be refined, with real ones (SimGAN); masks with images (SPADE); images (DCGAN, PixelRNN);
labelled, images with a class each (CGAN); domains, images of many domains or with attributes
(StarGAN); references, images of domains and others in whose style they are shown (StarGAN v2);
few_shot, images of classes of which some are not trained on (FUNIT); one_image, a file (SinGAN);
captioned, images with captions (text to image); sequences (SeqGAN); ratings, documents or questions
(IRGAN). What a folder of each holds is said by the help of those commands.
"""

import inspect
import sys
from typing import Literal

from apps.command_line.start import start
from tfgan_apps.arguments import check

OPENERS = {
    "unpaired": "unpaired_images",
    "paired": "paired_images",
    "simulated": "simulated_images",
    "masks": "masked_images",
    "images": "image_set",
    "labelled": "labelled_images",
    "domains": "domain_images",
    "references": "referenced_images",
    "few_shot": "few_shot_images",
    "one_image": "one_image",
    "captioned": "captioned_images",
    "sequences": "token_sequences",
    "ratings": "rated_items",
    "documents": "graded_documents",
    "questions": "question_answers",
}
KINDS = tuple(OPENERS)
DEFAULTS = {"image_size": 256, "channels": 3}


def main(
    dataset: str,
    kind: Literal[KINDS] = "unpaired",
    image_size: int | None = None,
    channels: int | None = None,
    attributes: list[str] | None = None,
    unseen: list[str] | None = None,
    classes: int = 182,
    dontcare: bool = True,
    instances: bool = True,
    first_id: int = 0,
    palette: str | None = None,
    length: int | None = None,
    level: Literal["words", "characters", "ids"] = "words",
    separate_punctuation: bool = False,
    test_fraction: float | None = None,
    data_dir: str | None = None,
):
    """Returns 0 when the data can be trained on, else 1.

    Args:
        dataset: a folder, a file, a TFDS name, or a procedural set of the package.
        kind: what the data are.
        image_size: side of the images in training, in pixels; 256 if not given.
        channels: of the images, 1 grey, 3 RGB, 4 RGBA; 3 if not given.
        attributes: of domains, see the help of apps.stargan.
        unseen: of few_shot, classes that training does not see; repeatable.
        classes, dontcare, instances, first_id, palette: of masks, see the help of apps.spade.
        length: tokens of a sequence, or of a question and its answer.
        level: what a line of sequences is of.
        separate_punctuation: whether marks and symbols are words of their own.
        test_fraction: share that is held out of data without a test.
        data_dir: where TFDS keeps its data.
    """
    given = {name: value for name, value in locals().items() if name not in ("dataset", "kind")}
    # Imported late: --help need not load TensorFlow.
    import tfgan_apps.quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)
    from tfgan_apps import input_pipelines

    opener = getattr(input_pipelines, OPENERS[kind])
    arguments = _arguments(opener, kind, dataset, given)
    try:
        data = opener(dataset, **arguments)
        data.check()
    except input_pipelines.DataError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(data.describe()))
    print("no problems found")
    return 0


def _arguments(opener, kind, dataset, given):
    """Returns the arguments of an opener; a flag that it does not take is refused."""
    taken = inspect.signature(opener).parameters
    defaults = inspect.signature(main).parameters
    given = {name: value for name, value in given.items() if value != defaults[name].default}
    for name, value in given.items():
        check(name in taken, f"left out for --kind={kind}", **{name: value})
    needed = {name: value for name, value in DEFAULTS.items() if name in taken}
    if kind == "captioned":  # one class alone is enough for an encoder; shapes' captions say left
        needed |= {"wrong_images": False, "flip": dataset != "shapes"}
    if kind == "sequences":
        check("length" in given, "given for --kind=sequences", length=None)
    return {**needed, **given}


def run():
    """Starts the command."""
    start(__name__, main)


if __name__ == "__main__":
    run()
