"""Text to image keeps the base's promises, and has the paper's losses and batches."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.model_test_case import ModelTestCase, differing, state, values
from tests.models.text_to_image.networks_test import randomize
from tfgan_apps.input_pipelines import IndexedData
from tfgan_apps.models import StyleEncoder, TextToImageGAN
from tfgan_apps.schedules import StepDecay
from tfgan_apps.serving.kinds.text_to_image import TextToImage

TINY = {"image_size": 16, "embedding_size": 6, "latent_size": 3, "text_size": 4}
TINY |= {"generator_filters": 4, "discriminator_filters": 4}


class CaptionedNoise(IndexedData):
    """Batches as those of embedded captions, drawn from the position."""

    test_length = 4
    fingerprint = "noise"

    def train_example(self, position):
        image, wrong = (self._image(position, name) for name in ("image", "wrong_image"))
        embedding = self.uniform(position, "embedding", 6)
        label = tf.cast(position % 5, tf.int32)
        return {"image": image, "wrong_image": wrong, "embedding": embedding, "label": label}

    def test_example(self, index):
        example = self.train_example(index + 10**6)
        del example["wrong_image"]
        return {**example, "caption": tf.strings.join(["caption ", tf.as_string(index)])}

    def check(self):
        pass

    def _image(self, position, purpose):
        coarse = self.uniform(position, purpose, 4 * 4 * 3) * 2 - 1
        return tf.image.resize(tf.reshape(coarse, (4, 4, 3)), (16, 16))


@keras.saving.register_keras_serializable(package="tests")
class Hashed(keras.layers.Layer):
    """Numbers in [-1, 1] that depend on a text."""

    def call(self, text):
        seeds = [(index, 2 * index + 1) for index in range(6)]
        buckets = [tf.strings.to_hash_bucket_strong(text, 1001, seed) for seed in seeds]
        return tf.cast(tf.stack(buckets, -1), "float32") / 500 - 1

    def compute_output_spec(self, text):
        return keras.KerasTensor((*text.shape, 6))


def text_encoder():
    text = keras.Input((), dtype="string", name="text")
    return keras.Model(text, keras.layers.Dense(6)(Hashed()(text)), name="text_encoder")


class TestTextToImageGAN(ModelTestCase):
    def build(self, **kwargs):
        model = TextToImageGAN(**TINY, interpolation_weight=1.0, normalize_text=True)
        model.compile(**{"steps_per_epoch": 3, **kwargs})
        return model

    def data(self):
        return CaptionedNoise(epoch_length=12, batch_size=4)

    def serving(self, model):
        return TextToImage(model.generator, text_encoder())


@pytest.fixture
def batch():
    return next(iter(CaptionedNoise(epoch_length=12, batch_size=4).train()))


class FirstPixel(keras.layers.Layer):
    """As a logit: the image's first value, and twice the embedding's."""

    def call(self, image, embedding):
        return image[:, 0, 0, :1] + 2 * embedding[:, :1]


class Filled(keras.layers.Layer):
    """As an image: the embedding's second value everywhere."""

    def call(self, latents, embedding):
        return tf.tile(embedding[:, 1][:, None, None, None], (1, 16, 16, 3))

    def compute_output_spec(self, latents, embedding):
        return keras.KerasTensor((None, 16, 16, 3))


def by_hand(**kwargs):
    """Returns a model whose logits are known: of a real image, of a fake one, of an embedding."""
    image, embedding = keras.Input((16, 16, 3), name="image"), keras.Input((6,), name="embedding")
    latents = keras.Input((3,), name="latents")
    generated = {"latents": latents, "embedding": embedding}
    judged = {"image": image, "embedding": embedding}
    model = TextToImageGAN(
        **TINY,
        **kwargs,
        generator=keras.Model(generated, Filled()(latents, embedding)),
        discriminator=keras.Model(judged, FirstPixel()(image, embedding)),
    )
    model.compile()
    return model


def minus_log(probability_of, logit):
    """Returns -log D for "real", -log(1 - D) for "fake"."""
    sign = {"real": 1, "fake": -1}[probability_of]
    return -np.log(1 / (1 + np.exp(-sign * np.asarray(logit, "float64"))))


@pytest.mark.parametrize("cls_weight", [0.0, 0.5, 0.3])
def test_discriminator_loss_by_hand(batch, cls_weight):
    """Wrong images have the right text, and no text is interpolated."""
    model = by_hand(cls_weight=cls_weight, interpolation_weight=1.0)
    text = batch["embedding"].numpy()
    images = batch["image"], batch["wrong_image"], model((text[:, :3], text))
    real, wrong, fake = (image[:, 0, 0, 0].numpy() + 2 * text[:, 0] for image in images)
    expected = (
        minus_log("real", real).mean()
        + cls_weight * minus_log("fake", wrong).mean()
        + (1 - cls_weight) * minus_log("fake", fake).mean()
    )
    loss = model.discriminator_loss(*images, batch["embedding"])
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    scores = {"d_real": real, "d_fake": fake} | ({"d_wrong": wrong} if cls_weight else {})
    assert set(model.trackers) == {"discriminator_loss", "generator_loss", *scores}
    for name, logit in scores.items():
        expected = np.exp(-minus_log("real", logit)).mean()
        np.testing.assert_allclose(model.trackers[name].result(), expected, rtol=1e-5)


