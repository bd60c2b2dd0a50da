"""Images with classes where there are classes."""

from tfgan_apps.input_pipelines import images_perhaps_labelled


def test_classes_ask_for_labels():
    options = {"dataset": "shapes", "image_size": 16, "channels": 3, "batch_size": 2}
    plain, labelled = (images_perhaps_labelled(**options, classes=n) for n in (0, 4))
    assert plain.train(0).element_spec.shape == (2, 16, 16, 3)
    assert set(labelled.train(0).element_spec) == {"image", "label"}
    assert len(labelled.classes) == 4
