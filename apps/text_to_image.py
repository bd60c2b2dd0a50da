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
import os

import numpy as np
import tensorflow as tf
from absl import app, flags, logging

from apps import captioned_flags
from apps.command_line import run_flags
from tfgan_apps import text_encoders, training
from tfgan_apps.checkpoints import Checkpoints
from tfgan_apps.datasets import shape_renderer
from tfgan_apps.metrics.retrieval import retrieval
from tfgan_apps.models import CaptionEncoder, TextToImageGAN

flags.adopt_module_key_flags(run_flags)
flags.adopt_module_key_flags(captioned_flags)
flags.register_validator("image_size", lambda size: size >= 16, "must be at least 16")
CAPTIONS = flags.DEFINE_integer(
    "captions_per_example", 4, "Drawn for each image, whose mean embedding is taken.", 1
)
ENCODER = flags.DEFINE_string(
    "encoder", None, "A .keras file or SavedModel, from strings to vectors; unset: it is trained."
)
ENCODER_EPOCHS = flags.DEFINE_integer("encoder_epochs", 200, "Of the caption encoder.", 1)
ENCODER_LENGTH = flags.DEFINE_integer("encoder_length", 201, "Characters that it reads.", 57)
ENCODER_FILTERS = flags.DEFINE_string(
    "encoder_filters", "384,512,512", "Of the caption encoder's convolutions."
)
ENCODER_IMAGE_FILTERS = flags.DEFINE_integer(
    "encoder_image_filters", 64, "First layer of the network that learns with it.", 1
)
ENCODER_RATE = flags.DEFINE_float("encoder_learning_rate", 7e-4, "Of its RMSProp.", 0.0)
ENCODER_DECAY = flags.DEFINE_bool("encoder_decay", True, "It falls by 2 percent after every epoch.")
ENCODER_WHITEN = flags.DEFINE_bool(
    "encoder_whiten", False, "Directions of its embeddings are brought nearer to one scale."
)
EMBEDDING_SIZE = flags.DEFINE_integer("embedding_size", 1024, "Of the caption encoder.", 1)
LATENT_SIZE = flags.DEFINE_integer("latent_size", 100, "Of the noise.", 1)
TEXT_SIZE = flags.DEFINE_integer("text_size", 128, "Embeddings are compressed to this (nt).", 1)
GENERATOR_FILTERS = flags.DEFINE_integer("generator_filters", 128, "ngf.", 1)
DISCRIMINATOR_FILTERS = flags.DEFINE_integer("discriminator_filters", 64, "ndf.", 1)
CLS_WEIGHT = flags.DEFINE_float(
    "cls_weight", 0.5, "Of real images of another class among the negatives; 0: none.", 0.0, 1.0
)
INTERPOLATION_WEIGHT = flags.DEFINE_float(
    "interpolation_weight", 0.0, "Of texts between two captions; 1: GAN-INT.", 0.0
)
NORMALIZE_TEXT = flags.DEFINE_bool(
    "normalize_text", False, "The discriminator batch-normalizes its text, as in the INT script."
)
LEARNING_RATE = flags.DEFINE_float("learning_rate", 2e-4, "Of both Adams, before the decay.", 0.0)
DECAY_EPOCHS = flags.DEFINE_integer(
    "decay_epochs",
    100,
    "The learning rate is halved at the beginning of every epoch that this divides.",
    lower_bound=1,
)
EVALUATION_IMAGES = flags.DEFINE_integer(
    "evaluation_images", 1000, "Held-out captions that evaluations use, at most.", 1
)
EVALUATION_BATCH = 64
ENCODER_FLAGS = (
    *(EMBEDDING_SIZE, ENCODER_EPOCHS, ENCODER_LENGTH, ENCODER_FILTERS),
    *(ENCODER_IMAGE_FILTERS, ENCODER_RATE, ENCODER_DECAY, ENCODER_WHITEN),
)
ENCODER_SETTINGS = (
    *("dataset", "batch_size", "seed", "precision", "jit_compile"),
    *("image_size", "load_size", "channels", "flip", "test_fraction", "embedding_size"),
    *("held_out_captions", "cache_images"),
)


