import math

import numpy as np
import pytest

from tfgan_apps.metrics.mean import Mean


def test_batches_and_workers_do_not_matter():
    first, second = Mean(), Mean()
    first.add([1.0, 2.0])
    second.add(np.float32([[6.0]]))
    first.merge(second)
    assert first.result() == 3.0 and first.count == 3


def test_nothing_and_what_is_no_number():
    assert math.isnan(Mean().result())
    with pytest.raises(ValueError, match="values must be finite. Received: nan"):
        Mean().add([np.nan])
