"""The F-score, by torch-fidelity's formula."""

import pytest

from tfgan_apps.metrics.f_score import f_score


def test_the_harmonic_mean():
    assert f_score(0.5, 0.5) == 0.5
    assert f_score(0.421, 0.937) == pytest.approx(2 / (1 / 0.421 + 1 / 0.937))
    assert f_score(1.0, 0.0) == f_score(0.0, 0.0) == 0
    assert f_score(1e-6, 1e-6) == pytest.approx(2e-7)  # torch-fidelity's least denominator, 1e-5


def test_out_of_range():
    with pytest.raises(ValueError, match="recall must be a finite number and >= 0 and <= 1"):
        f_score(0.5, 1.5)
