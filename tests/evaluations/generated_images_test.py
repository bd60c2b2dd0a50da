"""What is measured of images and points that models draw by seeds."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfgan_apps.evaluations.drawn_images import asked
from tfgan_apps.evaluations.generated_images import evaluation, held_out, monitor
from tfgan_apps.input_pipelines import Points
from tfgan_apps.input_pipelines.image_sets import ImageSet
from tfgan_apps.input_pipelines.labelled import LabelledImages
from tfgan_apps.metrics.features.classifier import build_classifier
from tfgan_apps.models import CGAN, GAN, InfoGAN
from tfgan_apps.networks import points

RANDOM = np.random.RandomState(0)
IMAGES = RANDOM.randint(0, 256, (12, 16, 16, 1), dtype=np.uint8)
LABELS = np.arange(12) % 3


@pytest.fixture(scope="module")
def labelled():
    return LabelledImages.from_arrays({"train": (IMAGES, LABELS)}, classes=("a", "b", "c"))


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    path = tmp_path_factory.mktemp("classifier") / "shades.keras"
    keras.utils.set_random_seed(0)
    build_classifier((16, 16, 1), 3, "shades").save(path)
    return str(path)


def tiny_cgan():
    keras.utils.set_random_seed(0)
    widths = {"generator_width": 8, "discriminator_width": 4}
    return CGAN(image_size=16, channels=1, class_names=("a", "b", "c"), classes=3, **widths)


def test_classes_are_drawn_as_the_data_have_them_and_each_is_reported(labelled, classifier):
    model = tiny_cgan()
    measure = evaluation(model, labelled, evaluation_images=9, evaluation_features=classifier)
    first = measure()
    assert first == measure()
    names = {"swd", "diversity", "f_score[shades]", "class_accuracy[shades]"}
    names |= {f"class_accuracy[shades] of {name}" for name in "abc"}
    assert names | {"frechet_distance[shades] of b"} <= set(first)
    parts = [first[f"class_accuracy[shades] of {name}"] for name in "abc"]
    assert first["class_accuracy[shades]"] == pytest.approx(np.mean(parts))  # 3 of each
    model.generator.set_weights([0 * w for w in model.generator.get_weights()])
    assert measure()["diversity"] == 0 < first["diversity"]
    real, labels = held_out(labelled, 9)
    np.testing.assert_array_equal(real, IMAGES[:9])
    np.testing.assert_array_equal(labels, LABELS[:9])


def test_points_are_measured_by_the_mixture():
    data = Points("ring", batch_size=4)
    model = GAN(**points.networks("discriminator"))
    found = evaluation(model, data, evaluation_images=50)()
    assert list(found) == ["swd", "diversity", "modes", "high_quality", "kl"]
    model.serving = lambda: Served(data)
    real = evaluation(model, data, evaluation_images=50)()
    assert (real["swd"], real["diversity"], real["modes"]) == (0, 1, 8)
    assert monitor(data) == "swd"


class Served:
    """Draws the real points themselves."""

    def __init__(self, data):
        self.points, _ = held_out(data, 50)

    def signatures(self):
        @tf.function(input_signature=[{"seed": tf.TensorSpec([None], tf.int32, "seed")}])
        def draw(request):
            return {"point": tf.gather(self.points, request["seed"])}

        return {"serving_default": draw}


def test_codes_are_drawn_and_small_images_have_no_distance():
    model = InfoGAN(image_size=32, channels=1, generator_filters=4, discriminator_filters=4)
    assert asked(model.serving().signatures()) == ({"seed", "code"}, {"image_bytes"})
    made = model.code.by_chance(50, seed=3)
    categories = model.code.split(tf.constant(made))[0].numpy()
    assert made.shape == (50, model.code.size) and (categories.sum(1) == 1).all()
    data = ImageSet.from_arrays({"train": IMAGES.repeat(2, 1).repeat(2, 2)})
    assert set(evaluation(model, data, 4)()) == {"swd", "diversity"}
    small = ImageSet.from_arrays({"train": IMAGES[:, :8, :8]})
    model = GAN(image_size=8, channels=1, generator_width=4, discriminator_width=4)
    assert list(evaluation(model, small)()) == ["diversity"] and monitor(small) is None
    with pytest.raises(ValueError, match="evaluation_images must be an integer >= 2"):
        evaluation(model, small, evaluation_images=1)
