import pytest
import tensorflow as tf

from tfgan_apps.augment import next_probability

UPDATES = 500 * 1000 // (64 * 4)


def after(overfitting, updates, probability=0.0, **options):
    probability = tf.constant(probability)
    for _ in range(updates):
        probability = next_probability(probability, overfitting, 64 * 4, **options)
    return float(probability)


def test_overfitting_for_so_many_images_adds_one():
    assert after(0.61, UPDATES) == pytest.approx(UPDATES * 256 / 500_000, abs=1e-4)
    assert after(0.9, UPDATES // 5, kimg=100.0) == pytest.approx(1.0, abs=3e-3)


def test_it_rises_above_one():
    assert after(1.0, 10, probability=1.0) == pytest.approx(1 + 10 * 256 / 500_000, abs=1e-5)


def test_it_falls_to_zero_and_no_further():
    assert after(0.59, 3, probability=0.001) == 0.0
    assert after(-1.0, 5, probability=0.5) == pytest.approx(0.5 - 5 * 256 / 500_000, abs=1e-5)


def test_at_the_target_it_stays():
    assert after(tf.constant(0.6), 3, probability=0.25) == 0.25
    assert after(0.5, 1, probability=0.25, target=0.4) > 0.25


def test_images_may_be_counted_by_a_tensor():
    found = next_probability(tf.constant(0.5), tf.constant(1.0), tf.constant(5000), kimg=50.0)
    assert float(found) == pytest.approx(0.6)
