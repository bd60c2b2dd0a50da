"""What is left of an error of a graph."""

import pytest

from tfgan_apps.serving.messages import plain

EAGER = (
    "Graph execution error:\n\nDetected at node map/while/Assert/Assert defined at "
    "(most recent call last):\n<stack traces unavailable>\n%s\n\t "
    "[[{{node map/while/Assert/Assert}}]] [Op:__inference_signature_wrapper_serve_26714]"
)
SERVED = (
    "{{function_node __inference_serve_12}} {{function_node __inference_serve_12}} %s\n"
    "\t [[{{node map/while/Assert/Assert}}]]\n\t [[StatefulPartitionedCall/_5]]"
)
TWICE = (
    "2 root error(s) found.\n  (0) INVALID_ARGUMENT: %s\n\t [[{{node a}}]]\n\t [[b/_1]]\n"
    "  (1) INVALID_ARGUMENT: assertion failed: [other]\n\t [[{{node a}}]]\n"
    "0 successful operations.\n0 derived errors ignored."
)


@pytest.mark.parametrize("form", [EAGER, SERVED, TWICE, "%s"])
def test_the_sentence_of_an_assertion(form):
    expected = "image_bytes[1]: expected height 4 [or so], received height 5"
    assert plain(form % f"assertion failed: [{expected}]") == expected
    assert plain(form % "assertion failed: [at most] [7]") == "at most 7"


@pytest.mark.parametrize("form", [EAGER, SERVED, "%s"])
def test_another_error_keeps_its_words(form):
    expected = "slice index 1 of dimension 0 out of bounds."
    assert plain(form % expected) == expected
