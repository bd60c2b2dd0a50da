"""SPADE's flagfiles say the numbers of the data sets that they are named for."""

import pytest
from absl import flags
from absl.testing import flagsaver

from apps import spade
from tests.apps.conftest import REPOSITORY
from tfgan_apps.input_pipelines import NUMBERINGS


@pytest.mark.parametrize("name", NUMBERINGS)
def test_flagfiles_have_the_numbers_of_their_data(name):
    before = set(flags.FLAGS)
    for path in sorted((REPOSITORY / "apps/flags/spade").glob(f"{name}*.flags")):
        try:
            with flagsaver.flagsaver():
                made = spade.APP.define()
                flags.FLAGS(["spade", f"--flagfile={path}"])
                system, data = made.system.values(), made.data.values()
        finally:
            for flag in set(flags.FLAGS) - before:
                delattr(flags.FLAGS, flag)
        for key, value in NUMBERINGS[name].items():
            assert system[key] == data[key] == value, path
