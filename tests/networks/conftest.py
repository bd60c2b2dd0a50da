"""What makers of goldens and tests share: the numbers that fill networks and images."""

import pathlib
import sys

import pytest

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "translation"


@pytest.fixture(scope="module")
def inputs():
    sys.path.insert(0, str(FOLDER))
    import inputs

    yield inputs
    sys.path.remove(str(FOLDER))
    del sys.modules["inputs"]
