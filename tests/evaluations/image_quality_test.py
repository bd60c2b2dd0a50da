"""What is measured of two sets of images, and what the numbers are called."""

import numpy as np
import pytest

from tfgan_apps.evaluations.image_quality import ImageFeatures, class_by_class, image_quality
from tfgan_apps.metrics.features.network import FID_INCEPTION, FeatureNetwork
from tfgan_apps.metrics.frechet_distance import frechet_distance
from tfgan_apps.metrics.protocol import ProtocolError

RANDOM = np.random.RandomState(0)
REAL, FAKE = (RANDOM.randint(0, high, (60, 4, 4, 1), dtype=np.uint8) for high in (256, 200))


def flat(images):
    """Returns pixels as features, and the first three as logits."""
    features = images.reshape(len(images), -1)
    return {"features": features, "logits": features[:, :3]}


def gathered(images, network=flat, **options):
    found = ImageFeatures(network, **options)
    for part in np.array_split(images, 4):
        found.add(part)
    return found


def test_every_metric_has_its_name_and_protocol():
    found = image_quality(gathered(REAL), gathered(FAKE), split="train", seed=3, ema=True)
    expected = "frechet_distance kernel_distance precision recall f_score density coverage score"
    assert list(found) == [f"{name}[flat]" for name in expected.split()]
    points = [np.float64(each.reshape(60, -1)) / 127.5 - 1 for each in (REAL, FAKE)]
    assert float(found["frechet_distance[flat]"]) == pytest.approx(frechet_distance(*points))
    protocol = found["recall[flat]"].protocol
    assert (protocol.real_images, protocol.generated_images) == (60, 60)
    assert (protocol.split, protocol.seed, protocol.ema) == ("train", 3, True)
    assert protocol.options == "k=3, of the first 60 and 60"
    fewer = image_quality(gathered(REAL), gathered(FAKE[:50]), split="train", seed=3, ema=True)
    with pytest.raises(ProtocolError, match="generated_images: 60 and 50"):
        assert found["frechet_distance[flat]"] < fewer["frechet_distance[flat]"]


def test_only_the_inception_of_2015_gives_fid():
    network = FeatureNetwork(FID_INCEPTION, flat, "tf1", "6726")
    found = image_quality(gathered(REAL, network), gathered(FAKE, network))
    assert {"fid", "kid", "inception_score"} <= set(found)
    assert found["fid"].protocol.backbone_sha256 == "6726"
    assert found["fid"].protocol.resize == "tf1"


def test_workers_and_what_is_kept():
    whole = gathered(REAL, kept=40)
    parts = gathered(REAL[:30], kept=40)
    parts.merge(gathered(REAL[30:], kept=40))
    np.testing.assert_array_equal(parts.features, whole.features)
    np.testing.assert_array_equal(parts.logits, whole.logits)
    assert parts.images == parts.statistics.count == 60 and len(parts.features) == 40
    found = image_quality(parts, gathered(FAKE, kept=40))
    assert found["coverage[flat]"].protocol.options == "k=5, of the first 40 and 40"
    with pytest.raises(ValueError, match=r"other must be of the network \('flat'"):
        parts.merge(ImageFeatures(lambda images: images[:, 0, 0]))


def test_what_needs_more_images_is_left_out():
    found = image_quality(gathered(REAL[:4]), gathered(FAKE[:8]))
    assert list(found) == [
        f"{name}[flat]"
        for name in ("frechet_distance", "kernel_distance", "precision", "recall", "f_score")
    ]


def test_wrong_sets():
    one = ImageFeatures(flat)
    one.add(REAL[:1])
    with pytest.raises(ValueError, match="fake must be of two images or more. Received: fake=1"):
        image_quality(gathered(REAL), one)
    other = gathered(REAL, FeatureNetwork("other", flat))
    with pytest.raises(ValueError, match="fake must be in the features of flat, as real is"):
        image_quality(gathered(REAL), other)
    with pytest.raises(ValueError, match="kept must be an integer >= 0"):
        ImageFeatures(flat, kept=-1)


def test_class_by_class():
    """The first pixels are the logits: the brightest of them is the class."""
    labels = np.arange(60) % 3
    wanted = FAKE.reshape(60, -1)[:, :3].argmax(1)
    found = class_by_class(gathered(REAL), gathered(FAKE), labels, wanted, "abc", seed=3)
    assert found["class_accuracy[flat]"].value == found["class_accuracy[flat] of b"].value == 1
    points = [np.float64(each.reshape(60, -1)) / 127.5 - 1 for each in (REAL, FAKE)]
    expected = frechet_distance(points[0][labels == 1], points[1][wanted == 1])
    assert found["frechet_distance[flat] of b"].value == pytest.approx(expected)
    protocol = found["frechet_distance[flat] of b"].protocol
    assert protocol.options == f"of b: 20 and {sum(wanted == 1)} kept" and protocol.seed == 3
    others = class_by_class(gathered(REAL), gathered(FAKE), labels, (wanted + 1) % 3, "abc")
    assert others["class_accuracy[flat]"].value == 0
    none = class_by_class(gathered(REAL), gathered(FAKE), labels, np.zeros(60, int), "abc")
    assert not any(name.endswith("of b") for name in none)
    with pytest.raises(ValueError, match="names must be 3, the classifier's classes"):
        class_by_class(gathered(REAL), gathered(FAKE), labels, wanted, "ab")
