"""Writes arithmetic.json: what independent packages make of the inputs.

    python -m tests.goldens.metrics.make_arithmetic

In an environment of its own with numpy, torch-fidelity, torchvision, prdc, nltk, sacrebleu,
scikit-learn, scikit-image and lpips; their versions are written too.
"""

import importlib.metadata
import json
import pathlib

import lpips
import numpy as np
import sacrebleu
import torch
from nltk.translate.bleu_score import SmoothingFunction, corpus_bleu, sentence_bleu
from prdc import compute_prdc
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn import metrics as sklearn
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

from tests.goldens.metrics import inputs

PACKAGES = "numpy torch torch-fidelity prdc nltk sacrebleu scikit-learn scikit-image lpips".split()


def _torch_fidelity():
    x, y, x2 = map(torch.from_numpy, inputs.features())
    fid = [
        fid_statistics_to_metric(*map(fid_features_to_statistics, map(torch.from_numpy, pair)), 0)
        for pair in ((x.numpy(), y.numpy()), (x.numpy(), x2.numpy()), inputs.few_features())
    ]
    options = {"kid_subsets": 100, "kid_subset_size": 200, "verbose": False}
    return {
        "frechet_distance": [each["frechet_inception_distance"] for each in fid],
        "kernel_distance_of_subsets": list(kid_features_to_metric(x, y, **options).values()),
        "inception_score": {
            splits: list(
                isc_features_to_metric(torch.from_numpy(inputs.logits()), splits, False).values()
            )
            for splits in (1, 10)
        },
        "precision_recall": [  # the first set is the generated one
            list(prc_features_to_metric(y, real, prc_neighborhood=3, verbose=False).values())[:2]
            for real in (x, x2)
        ],
    }


def _prdc():
    x, y, x2 = inputs.features()
    found = {
        f"{name}_{k}": compute_prdc(real_features=x, fake_features=fake, nearest_k=k)
        for name, fake in (("y", y), ("x2", x2))
        for k in (3, 5)
    }
    return {name: {k: float(v) for k, v in each.items()} for name, each in found.items()}


def _text():
    references = [line.split() for line in inputs.REFERENCES]
    hypotheses = [line.split() for line in inputs.HYPOTHESES]
    method1 = SmoothingFunction().method1

    def scores(references, hypothesis, smoothing=method1):
        weights = [(1 / n,) * n for n in (2, 3, 4, 5)]
        return [float(sentence_bleu(references, hypothesis, w, smoothing)) for w in weights]

    own = [scores([r for r in references if r is not each], each) for each in references]
    lines = [[line] * 2 for line in inputs.REFERENCES]
    options = {"tokenize": "none", "smooth_method": "none"}
    return {
        "bleu": [scores(references, each) for each in hypotheses],
        "self_bleu": np.mean(own, 0).tolist(),
        "corpus_bleu": corpus_bleu([references] * 2, hypotheses[:2]),
        "sacrebleu": sacrebleu.corpus_bleu(inputs.HYPOTHESES[:2], lines, **options).score / 100,
    }


def _images():
    found = {"psnr": [], "ssim": []}
    for first, second in zip(*inputs.images(), strict=True):
        found["psnr"].append(peak_signal_noise_ratio(first, second))
        options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
        found["ssim"].append(structural_similarity(first, second, channel_axis=-1, **options))
    return {name: [float(each) for each in values] for name, values in found.items()}


def _sklearn():
    true, found = (each.ravel() for each in inputs.label_maps())
    scores, relevant = inputs.rankings()
    precisions = [
        sklearn.average_precision_score(r, s) for r, s in zip(relevant, scores, strict=True)
    ]
    return {
        "mean_iou": float(sklearn.jaccard_score(true, found, average="macro")),
        "pixel_accuracy": float(sklearn.accuracy_score(true, found)),
        "class_accuracy": float(sklearn.balanced_accuracy_score(true, found)),
        "ndcg": {k: float(sklearn.ndcg_score(relevant, scores, k=k)) for k in (3, 5, 10)},
        "map": float(np.mean(precisions)),
    }


def _lpips():
    """The package's own normalization, on the layers' features, weighed and averaged."""
    first, second, weights = inputs.feature_maps()
    total = 0
    for a, b, weight in zip(first, second, weights, strict=True):
        a, b = (lpips.normalize_tensor(torch.from_numpy(x).permute(0, 3, 1, 2)) for x in (a, b))
        squared = (a - b) ** 2 * torch.from_numpy(weight)[:, None, None]
        total = total + lpips.spatial_average(squared.sum(1, keepdim=True))
    return total.ravel().tolist()


def main():
    """Writes the file."""
    found = {
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "torch-fidelity": _torch_fidelity(),
        "prdc": _prdc(),
        "text": _text(),
        "scikit-image": _images(),
        "scikit-learn": _sklearn(),
        "lpips": _lpips(),
    }
    path = pathlib.Path(__file__).with_name("arithmetic.json")
    path.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
