"""What an error of a served graph says to who asked, who knows nothing of the graph's nodes."""

import re

_ASSERTION = re.compile(r"assertion failed: \[(.*?)\](?=\s*(?:\[\[|\n|$))")
_NODES = re.compile(
    r"Graph execution error:\s*(?:Detected at node .*?defined at \(most recent call last\):\s*)?"
    r"|<stack traces unavailable>\s*"
    r"|\{\{(?:function_)?node [^}]*\}\}\s*|\s*\[\[[^\]]*\]\]|\s*\[Op:[^\]]*\]",
    re.S,
)


def plain(message):
    """Returns what an error says, without names of nodes, functions and ops.

    Args:
        message: str, of an error of TensorFlow or of a server that runs it.
    """
    # Of several assertions that failed at once, the first tells enough.
    if found := _ASSERTION.search(message):
        return found[1].replace("] [", " ")
    return _NODES.sub("", message).strip()
