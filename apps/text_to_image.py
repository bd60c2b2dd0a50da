"""Trains GAN-CLS, GAN-INT or GAN-INT-CLS on images with captions; samples, evaluates, exports it.

Quickstart, minutes on a CPU and no download:
  python -m apps.text_to_image --flagfile=apps/flags/text_to_image/quickstart.flags

Your own images, in a folder with images/ and captions.txt:
  python -m apps.text_to_image --flagfile=apps/flags/text_to_image/flickr8k.flags \\
      --dataset=path/to/folder --run_dir=runs/mine --saved_model=saved_models/mine

First a caption encoder learns, in <run_dir>/caption_encoder, a run of apps.caption_encoder; with
--encoder it is one that is there already, and --embedding_size and --encoder_* are not used. Then
the GAN learns on its embeddings.

The same command again resumes where the last checkpoint stands, of either stage. A later flag wins
over an earlier one, so flags after --flagfile override it. --dry_run shows what would be done.
"""

import dataclasses
import functools

from absl import logging

from apps import caption_encoder
from apps.command_line.app import App
from tfgan_apps.evaluations import captioned_images as evaluations
from tfgan_apps.input_pipelines import captioned_images
from tfgan_apps.models import TextToImageGAN
from tfgan_apps.text_encoders import embedding_size, load_text_encoder

SHARED = ("image_size", "channels", "embedding_size", "seed")
STAGE = functools.partial(caption_encoder.APP.define, prefix="encoder_", shared=SHARED)


def encoder_of(encoder: str | None = None, encoder_epochs: int = 200):
    """Returns the path of a text encoder that is there, or None, and the epochs of a new one.

    Args:
        encoder: a .keras file or SavedModel, from strings to vectors; not given: it is trained.
        encoder_epochs: of the caption encoder that is trained.
    """
    return encoder, encoder_epochs


def captions_of(captions_per_example: int = 4):
    """Returns the captions that an example has.

    Args:
        captions_per_example: drawn for each image, whose mean embedding is taken.
    """
    return captions_per_example


def open_data(made):
    """Opens the images with captions of the flags, with wrong images where they are used."""
    wrong_images = made.system.values()["cls_weight"] > 0
    return made.data(captions_per_example=made.captions(), wrong_images=wrong_images)


def build(made, data):
    """Returns the model of the flags, on the embeddings of the data's text encoder."""
    size = embedding_size(data.encoder)
    known = {"encoder": data.encoder, "vocabulary": data.vocabulary}
    return made.system(embedding_size=size, **known)


def prepare(job):
    """Trains the caption encoder, the first stage, or loads one; the data are embedded by it.

    Args:
        job: `Job`.
    """
    path, epochs = job.made.encoder()
    shapes = job.data.name == "shapes"
    if path is None:
        app, without = caption_encoder.APP, job.data.without_wrong_images()
        first = dataclasses.replace(job, data=without)
        trained = app.train(app.stage(job.made.stage, first, "caption_encoder", epochs=epochs))
        encoder, judge = trained.finished_encoder, evaluations.found_by(trained)
        encoder.trainable = False
        job = dataclasses.replace(job, earlier=(trained,))
    else:
        warn_of_unused_flags(job.made)
        encoder, judge = load_text_encoder(path), None
    evaluation = functools.partial(job.evaluation, judge=None if shapes else judge)
    evaluation = evaluation if shapes or judge else None
    best = ("error" if shapes else "image_to_text_median_rank") if evaluation else None
    data = job.data.embedded(encoder)
    options = APP.options(job.made, data, monitor=best)
    return dataclasses.replace(job, data=data, evaluation=evaluation, options=options)


def warn_of_unused_flags(made):
    """Warns of what is said of a caption encoder to train, where one is there already."""
    makers = (made.stage.system, made.stage.optimizers, made.encoder)
    given = {flag for maker in makers for flag in maker.given()}
    unused = sorted(given - {"image_size", "channels", "seed", "encoder"})
    if unused:
        logging.warning("--encoder is not trained: --%s not used", ", --".join(unused))


APP = App(
    __name__,
    TextToImageGAN,
    captioned_images,
    evaluations.evaluation,
    parts={"captions": captions_of, "encoder": encoder_of, "stage": STAGE},
    open=open_data,
    build=build,
    prepare=prepare,
    compared={"real images": None},
)
run = APP.run

if __name__ == "__main__":
    run()
