"""What commands print: a model before training, metrics after it."""

import json
import os

from tfgan_apps.files import write_whole


def describe(models, data, flagfile):
    """Returns the text of `--dry_run`: flags, networks with parameter counts, data.

    Args:
        models: list of `AdversarialModel`s, in the order of their training.
        data: from `input_pipelines`.
        flagfile: str, the lines of the flags.
    """
    lines = ["flags:", *("  " + line for line in flagfile.splitlines())]
    for player, networks in (each for model in models for each in model.players().items()):
        lines.append(f"{player}:")
        lines += [f"  {net.name}: {net.count_params():,} parameters" for net in networks]
    return "\n".join([*lines, "data:", *(f"  {line}" for line in data.describe())])


def table(rows):
    """Returns a table with a line for each metric, aligned for a terminal, and Markdown too.

    Args:
        rows: dict, name of a column -> dict, name of a metric -> float; what is not there is empty.
    """
    names = list(dict.fromkeys(name for cells in rows.values() for name in cells))
    lines = [["", *rows]]
    for name in names:
        lines.append([name, *(f"{c[name]:.4g}" if name in c else "" for c in rows.values())])
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    padded = [[c.ljust(w) for c, w in zip(line, widths, strict=True)] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in padded)


def report(rows, options):
    """Prints the final metrics and where to look, and keeps them in `evaluation.json`.

    Args:
        rows: as for `table`.
        options: `training.RunOptions`.
    """
    if rows:
        write_whole(options.path("evaluation.json"), json.dumps(rows, indent=2))
        print(f"\nHeld-out data:\n\n{table(rows)}\n")
    sheets = sorted(os.listdir(options.path("samples")))
    print(f"Look at: {options.path('samples', sheets[-1])}")
    print(f"The run: {options.run_dir} (the same command resumes; tfgan export, tfgan generate)")
    if options.saved_model:
        print(f"SavedModel: {options.saved_model}")
