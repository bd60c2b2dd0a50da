"""SIFID: Frechet distance between the places of two images, in the features of each place.

Reference: Shaham et al., "SinGAN: Learning a Generative Model from a Single Natural Image", 2019,
    arXiv:1905.01164; https://github.com/tamarott/SinGAN, SIFID/sifid_score.py
Differences:
    - images are read in one range; the authors' script divides a PNG's values by 255 twice.
"""

import numpy as np

from tfgan_apps.metrics.frechet_distance import frechet_distance


def single_image_distance(real, fake, feature_maps):
    """Returns the Frechet distance of each pair of images, whose sizes may differ.

    Its values depend on the images' size: compare only those of one size.

    Args:
        real, fake: lists of as many images (H, W, C), in what `feature_maps` takes.
        feature_maps: function, images (1, H, W, C) -> (1, h, w, D), with two places or more. The
            authors' are `features.torchvision.sifid_features`.

    Returns:
        float64 (N,), 0 for equal images.

    Raises:
        ValueError: the lists differ in length, or a feature is not finite.
    """
    if len(real) != len(fake) or not len(real):
        raise ValueError(
            f"fake must be as many images as real, one or more. "
            f"Received: {len(real)} real, {len(fake)} fake"
        )
    pairs = zip(real, fake, strict=True)
    return np.array([frechet_distance(*(_places(feature_maps, i) for i in p)) for p in pairs])


def _places(feature_maps, image):
    found = np.asarray(feature_maps(np.asarray(image)[None]), np.float64)
    return found.reshape(-1, found.shape[-1])
