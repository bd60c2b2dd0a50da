"""Agreement of label maps: mean intersection over union, and accuracy of pixels and classes.

Reference: Long et al., "Fully Convolutional Networks for Semantic Segmentation", 2015,
    arXiv:1411.4038, section 5
"""

import numpy as np

from tfgan_apps.arguments import check_integers


class LabelMapAgreement:
    """Counts of (true, found) labels over pixels, added batch by batch.

    Args:
        classes: int >= 1; labels are in [0, classes).
        ignore: int, true label of pixels that do not count. Defaults to None, all count.
    """

    def __init__(self, classes, ignore=None):
        check_integers(1, classes=classes)
        self.classes = classes
        self.ignore = ignore
        self.confusion = np.zeros((classes, classes), np.int64)  # rows are true, columns found

    def add(self, true, found):
        """Adds label maps.

        Args:
            true, found: integers of one shape.

        Raises:
            ValueError: the shapes differ, or a label is none.
        """
        true, found = np.asarray(true), np.asarray(found)
        whole = all(np.issubdtype(each.dtype, np.integer) for each in (true, found))
        if true.shape != found.shape or not whole:
            raise ValueError(
                "true and found must be integers of one shape. "
                f"Received: {true.dtype} {true.shape} and {found.dtype} {found.shape}"
            )
        counted = np.ones(true.shape, bool) if self.ignore is None else true != self.ignore
        true, found = true[counted].astype(np.int64), found[counted].astype(np.int64)
        for name, labels in (("true", true), ("found", found)):
            if labels.size and not 0 <= labels.min() <= labels.max() < self.classes:
                raise ValueError(
                    f"{name} must have labels in [0, {self.classes}). "
                    f"Received: from {labels.min()} to {labels.max()}"
                )
        pairs = np.bincount(true * self.classes + found, minlength=self.classes**2)
        self.confusion += pairs.reshape(self.classes, self.classes)

    def merge(self, other):
        """Adds what another worker has gathered.

        Args:
            other: `LabelMapAgreement` of as many classes.

        Raises:
            ValueError: it is of others.
        """
        if self.classes != other.classes:
            raise ValueError(f"other must be of {self.classes} classes. Received: {other.classes}")
        self.confusion += other.confusion

    def result(self):
        """Returns dict of floats: `mean_iou`, `pixel_accuracy` and `class_accuracy`.

        Means over classes leave out those that do not occur; nan when there was no pixel.
        """
        right, true = np.diag(self.confusion), self.confusion.sum(1)
        union = true + self.confusion.sum(0) - right
        return {
            "mean_iou": _mean_share(right, union),
            "pixel_accuracy": _mean_share(right.sum(), true.sum()),
            "class_accuracy": _mean_share(right, true),
        }


def _mean_share(part, whole):
    part, whole = np.atleast_1d(part), np.atleast_1d(whole)
    occurs = whole > 0
    return float((part[occurs] / whole[occurs]).mean()) if occurs.any() else float("nan")
