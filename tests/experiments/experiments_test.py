"""Experiments are found by their folder, and one that fails does not stop the others."""

import re
import sys

import pytest

from tests.experiments import __main__ as experiments
from tests.experiments import results


@pytest.mark.parametrize("name", experiments.experiments())
def test_an_experiment_says_what_it_costs_and_needs(name):
    stated = experiments.constants(name)
    assert stated["COST"] in ("'minutes'", "'hours'")
    assert stated["DATA"]
    page = results.RESULTS / f"{results.system_of(name)}.md"
    assert re.search(rf"^    python -m tests\.experiments\.{name}\b", page.read_text(), re.M)


def test_cheap_ones_are_those_without_data_and_hours():
    assert experiments.is_cheap("irgan_toy")
    assert not experiments.is_cheap("irgan_movielens")  # minutes, but reads data
    assert not experiments.is_cheap("pixelrnn_mnist")


def test_a_system_is_the_longest_name_that_fits():
    assert results.system_of("text_to_image_pairs") == "text_to_image"
    with pytest.raises(ValueError, match=r"<system>_<what>, .* Received: unknown_toy"):
        results.system_of("unknown_toy")


def test_the_others_run_after_a_failure(capfd):
    def command(name):
        code = f"print('ran {name}'); raise SystemExit({int(name == 'irgan_toy')})"
        return [sys.executable, "-c", code]

    assert experiments.main(["irgan", "seqgan"], command)
    printed = capfd.readouterr().out
    assert [line for line in printed.splitlines() if "ran " in line] == [
        "ran irgan_toy",
        "ran seqgan_toy",
    ]
    assert "Not run, they need data or hours (--all): irgan_movielens, seqgan_coco" in printed
    assert printed.endswith("1 of 2 passed.\nFAILED: irgan_toy\n")
    assert not experiments.main(["seqgan"], command)


def test_all_runs_what_needs_data_too(capfd):
    experiments.main(["--all", "irgan"], lambda name: [sys.executable, "-c", ""])
    assert "2 of 2 passed" in capfd.readouterr().out


def test_an_unknown_system_is_a_message(capsys):
    with pytest.raises(SystemExit) as stopped:
        experiments.main(["stylegan9"])
    assert stopped.value.code == 2
    assert "expected of acgan, biggan, cgan, cyclegan" in capsys.readouterr().err


def test_a_section_replaces_the_one_of_its_title():
    command, page = "python -m tests.experiments.irgan_toy", results.HEAD.format(system="irgan")
    for section in (
        ("One", command, "old", "at most 2", "1.5"),
        ("Two", command, "Passed", "none", "7"),
        ("One", command, "\nnew\n", "at most 2", "1.25"),
    ):
        page = results.with_section(page, *section)
    assert page == (
        results.HEAD.format(system="irgan")
        + f"\n## One\n\n    {command}\n\n- Threshold: at most 2\n- Measured: 1.25\n\nnew\n"
        + f"\n## Two\n\n    {command}\n\n- Threshold: none\n- Measured: 7\n\nPassed\n"
    )


def test_a_table_leaves_empty_what_is_not_there():
    rows = {"a": {"x": 1.0, "y": 0.123456}, "b": {"y": 2}}
    assert results.table(rows) == (
        "|  | x | y |\n| --- | --- | --- |\n| a | 1 | 0.1235 |\n| b |  | 2 |"
    )
