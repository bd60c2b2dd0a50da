"""Growth: which level comes when."""

import numpy as np
import pytest

from tfgan_apps.growth import Growth, level_of, stage, stages


def test_the_papers_schedule():
    """To 1024 pixels by 800 thousand images of each: whole after 12,800 thousand."""
    growth = Growth(0, 8, 800.0, 800.0)
    found = [growth.level(1000 * k) for k in (0, 800, 1200, 1600, 2400, 12_400, 12_800, 19_000)]
    np.testing.assert_allclose(found, [0, 0, 0.5, 1, 1, 7.5, 8, 8])
    assert Growth(0, 8, 600.0, 600.0).level(9_600_000) == 8.0


def test_levels_that_come_at_once_and_training_that_does_not_grow():
    growth = Growth(1, 3, 2.0, 0.0)
    assert [growth.level(n) for n in (0, 1999, 2000, 4000, 9000)] == [1, 1, 2, 3, 3]
    assert Growth(0, 3, 0.0, 0.0).level(0) == 3.0


def test_runs_that_end_before_the_last_level_are_told():
    growth = Growth(0, 2, 2.0, 1.0)
    found = [growth.end_before_the_last(images) for images in (0, 2500, 3000, 5001, 6000, 9000)]
    early = ["at 4 of 16 pixels", "at 8 of 16 pixels", "at 8 of 16 pixels"]
    assert found == [*early, "while 16 pixels come in", "", ""]


def test_names_of_stages():
    known = stages(Growth(0, 2, 1.0, 1.0))
    assert [known[stage(level)] for level in (0.0, 0.5, 1.0, 1.001, 2.0)] == [
        (4, False),
        (8, True),
        (8, False),
        (16, True),
        (16, False),
    ]


@pytest.mark.parametrize(("size", "level"), [(4, 0), (8, 1), (1024, 8), (2, None), (12, None)])
def test_the_level_of_a_size(size, level):
    assert level_of(size) == level
