"""What the makers of goldens and tests share: the numbers that fill networks and images."""

import importlib.util
import pathlib

import pytest

FOLDER = pathlib.Path(__file__).parents[1] / "goldens" / "translation"


@pytest.fixture(scope="module")
def inputs():
    spec = importlib.util.spec_from_file_location("inputs", FOLDER / "inputs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
