import functools
from types import SimpleNamespace

import pytest

from apps.command_line import class_names
from tests.random_images import labelled
from tfgan_apps.models import CGAN


def test_names_of_the_data_and_another_number_of_classes():
    tiny = {"image_size": 8, "generator_width": 6, "discriminator_width": 2}
    made = SimpleNamespace(system=functools.partial(CGAN, classes=3, **tiny))
    assert class_names.build(made, labelled(8)).class_names == ("0", "1", "2")
    with pytest.raises(ValueError, match="classes must be 4, the number of .* classes=3"):
        class_names.build(made, labelled(8, classes=4))
