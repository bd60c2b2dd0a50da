"""200 damaged pictures of all formats, in data and in a served graph: refused or decoded."""

import os
import pathlib
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests import pictures
from tests.apps.conftest import call
from tfgan_apps.input_pipelines import DataError, unpaired_images
from tfgan_apps.serving.export.saved_model import export_saved_model
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

COUNT = 200
# No file here has more than 4 kB, so none that is decoded has more than 8256 pixels for each byte
# (a PNG of 1 bit): 34 million, which the largest, a WebP, may exceed with 2**28 at one file.
LARGEST = 4000


def damaged(file, rng):
    """Returns a file cut, with changed bytes, with bytes put in or taken out, or doubled."""
    data, places = bytearray(file), rng.integers(0, len(file), 8)
    how = rng.integers(6)
    if how == 0:
        return bytes(data[: places[0]])
    if how == 1:
        for place in places[: rng.integers(1, 8)]:
            data[place] = rng.integers(256)
    elif how == 2:  # in the header, where sizes and kinds are
        data[rng.integers(min(40, len(data)))] = rng.choice([0, 1, 127, 128, 255])
    elif how == 3:
        data[places[0] : places[0]] = rng.bytes(rng.integers(1, 99))
    elif how == 4:
        del data[places[0] : places[0] + rng.integers(1, 99)]
    else:
        data[places[0] :] = file[places[1] :]
    return bytes(data)


@pytest.fixture(scope="module")
def files():
    """200 damaged files of every format and mode, dict name -> bytes."""
    rng = np.random.default_rng(0)
    originals = [*pictures.accepted().items()]
    originals += [(name, file) for name, (file, _) in pictures.refused().items()]
    chosen = [originals[index % len(originals)] for index in rng.permutation(COUNT)]
    found = {}
    for number, (name, file) in enumerate(chosen):
        kind = name.partition(",")[0].lower()
        found[f"{number}.{kind.replace('jpeg', 'jpg')}"] = damaged(file, rng)
    assert max(map(len, found.values())) < LARGEST
    return found


class Memory:
    """The most memory of the process while a block runs, beyond what it had before."""

    def __enter__(self):
        pathlib.Path("/proc/self/clear_refs").write_text("5")  # The peak begins anew.
        self._before = self._peak()
        return self

    def __exit__(self, *_):
        self.taken = self._peak() - self._before

    def _peak(self):
        status = pathlib.Path("/proc/self/status").read_text()
        return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status)[1])
