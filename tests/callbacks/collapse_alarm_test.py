"""When the alarm of a collapse is raised, and when it is not."""

import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_gan
from tfgan_apps.callbacks import CollapseAlarm
from tfgan_apps.callbacks.collapse_alarm import relative_diversity, shown

RANDOM = np.random.RandomState(0)
REAL, OTHERS = (np.float32(RANDOM.uniform(-1, 1, (4, 8, 8, 3))) for _ in range(2))


class Judged(tiny_gan.TinyGAN):
    """It reports what the discriminator thinks, as GAN does."""

    def __init__(self):
        super().__init__()
        self.tracked = ("score", "d_real", "d_fake")

    def train_step(self, real):
        fake = self.generator(self.draw(tf.random.stateless_normal, "judged", 4, (4,)))
        for name, points in (("d_real", real), ("d_fake", fake)):
            self.track(**{name: tf.reduce_mean(tf.sigmoid(self.discriminator(points)))})
        return super().train_step(real)


def warnings_of(times, caplog):
    """Returns what is warned of in 3 epochs, on points around (10, 10), by the rates' quotient."""
    caplog.clear()
    keras.utils.set_random_seed(0)
    model = Judged()
    rates = {"discriminator": 1e-3 * times, "generator": 1e-3}
    model.compile(**{f"{p}_optimizer": keras.optimizers.Adam(r) for p, r in rates.items()})
    points = 10 + np.float32(np.random.RandomState(0).uniform(-0.1, 0.1, (640, 2)))
    alarm = CollapseAlarm(points[:4])
    model.fit(points, batch_size=4, epochs=3, verbose=0, callbacks=[alarm])
    return caplog.text


def test_a_discriminator_of_50_times_the_rate_is_told_within_3_epochs(caplog):
    assert warnings_of(1, caplog) == ""
    text = warnings_of(50, caplog)
    assert "has the discriminator won? For 2 epochs it took" in text
    assert "usually helps: a smaller learning rate of the discriminator" in text


class Drawn:
    """Stands for a model whose sheet is given."""

    def __init__(self, **columns):
        self.columns = columns
        self.looks = 0

    def players(self):
        return {"discriminator": [], "generator": []}

    def samples(self, batch):
        self.looks += 1
        return self.columns


def looks_at(model, logs):
    alarm = CollapseAlarm(REAL)
    alarm.set_model(model)
    for epoch, each in enumerate(logs):
        alarm.on_epoch_end(epoch, each)


ALIKE = np.repeat(OTHERS[:1], 4, 0) + 1e-3 * OTHERS


def test_images_that_are_alike_are_told_once(caplog):
    looks_at(Drawn(real=REAL, made=OTHERS), [{}] * 9)
    looks_at(Drawn(real=REAL, made=ALIKE), [{}])
    assert caplog.text == ""
    looks_at(Drawn(real=REAL, made=ALIKE), [{}] * 9)
    assert caplog.text.count("collapse? For 2 epochs") == 1
    assert "differs 0.1 % as much as real examples do" in caplog.text


def test_two_epochs_must_be_in_a_row(caplog):
    sure, unsure = {"d_real": 0.999, "d_fake": 0.001}, {"d_real": 0.9, "d_fake": 0.001}
    sure["generator_loss"] = unsure["generator_loss"] = 5.0
    looks_at(Drawn(real=REAL), [sure, unsure] * 3)
    assert caplog.text == ""
    looks_at(Drawn(real=REAL), [unsure, sure, sure, sure, unsure, sure, sure, sure])
    assert caplog.text.count("has the discriminator won?") == 1
    assert (
        "for real at 0.999, generated ones at 0.001, and the generator_loss was 5.0" in caplog.text
    )


def test_a_generator_that_is_found_out_or_has_no_probability(caplog):
    looks_at(Drawn(real=REAL), [{"generator_loss": 900.0}] * 4)  # a critic's, on any scale
    assert caplog.text == ""
    looks_at(Drawn(real=REAL), [{"d_real": 0.9, "d_fake": 0.1, "generator_loss": 9.0}] * 3)
    assert "the generator_loss was 9.0" in caplog.text


def test_one_player_has_no_adversary(caplog):
    alone = Drawn(real=REAL, made=ALIKE)
    alone.players = lambda: {"network": []}
    looks_at(alone, [{"d_real": 1.0, "d_fake": 0.0, "generator_loss": 9.0}] * 3)
    assert caplog.text == "" and alone.looks == 0


SHEETS = {
    "named": ((REAL,), {"real": REAL, "sample 1": OTHERS}, 1, 1),
    "of two domains": ((REAL, OTHERS), {"x": REAL, "fake_y": ALIKE, "y": OTHERS}, 2, 1),
    "of texts": (
        (np.arange(4),),
        {"real": np.array(list("abcd")), "made": np.array(["a"] * 4)},
        1,
        1,
    ),
    "of captions": (
        {"image": REAL},
        {"caption": np.array(list("abcd")), "i": REAL, "s": OTHERS},
        1,
        1,
    ),
    "of nothing real": ((np.arange(4),), {"ranking": np.array(list("aaaa"))}, 0, 0),
}


@pytest.mark.parametrize("kind", SHEETS)
def test_what_of_a_sheet_is_real(kind):
    batch, columns, real, fake = SHEETS[kind]
    found = shown(Drawn(**columns), batch)
    assert tuple(map(len, found)) == (real, fake)


def test_points_are_drawn_anew():
    points = np.float32(RANDOM.uniform(-1, 1, (5, 2)))
    model = types.SimpleNamespace(
        noise=tf.random.stateless_normal, latent_size=3, seed=0, call=lambda z: z[:, :2]
    )
    real, (fake,) = shown(model, points)
    assert real[0] is not None and fake.shape == (5, 2)
    assert relative_diversity(real, [fake]) > 0.5 and relative_diversity(real, [0 * fake]) == 0


def test_what_cannot_be_compared_is_no_finding():
    assert relative_diversity([], [OTHERS]) == relative_diversity([REAL], []) == 1
    assert relative_diversity([REAL[:1]], [OTHERS[:1]]) == 1
    assert relative_diversity([0 * REAL], [OTHERS]) == 1
