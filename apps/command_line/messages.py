"""What commands print: a model before training, metrics after it."""

import json
import os
import re
import textwrap

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


def names(documented, metric):
    """Tells whether a name in documentation stands for a metric.

    Args:
        documented: str, in which `@k` is every number k, and `network` and `class` every name.
        metric: str, without them.
    """
    pattern = re.escape(documented).replace("@k", r"@\d+")
    return bool(re.fullmatch(re.sub(r"\b(network|class)\b", ".+", pattern), metric))


def legend(rows, meanings):
    """Returns lines that say what the rows and columns of a table are.

    Args:
        rows: as for `table`.
        meanings: dict, name of a metric or column -> text, see `names`.
    """
    shown = [*rows, *dict.fromkeys(name for cells in rows.values() for name in cells)]
    of_texts = {}
    for name, text in meanings.items():
        if any(names(name, each) for each in shown):
            of_texts.setdefault(text, []).append(name)
    lines = [
        f"{', '.join(names)}: {text[:1].lower()}{text[1:].rstrip('.')}"
        for text, names in of_texts.items()
    ]
    return [textwrap.fill(line, 100, subsequent_indent="  ") for line in lines]


def stopped(step, job):
    """Returns the last line of a run that was asked to stop.

    Args:
        step: int, that is saved.
        job: `Job`.
    """
    epoch = step // job.data.steps_per_epoch + 1
    return (
        f"\nStopped after step {step}, in epoch {epoch} of {job.options.epochs}; all of it is in "
        f"{job.options.run_dir}. The same command goes on from there"
    )


def report(rows, options, meanings, protocol):
    """Prints the final metrics and where to look, and keeps them in `evaluation.json`.

    Args:
        rows: as for `table`.
        options: `training.RunOptions`.
        meanings: as for `legend`.
        protocol: dict, how the rows were measured; it is in `protocol.json`.
    """
    if rows:
        write_whole(options.path("evaluation.json"), json.dumps(rows, indent=2))
        write_whole(options.path("protocol.json"), json.dumps(protocol, indent=2))
        print("\n".join(["\nHeld-out data:\n", table(rows), "", *legend(rows, meanings), ""]))
    sheets = sorted(os.listdir(options.path("samples")))
    print(f"Look at: {options.path('samples', sheets[-1])}")
    print(f"The run: {options.run_dir} (the same command resumes; tfgan export, tfgan generate)")
    if options.saved_model:
        print(f"SavedModel: {options.saved_model}")
