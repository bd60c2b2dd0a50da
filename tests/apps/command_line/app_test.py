"""What evaluations in training use, and which metric marks the best model."""

import re

import pytest
from absl import flags

from apps.command_line.app import App
from tests.tiny_gan import Points, TinyGAN


def evaluation(
    model,
    data,
    evaluation_images: int = 50,
    evaluation_samples: int | None = None,
    evaluation_features: str | None = None,
):
    """Returns nothing.

    Args:
        evaluation_images: at most.
        evaluation_samples: at most.
        evaluation_features: a network.

    Values:
        error, p@k: what is measured.
        recall[network] of class: of a class.
    """


APP = App("tests.apps.command_line.app_test", TinyGAN, Points, evaluation, "error")


@pytest.fixture
def options():
    """Returns a function: words of a command line -> `RunOptions`."""
    before = set(flags.FLAGS)
    made = APP.define()

    def options(*words):
        flags.FLAGS(["app", "--run_dir=unused", *words])
        return APP.options(made, Points())

    yield options
    for flag in set(flags.FLAGS) - before:
        delattr(flags.FLAGS, flag)
    flags.FLAGS.unparse_flags()


def test_an_evaluation_in_training_uses_a_share_of_what_was_learned_from(options):
    assert options().protocol == {"evaluation_images": 16, "evaluation_samples": 16}  # of 60
    often = options("--evaluate_epochs=50", "--evaluation_features=a")
    assert often.protocol == {"evaluation_images": 50, "evaluation_samples": 60}
    half = options("--evaluate_share=0.5", "--evaluation_images=7", "--evaluation_samples=9")
    assert half.protocol == {"evaluation_images": 7, "evaluation_samples": 9}


def test_the_metric_of_the_best_is_the_commands_own_or_that_of_the_flag(options):
    assert options().monitor == "error"
    for name in ("p@10", "-p@5", "-recall[mnist-classifier] of a cat"):
        assert options(f"--monitor={name}").monitor == name
    for wrong in ("p@", "recall[a]", "--error"):
        with pytest.raises(ValueError, match=f"one of error, p@k, recall.*'{re.escape(wrong)}'"):
            options(f"--monitor={wrong}")


@pytest.mark.parametrize("flag", ["patience=-1", "evaluate_share=-0.5"])
def test_numbers_out_of_their_ranges(options, flag):
    with pytest.raises(ValueError, match=f"{flag.partition('=')[0]} must be .* >= 0"):
        options(f"--{flag}")