@pytest.mark.parametrize("weight", [0.0, 1.0, 0.5])
@pytest.mark.parametrize("size", [4, 3])
def test_generator_loss_by_hand(batch, weight, size):
    """The mean over the texts and, weighted, the middles of neighbours: 1.5 times as many."""
    text = batch["embedding"].numpy()[:size]
    middles = np.stack([(text[i] + text[i + 1]) / 2 for i in range(0, size - 1, 2)])
    on_text, on_middles = (minus_log("real", t[:, 1] + 2 * t[:, 0]) for t in (text, middles))
    expected = on_text.mean()
    if weight:
        total = on_text.sum() + weight * on_middles.sum()
        expected = total / (len(text) + len(middles))
    loss = by_hand(interpolation_weight=weight).generator_loss(tf.constant(text))
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_weights_may_be_whole_numbers(batch):
    whole = by_hand(cls_weight=1, interpolation_weight=1)
    same = by_hand(cls_weight=1.0, interpolation_weight=1.0)
    losses = [model.generator_loss(batch["embedding"]) for model in (whole, same)]
    np.testing.assert_array_equal(*losses)


def test_each_batch_of_the_discriminator_has_its_own_statistics(batch):
    """Real, wrong and fake images in one batch would be normalized by what they have in common."""
    keras.utils.set_random_seed(0)
    model = TextToImageGAN(**TINY)
    model.compile()
    randomize(model.discriminator)
    images = [batch["image"], batch["wrong_image"], batch["image"] + 3]
    text = batch["embedding"]
    apart = [model.judge(image, text, training=True) for image in images]
    joined = model.judge(tf.concat(images, 0), tf.tile(text, (3, 1)), training=True)

    def loss(real, wrong, fake):
        negatives = minus_log("fake", wrong).mean() + minus_log("fake", fake).mean()
        return minus_log("real", real).mean() + 0.5 * negatives

    found = model.discriminator_loss(*images, text)
    np.testing.assert_allclose(found, loss(*apart), rtol=1e-4)
    assert abs(loss(*tf.split(joined, 3)) - found) > 0.1


def test_noise_is_drawn_anew_for_the_generator(batch):
    model = TestTextToImageGAN()._seeded()
    draws = [model.draw_latents(name, batch["embedding"]) for name in ("fake", "latents")]
    assert np.abs(draws[0] - draws[1]).min() > 0
    np.testing.assert_array_equal(draws[0], model.draw_latents("fake", batch["embedding"]))


class Recording(TextToImageGAN):
    """Keeps the noise that a step draws."""

    def draw_latents(self, name, embedding, batch=None):
        latents = super().draw_latents(name, embedding, batch)
        self.recorded.append(latents.numpy())
        return latents


def test_every_batch_of_an_evaluation_has_noise_of_its_own(batch):
    model = Recording(**TINY)
    model.compile(run_eagerly=True)
    drawn = []
    for _ in range(2):
        model.recorded = []
        model.evaluate(tf.data.Dataset.from_tensors(batch).repeat(3), verbose=0)
        drawn.append(np.array(model.recorded))
    np.testing.assert_array_equal(*drawn)  # an evaluation is repeated
    training = [model.draw_latents(name, batch["embedding"]) for name in ("fake", "latents")]
    noises = [*drawn[0], *training]
    assert len({np.array(noise).tobytes() for noise in noises}) == len(noises) == 5


@pytest.mark.parametrize(("epoch", "halvings"), [(1, 0), (99, 0), (100, 1), (199, 1), (200, 2)])
def test_learning_rate_is_halved_at_every_hundredth_epoch(epoch, halvings):
    schedule = StepDecay(2e-4, steps_per_epoch=7)
    for step in ((epoch - 1) * 7, epoch * 7 - 1):
        np.testing.assert_allclose(schedule(step), 2e-4 * 0.5**halvings, rtol=1e-6)


def test_a_schedule_needs_positive_numbers():
    with pytest.raises(ValueError, match="steps_per_epoch=0, decay_epochs=40"):
        StepDecay(2e-4, steps_per_epoch=0, decay_epochs=40)


def test_paper_optimizers():
    model = TextToImageGAN(**TINY)
    model.compile(steps_per_epoch=2, decay_epochs=40)
    for optimizer in (model.generator_optimizer, model.discriminator_optimizer):
        assert (optimizer.beta_1, optimizer.beta_2, optimizer.epsilon) == (0.5, 0.999, 1e-8)
        optimizer.iterations.assign(2 * 39)
        np.testing.assert_allclose(optimizer.learning_rate, 1e-4, rtol=1e-6)
    assert model.generator_optimizer is not model.discriminator_optimizer


