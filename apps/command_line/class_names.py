"""Building a system of classes: it takes their names from the data."""


def build(made, data):
    """Returns the model of the flags.

    Args:
        made: from `App.define`.
        data: `LabelledImages`, or any whose `classes` are names; one without them has no classes.

    Raises:
        ValueError: `--classes` is another number than the data's.
    """
    return made.system(class_names=getattr(data, "classes", None))
