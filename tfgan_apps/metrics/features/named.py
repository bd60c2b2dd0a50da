"""Feature networks by the names that commands know."""

import os

from tfgan_apps.arguments import check, check_choice
from tfgan_apps.metrics.features.classifier import classifier_features
from tfgan_apps.metrics.features.inception import fid_inception
from tfgan_apps.metrics.features.keras_inception import keras_inception
from tfgan_apps.metrics.features.resizing import RULES

NETWORKS = {"inception": fid_inception, "keras_inception": keras_inception}


def named_network(features, weights=None, resize=None):
    """Returns the `FeatureNetwork` of a name.

    Args:
        features: a name of `NETWORKS`, or the path of a classifier, .keras.
        weights: str, path, or None for the network's own place.
        resize: str, see `resizing.RULES`, or None for the network's own rule.

    Raises:
        ValueError: there is none of that name, or it takes neither weights nor a rule.
    """
    options = {"resize": resize} if resize else {}
    if features in NETWORKS:
        check_choice((None, *RULES), resize=resize)
        return NETWORKS[features](weights, **options)
    exists = features.endswith(".keras") and os.path.isfile(features)
    check(exists, f"one of {tuple(NETWORKS)}, or the path of a .keras file", features=features)
    check(not options and not weights, "left out with a classifier", weights=weights or resize)
    return classifier_features(features)