def with_captions(batch, model):
    """Returns two batches of one meaning: of captions, and of their mean embeddings."""
    captions = tf.constant([[f"{row} {column}" for column in "ab"] for row in range(4)])
    first, second = (model.encoder(captions[:, column]) for column in range(2))
    images = {name: batch[name] for name in ("image", "wrong_image")}
    return {**images, "captions": captions}, {**images, "embedding": (first + second) / 2}


def test_captions_train_like_their_mean_embedding(batch, tmp_path):
    encoder, states, trained = text_encoder(), [], []
    before = values(encoder.weights)
    for index in range(2):
        keras.utils.set_random_seed(0)
        model = TextToImageGAN(**TINY, encoder=encoder)
        model.compile(run_eagerly=index == 0)
        data = tf.data.Dataset.from_tensors(with_captions(batch, model)[index])
        model.fit(data, verbose=0, shuffle=False)
        states.append(values(model.generator.weights))
        trained.append(model)
    for a, b in zip(*states, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3)
    for a, b in zip(before, values(encoder.weights), strict=True):
        np.testing.assert_array_equal(a, b)
    trained[0].save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert differing(state(trained[0]), state(loaded)) == []
    text, latents = tf.constant(["a", "größer"]), tf.random.stateless_normal((2, 3), (0, 0))
    images = [model.generate(text, latents) for model in (trained[0], loaded)]
    np.testing.assert_array_equal(*images)
    assert np.abs(images[0][0] - images[0][1]).max() > 0
    assert loaded.serving().encoder is loaded.encoder


@pytest.mark.parametrize("cls", [TextToImageGAN, StyleEncoder])
def test_xla_is_left_out_of_steps_on_strings(batch, cls):
    """Of those that a step does not need, too; "auto" compiles on a GPU alone."""
    model = TextToImageGAN(**TINY, encoder=text_encoder())
    embedded = CaptionedNoise(epoch_length=12, batch_size=4)
    captions = tf.data.Dataset.from_tensors(with_captions(batch, model)[0])
    if cls is StyleEncoder:
        model = StyleEncoder(model.generator, model.encoder, filters=4)
    model.compile(jit_compile=True)
    found = model.evaluate(embedded.test(4), verbose=0, return_dict=True)
    assert found and all(map(np.isfinite, found.values()))
    with pytest.raises(ValueError, match="jit_compile must be 'auto' or False .*'captions'"):
        model.fit(captions, verbose=0, shuffle=False)
    model.compile()
    model.jit_compile = True  # what Keras makes of "auto" on a GPU
    assert model.get_compile_config()["jit_compile"] == "auto"
    model.fit(captions, verbose=0, shuffle=False)
    assert model.jit_compile is True and int(model.step) == 1


def test_samples_of_one_column_have_one_noise(batch):
    model = TextToImageGAN(**TINY, encoder=text_encoder())
    caption = tf.constant(["a", "b", "a", "c"])
    columns = model.samples({"image": batch["image"], "caption": caption})
    assert list(columns)[:3] == ["caption", "image", "sample 1"]
    first, second = columns["sample 1"], columns["sample 2"]
    np.testing.assert_allclose(first[0], first[2], atol=1e-6)
    assert np.abs(first[0] - first[1]).max() > 1e-6
    assert np.abs(first[0] - second[0]).max() > 1e-6


def test_held_out_examples_need_no_wrong_images():
    model = TestTextToImageGAN()._seeded()
    data = TestTextToImageGAN().data().test(batch_size=3)
    found = model.evaluate(data, verbose=0, return_dict=True)
    assert set(found) == {"generator_loss", "d_real", "d_fake"}
    assert 0 < found["d_fake"] < 1


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"image_size": 8}, "image_size.*8"),
        ({"image_size": 48}, "image_size.*48"),
        ({"cls_weight": 1.5}, "cls_weight=1.5"),
        ({"interpolation_weight": -1.0}, "interpolation_weight=-1"),
    ],
)
def test_bad_arguments_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        TextToImageGAN(**{**TINY, **kwargs})


def test_what_is_missing_is_named(batch):
    model = TextToImageGAN(**TINY)
    model.compile(run_eagerly=True)
    captions = tf.constant([["a"]] * 4)
    del batch["wrong_image"]
    with pytest.raises(ValueError, match="'wrong_image'.*cls_weight=0"):
        model.train_step(batch)
    del batch["embedding"]
    with pytest.raises(ValueError, match="must have 'embedding' or 'captions'. Received: .'image"):
        model.train_step(batch)
    with pytest.raises(ValueError, match="encoder must be given"):
        model.train_step({**batch, "captions": captions})
    with pytest.raises(ValueError, match="encoder must be given"):
        model.serving()
    model = TextToImageGAN(**TINY, encoder=text_encoder())
    model.compile(jit_compile=True)
    with pytest.raises(ValueError, match="jit_compile must be 'auto' or False .*'captions'"):
        model.train_step({**batch, "captions": captions})
