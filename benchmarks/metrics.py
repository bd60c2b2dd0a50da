"""Metrics beside the arithmetic of torch-fidelity, prdc and nltk: same inputs, same run.

    python -m benchmarks.metrics [--peers=PYTHON] [--only=neighbourhoods]

Each case runs in processes of its own, ours and theirs in turns; the ratio is of the medians, and
memory the most that a process held above what it held before the call. Where other work shares the
machine, CPU-seconds tell more. --peers names the Python of
an environment with torch-fidelity, torchvision, prdc and nltk, by default this one.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

ROUNDS = 3


def _features(count, seed, dtype=np.float32):
    return np.random.default_rng(seed).standard_normal((count, 2048), dtype)


def _sentences(count, seed):
    random = np.random.default_rng(seed)
    words = np.minimum(random.zipf(1.3, (count, 12)), 5000)
    return [[str(word) for word in line] for line in words]


def _statistics_ours():
    from tfgan_apps.metrics.frechet_distance import GaussianStatistics

    block = _features(1000, 0)

    def call():
        found = GaussianStatistics()
        for _ in range(50):
            found.add(block)
        return np.trace(found.covariance)

    return call


def _statistics_theirs():
    import torch
    from torch_fidelity.metric_fid import fid_features_to_statistics

    block = _features(1000, 0)

    def call():
        features = torch.from_numpy(np.concatenate([block] * 50))
        return np.trace(fid_features_to_statistics(features)["sigma"])

    return call


def _moments():
    """Returns two means and covariances of full rank."""
    both = [_features(4096, seed, np.float64) * (1 + seed) for seed in (0, 1)]
    return [{"mu": each.mean(0), "sigma": np.cov(each, rowvar=False)} for each in both]


def _root_ours():
    from tfgan_apps.metrics.frechet_distance import GaussianStatistics, frechet_distance

    sets = [GaussianStatistics.of_moments(**each, count=4096) for each in _moments()]
    return lambda: frechet_distance(*sets)


def _root_theirs():
    from torch_fidelity.metric_fid import fid_statistics_to_metric

    sets = _moments()
    return lambda: fid_statistics_to_metric(*sets, 0)["frechet_inception_distance"]


def _kernel_ours(subsets=100):
    from tfgan_apps.metrics.kernel_distance import kernel_distance_of_subsets

    sets = [_features(5000, seed, np.float64) for seed in (0, 1)]
    return lambda: kernel_distance_of_subsets(*sets, subsets=subsets)["mean"]


def _kernel_theirs(subsets=100):
    import torch
    from torch_fidelity.metric_kid import kid_features_to_metric

    sets = [torch.from_numpy(_features(5000, seed, np.float64)) for seed in (0, 1)]
    options = {"kid_subsets": subsets, "verbose": False}
    return lambda: kid_features_to_metric(*sets, **options)["kernel_inception_distance_mean"]


def _few_subsets_ours():
    return _kernel_ours(20)


def _few_subsets_theirs():
    return _kernel_theirs(20)


def _neighbourhoods_ours():
    from tfgan_apps.metrics.neighbourhoods import neighbourhoods

    sets = [_features(10_000, seed) for seed in (0, 1)]
    return lambda: neighbourhoods(*sets, 5)["coverage"]


def _neighbourhoods_theirs():
    from prdc import compute_prdc

    sets = [_features(10_000, seed) for seed in (0, 1)]
    return lambda: compute_prdc(*sets, nearest_k=5)["coverage"]


def _bleu_ours():
    from tfgan_apps.metrics.text import bleu

    hypotheses, references = _sentences(10_000, 0), _sentences(1000, 1)
    return lambda: bleu(hypotheses, references)["bleu_4"]


def _bleu_theirs():
    """A hundredth of the hypotheses: nltk counts the references anew for each."""
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    hypotheses, references = _sentences(10_000, 0)[:100], _sentences(1000, 1)
    method1 = SmoothingFunction().method1
    weights = [(1 / n,) * n for n in (2, 3, 4, 5)]
    return lambda: np.mean(
        [sentence_bleu(references, each, weights, method1)[2] for each in hypotheses]
    )


CASES = {
    "statistics": ("50,000 x 2,048 features, streamed", 1),
    "root": ("Frechet distance of 2,048 x 2,048 covariances", 1),
    "kernel": ("100 subsets of 1,000 of 5,000, as both take by default", 1),
    "few_subsets": ("kernel distance, 20 subsets of 1,000 of 5,000", 1),
    "neighbourhoods": ("precision, recall, density, coverage, 10,000 x 10,000", 1),
    "bleu": ("10,000 hypotheses, 1,000 references", 100),
}
"""dict, name -> what it is, and by how much less work their time is multiplied."""


def run(name):
    """Prints JSON: seconds, memory and answer of one side of a case, `<case>_<side>`."""
    call = globals()[f"_{name}"]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, used = time.perf_counter(), time.process_time()
    answer = float(call())
    seconds, used = time.perf_counter() - start, time.process_time() - used
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    found = {"seconds": seconds, "CPU": used, "megabytes": memory / 1024, "answer": answer}
    print(json.dumps(found))


def _measured(python, name):
    command = [python, "-m", "benchmarks.metrics", f"--run={name}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(out.splitlines()[-1])


def main(flags):
    """Prints a line for each case."""
    print("case: ours s, CPU-s, MB | theirs s, CPU-s, MB | theirs / ours, in CPU-s")
    for name in [flags.only] if flags.only else CASES:
        what, times = CASES[name]
        found = {"ours": [], "theirs": []}
        for _ in range(flags.rounds):
            found["ours"].append(_measured(sys.executable, f"{name}_ours"))
            found["theirs"].append(_measured(flags.peers, f"{name}_theirs"))
        medians = {
            side: {key: statistics.median(each[key] for each in runs) for key in runs[0]}
            for side, runs in found.items()
        }
        ours, theirs = medians["ours"], medians["theirs"]
        theirs |= {key: theirs[key] * times for key in ("seconds", "CPU")}
        sides = " | ".join(
            f"{each['seconds']:.2f}, {each['CPU']:.2f}, {each['megabytes']:.0f}"
            for each in (ours, theirs)
        )
        ratios = [theirs[key] / ours[key] for key in ("seconds", "CPU")]
        answers = f"{ours['answer']:.8g} and {theirs['answer']:.8g}"
        print(f"{name} ({what}): {sides} | {ratios[0]:.2f}, {ratios[1]:.2f}; answers {answers}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--only", choices=CASES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--run")
    flags = parser.parse_args()
    run(flags.run) if flags.run else main(flags)
