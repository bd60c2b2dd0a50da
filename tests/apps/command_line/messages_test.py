from apps.command_line import messages


def test_a_legend_says_what_is_shown_and_nothing_else():
    rows = {"last": {"test_p@5": 0.5, "test_p@10": 0.5}}
    meanings = {
        "test_p@k": "Share of relevant ones.",
        "absent": "Nothing.",
        "last": "step 4",
        "test_p@5": "Share of relevant ones.",
    }
    assert messages.legend(rows, meanings) == [
        "test_p@k, test_p@5: share of relevant ones",
        "last: step 4",
    ]
