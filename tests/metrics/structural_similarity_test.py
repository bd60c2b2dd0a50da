"""SSIM and PSNR against scikit-image 0.26.0, multi-scale SSIM against TensorFlow's."""

import numpy as np
import pytest
import tensorflow as tf

from tests.goldens.metrics import inputs
from tests.metrics.goldens import ARITHMETIC
from tfgan_apps.metrics.structural_similarity import ms_ssim, ms_ssim_diversity, psnr, ssim

SMOOTH, NOISY = inputs.images()
LARGE = inputs.images(192)


def test_ssim_and_psnr_agree_with_scikit_image():
    np.testing.assert_allclose(ssim(SMOOTH, NOISY), ARITHMETIC["scikit-image"]["ssim"], rtol=1e-9)
    np.testing.assert_allclose(psnr(SMOOTH, NOISY), ARITHMETIC["scikit-image"]["psnr"], rtol=1e-12)


def test_ssim_agrees_with_tensorflow():
    np.testing.assert_allclose(ssim(SMOOTH, NOISY), tf.image.ssim(SMOOTH, NOISY, 255), atol=1e-5)


def test_multi_scale_agrees_with_tensorflow_where_images_are_alike():
    """TensorFlow takes the product for each channel, then the mean."""
    found = ms_ssim(*LARGE)
    theirs = tf.image.ssim_multiscale(*LARGE, 255).numpy()
    assert found[0] > 0.9
    np.testing.assert_allclose(found[found > 0.9], theirs[found > 0.9], atol=1e-3)


def test_equal_images_score_one_and_noise_lowers_it():
    np.testing.assert_allclose(ms_ssim(LARGE[0], LARGE[0]), 1, atol=1e-12)
    np.testing.assert_allclose(ssim(SMOOTH, SMOOTH), 1, atol=1e-12)
    assert np.isinf(psnr(SMOOTH, SMOOTH)).all()
    noise = np.random.RandomState(0).randn(1, 64, 64, 3)
    image = SMOOTH[:1] / 127.5 - 1
    scores = [ms_ssim(image, np.clip(image + s * noise, -1, 1))[0] for s in (0.05, 0.2, 0.5, 1)]
    assert (np.diff(scores) < 0).all() and 0 <= scores[-1]


def test_float_images_are_the_same_as_bytes():
    as_float = [each / 127.5 - 1 for each in (SMOOTH, NOISY)]
    np.testing.assert_allclose(ssim(*as_float), ssim(SMOOTH, NOISY), rtol=1e-9)
    np.testing.assert_allclose(psnr(*map(np.float32, as_float)), psnr(SMOOTH, NOISY), rtol=1e-5)


def test_psnr_by_hand():
    black, grey = np.zeros((1, 2, 2, 1), np.uint8), np.full((1, 2, 2, 1), 51, np.uint8)
    assert psnr(black, grey)[0] == pytest.approx(20 * np.log10(5))


def test_diversity_is_high_for_one_image_and_a_function_of_the_seed():
    varied = np.uint8(np.random.RandomState(1).uniform(0, 255, (8, 2, 2, 3)).repeat(16, 1))
    varied = varied.repeat(16, 2)
    assert ms_ssim_diversity(SMOOTH[[0, 0, 0]], pairs=5) == pytest.approx(1)
    found = ms_ssim_diversity(varied, pairs=40)
    assert found < 0.9
    assert found == ms_ssim_diversity(varied, pairs=40)
    assert found != ms_ssim_diversity(varied, pairs=40, seed=1)


def test_diversity_never_pairs_an_image_with_itself():
    two = np.stack([SMOOTH[0], 255 - SMOOTH[0]])
    assert ms_ssim_diversity(two, pairs=20) == pytest.approx(ms_ssim(two[:1], two[1:])[0])


def test_images_that_do_not_fit():
    with pytest.raises(ValueError, match=r"second must be images of shape \(3, 64, 64, 3\)"):
        ssim(SMOOTH, NOISY[:2])
    with pytest.raises(ValueError, match=r"first must have sides of at least 11 pixels"):
        ssim(SMOOTH[:, :9], NOISY[:, :9])
    with pytest.raises(ValueError, match=r"sides that 16 divides. Received: \(3, 64, 40, 3\)"):
        ms_ssim(SMOOTH[:, :, :40], NOISY[:, :, :40])
    with pytest.raises(ValueError, match=r"first must be in \[-1, 1\] .* values in \[.*, 215\]"):
        psnr(SMOOTH.astype(np.float32).clip(0, 215), NOISY)
    with pytest.raises(ValueError, match="first must be uint8, or float .* Received: int64"):
        psnr(SMOOTH.astype(np.int64), NOISY)
    with pytest.raises(ValueError, match="first must be finite. Received: nan"):
        psnr(SMOOTH * np.nan, NOISY)
    with pytest.raises(ValueError, match=r"images must be two or more. Received: \(1, 64"):
        ms_ssim_diversity(SMOOTH[:1])
