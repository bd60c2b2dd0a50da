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
from tfgan_apps.input_pipelines.sources import headers
from tfgan_apps.serving.export.saved_model import export_saved_model
from tfgan_apps.serving.kinds.image_to_image import ImageToImage

COUNT = 200
LARGEST = 4000  # bytes of a file
# What a pixel takes at most while it is decoded and resized, by the steps of `decode_image` and
# `resize`: levels of 8 and of 16 bits, of those two copies, floats twice; four channels each.
BYTES = 4 * (1 + 2 + 2 + 2 + 4 + 4)
THREADS = os.cpu_count()
SLACK = 64 << 20  # what TensorFlow takes for graphs, threads and its arenas, whatever they decode


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
    originals = list(pictures.accepted().items())
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


def most_pixels(files, limit):
    """Returns the most pixels that a header among files announces without being refused."""
    found = [0]
    for file in files.values():
        if not headers.problem_of(file):
            width, height, _ = headers.announced(file)
            found += [width * height] if width * height <= limit else []
    return max(found)


def write(folder, files):
    """Writes the files as both domains of a data set."""
    for split in ("trainA", "trainB"):
        os.makedirs(folder / split)
        for name, file in files.items():
            (folder / split / name).write_bytes(file)


def test_data_with_damaged_pictures_are_refused_or_decoded(files, tmp_path):
    folder = tmp_path / "data"
    write(folder, files)
    with Memory() as memory:
        done = call("check_data", dataset=folder, image_size=16)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    lines = [line.strip() for line in done.stderr.splitlines()[1:]]
    named = [line.partition(": ")[0] for line in lines if line.startswith("train")]
    assert len(named) == len(set(named)) > COUNT
    assert all(line.endswith(".") for line in lines)
    bound = SLACK + THREADS * BYTES * most_pixels(files, headers.MAX_PIXELS)
    assert memory.taken < bound, (memory.taken, bound)

    # A run ends with the same; without what is named it starts, and reads all of the rest.
    with pytest.raises(DataError) as error:
        unpaired_images(str(folder), image_size=16).check()
    assert [line.partition(": ")[0] for line in error.value.problems] == named
    for name in named:
        os.remove(folder / name)
    data = unpaired_images(str(folder), image_size=16, batch_size=4)
    with Memory() as memory:
        data.check()
        batches = [*data.test(batch_size=4).as_numpy_iterator()]
    assert sum(len(x) for x, _ in batches) == data.test_length == COUNT - len(named) // 2
    assert all(np.isfinite(x).all() for x, _ in batches)
    assert memory.taken < bound, (memory.taken, bound)


def test_a_served_export_refuses_or_decodes_damaged_pictures(files, tmp_path):
    image = keras.Input((None, None, 3))
    negative = keras.Model(image, keras.layers.Rescaling(-1.0)(image))
    served = ImageToImage({"x_to_y": negative}, 16)
    path = export_saved_model(served, str(tmp_path / "negative"))
    signature = tf.saved_model.load(path).signatures["serving_default"]
    answered = 0
    with Memory() as memory:
        for name, file in files.items():
            try:
                answer = signature(image_bytes=tf.constant([file]))["image_bytes"]
            except tf.errors.InvalidArgumentError as error:
                assert "image_bytes" in error.message, name
                continue
            answered += 1
            assert headers.format_of(file) in ("JPEG", "PNG"), name
            assert not headers.problem_of(file), name
            assert tf.io.decode_png(answer[0]).shape[-1] == 3
    assert 5 <= answered < COUNT / 2
    # The network and the PNG of its answer take as much as decoding does.
    bound = SLACK + 2 * BYTES * most_pixels(files, 2**25)
    assert memory.taken < bound, (memory.taken, bound)
