"""Sums what oneDNN says of its convolutions: where a step's time on a CPU goes.

    ONEDNN_VERBOSE=1 python -m benchmarks.train_step --image_size=256 --precision=bfloat16 \\
        --rounds=1 --steps=2 --torch_step=none | python -m benchmarks.onednn_profile

Matrix products are left out, for train_step measures its peak with them.
"""

import collections
import sys


def main():
    """Prints the share of each kind of convolution, and of the reorders between them."""
    times = collections.Counter()
    for line in sys.stdin:
        fields = line.strip().split(",")
        if line.startswith("onednn_verbose") and "exec" in fields:
            kind, _, direction = fields[fields.index("exec") + 2 :][:3]
            if kind in ("convolution", "reorder"):
                times[f"{kind} {direction}"] += float(fields[-1])
    for name, milliseconds in times.most_common():
        print(f"{name}: {milliseconds / times.total():.0%}")


if __name__ == "__main__":
    main()
