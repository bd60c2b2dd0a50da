"""The stop on values that are no numbers."""

import numpy as np
import pytest

from tfgan_apps.callbacks import NonFiniteError, StopOnNonFinite


def test_a_finite_run_goes_on(tiny, fit):
    assert len(fit(tiny(), [StopOnNonFinite()], epochs=2).history["loss"]) == 2


def test_the_first_bad_metric_and_weight_are_named_with_step_and_epoch(tiny, fit):
    model = tiny()
    fit(model, [StopOnNonFinite()])
    expected = r"metric 'loss' is nan, weight '\S*scale' is not finite, at step 3 in epoch 2"
    with pytest.raises(NonFiniteError, match=expected):
        fit(model, [StopOnNonFinite()], epochs=2, initial_epoch=1, target=np.nan)


def test_a_bad_metric_of_good_weights(tiny, fit):
    # 1e30 squared is beyond float32; without a learning rate the weights stay.
    with pytest.raises(NonFiniteError, match="metric 'loss' is inf, all weights are finite"):
        fit(tiny(learning_rate=0.0), [StopOnNonFinite()], target=1e30)


def test_weights_spoiled_by_the_last_update_are_found_at_the_end_of_the_epoch(tiny, fit):
    # Step 1 moves the weight by 1e23 * 1e-6, so that the loss of step 2, 1e33, is finite still;
    # its gradient, near 1e16, times the learning rate is beyond float32.
    expected = r"Received: weight '\S*scale' is not finite, at step 2 in epoch 1"
    with pytest.raises(NonFiniteError, match=expected):
        fit(tiny(learning_rate=1e23), [StopOnNonFinite()], target=0.5 - 1e-6)
