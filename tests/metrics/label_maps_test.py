"""Agreement of label maps against scikit-learn 1.9.1 and by hand."""

import numpy as np
import pytest

from tests.goldens.metrics import inputs
from tests.metrics.goldens import ARITHMETIC
from tfgan_apps.metrics.label_maps import LabelMapAgreement

TRUE, FOUND = inputs.label_maps()


def test_agrees_with_scikit_learn_over_workers():
    first, second = LabelMapAgreement(5), LabelMapAgreement(5)
    first.add(TRUE[:1], FOUND[:1])
    second.add(TRUE[1:], FOUND[1:])
    first.merge(second)
    expected = {name: ARITHMETIC["scikit-learn"][name] for name in first.result()}
    assert first.result() == pytest.approx(expected, rel=1e-12)


def test_ignored_pixels_and_classes_that_do_not_occur():
    """Class 2 never occurs; of class 0 one of two pixels is right, of class 1 both."""
    agreement = LabelMapAgreement(3, ignore=255)
    agreement.add(np.uint8([[0, 0, 1, 1, 255]]), np.uint8([[0, 1, 1, 1, 7]]))
    assert agreement.result() == {
        "mean_iou": pytest.approx((1 / 2 + 2 / 3) / 2),
        "pixel_accuracy": 0.75,
        "class_accuracy": 0.75,
    }


def test_no_pixels():
    assert np.isnan(list(LabelMapAgreement(3).result().values())).all()


def test_wrong_arguments():
    agreement = LabelMapAgreement(3)
    with pytest.raises(ValueError, match=r"integers of one shape. Received: .*\(2,\) and .*\(3,\)"):
        agreement.add(np.zeros(2, int), np.zeros(3, int))
    with pytest.raises(ValueError, match="Received: float64"):
        agreement.add(np.zeros(2), np.zeros(2, int))
    with pytest.raises(ValueError, match=r"found must have labels in \[0, 3\). .* 0 to 3"):
        agreement.add(np.array([0, 1]), np.array([0, 3]))
    with pytest.raises(ValueError, match="true must have labels .* -1 to 1"):
        agreement.add(np.array([-1, 1]), np.array([0, 0]))
    with pytest.raises(ValueError, match="other must be of 3 classes. Received: 4"):
        agreement.merge(LabelMapAgreement(4))