def make_data():
    """Returns the `CaptionedImages` of the flags, with captions."""
    return captioned_flags.make_data(CAPTIONS.value, wrong_images=CLS_WEIGHT.value > 0)


def encoder_options():
    """Returns the `RunOptions` of the first stage: those of a run of `apps.caption_encoder`."""
    own = run_flags.options(__name__)
    found = {name: own.settings[name] for name in ENCODER_SETTINGS} | {
        "epochs": ENCODER_EPOCHS.value,
        "filters": ENCODER_FILTERS.value,
        "image_filters": ENCODER_IMAGE_FILTERS.value,
        "learning_rate": ENCODER_RATE.value,
        "length": ENCODER_LENGTH.value,
        "decay": ENCODER_DECAY.value,
        "whiten": ENCODER_WHITEN.value,
    }
    run_dir = own.path("caption_encoder")
    lines = run_flags.as_flagfile(
        {**found, "run_dir": run_dir, "data_dir": run_flags.DATA_DIR.value}
    )
    return dataclasses.replace(
        own,
        run_dir=run_dir,
        epochs=ENCODER_EPOCHS.value,
        saved_model=None,
        settings=found,
        flags=f"{run_flags.COMMAND}apps.caption_encoder\n{lines}",
    )


def build_caption_encoder(steps_per_epoch):
    """Returns the compiled CaptionEncoder of the flags."""
    model = CaptionEncoder(
        image_size=captioned_flags.IMAGE_SIZE.value,
        channels=captioned_flags.CHANNELS.value,
        embedding_size=EMBEDDING_SIZE.value,
        length=ENCODER_LENGTH.value,
        filters=run_flags.integers(ENCODER_FILTERS),
        image_filters=ENCODER_IMAGE_FILTERS.value,
        seed=run_flags.SEED.value,
        whiten=ENCODER_WHITEN.value,
    )
    model.compile(
        learning_rate=ENCODER_RATE.value,
        steps_per_epoch=steps_per_epoch if ENCODER_DECAY.value else None,
        jit_compile=run_flags.jit_compile(),
    )
    return model


def make_encoder(data, strategy):
    """Returns the text encoder of --encoder, or else trains one, the first stage.

    Args:
        data: `CaptionedImages`.
        strategy: from `training.make_strategy`.
    """
    if ENCODER.value is not None:
        warn_of_unused_flags()
        return load_encoder()
    build = functools.partial(build_caption_encoder, data.steps_per_epoch)
    return text_encoders.train_text_encoder(
        build, data.without_wrong_images(), encoder_options(), strategy
    )


def warn_of_unused_flags():
    """Warns of what is said of a caption encoder to train, where one is there already."""
    unused = [flag.name for flag in ENCODER_FLAGS if flag.value != flag.default]
    if unused:
        logging.warning("--encoder is not trained: --%s not used", ", --".join(unused))


def load_encoder():
    """Returns the text encoder of --encoder, or the one that the first stage has trained."""
    trained = os.path.join(encoder_options().run_dir, text_encoders.FILE)
    return text_encoders.load_text_encoder(ENCODER.value or trained)


def build_model(steps_per_epoch):
    """Returns the compiled TextToImageGAN of the flags."""
    return make_model(load_encoder(), steps_per_epoch)


def make_model(encoder, steps_per_epoch):
    """Returns the compiled TextToImageGAN of the flags.

    Args:
        encoder: Keras model or layer, from strings (B,) to embeddings.
        steps_per_epoch: int, by which the learning rate falls.
    """
    model = TextToImageGAN(
        image_size=captioned_flags.IMAGE_SIZE.value,
        channels=captioned_flags.CHANNELS.value,
        embedding_size=text_encoders.embedding_size(encoder),
        latent_size=LATENT_SIZE.value,
        text_size=TEXT_SIZE.value,
        generator_filters=GENERATOR_FILTERS.value,
        discriminator_filters=DISCRIMINATOR_FILTERS.value,
        cls_weight=CLS_WEIGHT.value,
        interpolation_weight=INTERPOLATION_WEIGHT.value,
        normalize_text=NORMALIZE_TEXT.value,
        seed=run_flags.SEED.value,
        encoder=encoder,
    )
    model.compile(
        learning_rate=LEARNING_RATE.value,
        steps_per_epoch=steps_per_epoch,
        decay_epochs=DECAY_EPOCHS.value,
        jit_compile=run_flags.jit_compile(),
    )
    return model


