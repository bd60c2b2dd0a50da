"""Flags of paths: the home directory, which no shell reads after --flag=."""

import os

from absl import flags

from apps.command_line import signature_flags
from apps.command_line.app import INTERNAL
from tfgan_apps import training

WORDS = ["--of_home_run_dir=~/runs/mine", "--of_home_saved_model=~/saved", "--of_home_init_from=~b"]


def test_the_home_directory_in_every_flag_and_in_options(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    made = signature_flags.define(training.RunOptions, prefix="of_home_", skip=INTERNAL)
    try:
        flags.FLAGS(["program", *WORDS])
        options = made()
    finally:
        for name in made.flags_of.values():
            delattr(flags.FLAGS, name)
        flags.FLAGS.unparse_flags()
    assert options.run_dir == os.path.join(tmp_path, "runs", "mine")
    assert options.saved_model == os.path.join(tmp_path, "saved")
    assert options.init_from == "~b"  # another user's home, if anything
    assert training.RunOptions("~/runs").run_dir == os.path.join(tmp_path, "runs")