def held_out(data):
    """Returns what evaluations use: dict, name -> array, of `data.test`, which is embedded."""
    batches = data.test(EVALUATION_BATCH, EVALUATION_IMAGES.value)
    columns = [{name: value.numpy() for name, value in batch.items()} for batch in batches]
    return {name: np.concatenate([each[name] for each in columns]) for name in columns[0]}


def make_judge(test):
    """Returns a function of images for the held-out captions that tells how well they fit.

    Of the procedural shapes the attributes are read from the images. Of other sets the caption
    encoder's own image encoder tells which caption belongs to an image. Without it there is None.

    Args:
        test: dict of arrays, see `held_out`.
    """
    if run_flags.DATASET.value == "shapes":
        truth = shape_renderer.true_attributes(test["label"])
        return functools.partial(attributes, truth=truth)
    if ENCODER.value is not None:
        return None
    model = build_caption_encoder(steps_per_epoch=1)
    Checkpoints(encoder_options().path("checkpoints")).load(model, "latest")
    texts = model.text_encoder(tf.constant(test["caption"]), training=False).numpy()

    def fits(images):
        embeddings = model.image_encoder.predict(images, EVALUATION_BATCH, verbose=0)
        return retrieval(embeddings, texts, np.arange(len(images)))

    return fits


def attributes(images, truth):
    """Returns the shares of images with the right attributes, and of attributes that are wrong.

    Args:
        images: float array (B, H, W, 3) in [-1, 1].
        truth: dict, attribute -> int array (B,).
    """
    found = shape_renderer.read_attributes(images)
    right = {name: float(np.mean(found[name] == values)) for name, values in truth.items()}
    return {**right, "error": 1 - sum(right.values()) / len(right)}


def evaluation(model, test, judge):
    """Returns a function without arguments that judges what `model` makes of held-out captions.

    Args:
        model: `TextToImageGAN`.
        test: dict of arrays, see `held_out`.
        judge: function of images.
    """
    shape = (len(test["embedding"]), LATENT_SIZE.value)
    latents = tf.random.stateless_normal(shape, (run_flags.SEED.value, 7)).numpy()

    def measure():
        inputs = {"latents": latents, "embedding": test["embedding"]}
        return judge(model.generator.predict(inputs, EVALUATION_BATCH, verbose=0))

    return measure


def describe(data, strategy):
    """Returns the text of --dry_run, for which no encoder is trained."""
    earlier, encoder = [], ENCODER.value and load_encoder()
    if not encoder:
        build = functools.partial(build_caption_encoder, data.steps_per_epoch)
        earlier = [training.build(build, encoder_options(), strategy)]
        encoder = earlier[0].text_encoder
    build = functools.partial(make_model, encoder, data.steps_per_epoch)
    model = training.build(build, run_flags.options(__name__), strategy)
    return run_flags.describe(model, data, __name__, earlier)


def main(argv):
    """Trains both stages, or resumes, and prints how well images fit held-out captions."""
    if len(argv) > 1:
        raise app.UsageError(f"flags are expected, not words. Received: {argv[1:]}")
    strategy = run_flags.make_strategy()
    data = make_data()
    if run_flags.DRY_RUN.value:
        print(describe(data, strategy))
        return
    data = data.embedded(make_encoder(data, strategy))
    test = held_out(data)
    judge = make_judge(test)
    monitor = "error" if run_flags.DATASET.value == "shapes" else "image_to_text_median_rank"
    options = run_flags.options(__name__, monitor=monitor if judge else None)
    build = functools.partial(build_model, data.steps_per_epoch)
    measure = functools.partial(evaluation, test=test, judge=judge)
    model = training.run(build, data, options, strategy, measure if judge else None)
    if judge and training.is_chief(strategy):
        models = {"untrained": training.build(build, options), "trained": model}
        rows = {name: measure(m)() for name, m in models.items()}
        run_flags.report({"real images": judge(test["image"]), **rows}, options)


def run():
    """Starts the app."""
    run_flags.start(main)


if __name__ == "__main__":
    run()
