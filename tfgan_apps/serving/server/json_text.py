"""JSON text as TF Serving's parser, RapidJSON, reads it and as its error messages show it.

Differences: nesting deeper than Python's parser takes is refused, and so are the tokens Inf and
-NaN; numbers beyond float64 are infinite; long strings are cut in messages; where a literal, an
escape or a number breaks off, the text or the offset of the error is that of Python's parser.
"""

import json
import re

from tfgan_apps.serving.server.status import invalid

_JSON_TYPES = {
    dict: "Object",
    list: "Array",
    str: "String",
    int: "Number",
    float: "Number",
    bool: "{}",
    type(None): "Null",
}
# What Python's parser says -> what RapidJSON says.
_PARSE_ERRORS = {
    "Expecting value": "Invalid value.",
    "Expecting property name enclosed in double quotes": "Missing a name for object member.",
    "Expecting ':' delimiter": "Missing a colon after a name of object member.",
    "Illegal trailing comma before end of array": "Invalid value.",
    "Illegal trailing comma before end of object": "Missing a name for object member.",
    "Unterminated string starting at": "Missing a closing quotation mark in string.",
    "Invalid control character at": "Invalid encoding in string.",
    "Invalid \\escape": "Invalid escape character in string.",
    "Invalid \\uXXXX escape": "Incorrect hex digit after \\u escape in string.",
}
_STRING = re.compile(rb'"[^"\\]*+(?:\\.?[^"\\]*+)*+"?', re.DOTALL)  # the last may lack its end
_FEW = 1000  # values, which no limit forbids
_MAX_SHOWN = 256  # characters of a JSON value in an error message


def parse(body):
    """Returns the JSON object at the start of a request's body.

    Args:
        body: bytes. What follows the object is not looked at.

    Raises:
        StatusError: INVALID_ARGUMENT when it is no JSON object.
    """
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    # Strings may hold any bytes: they come back as they were in `_bytes`.
    text = body.decode("utf-8-sig", "surrogateescape")
    document = _decode(text, len(text) - len(text.lstrip(" \t\r\n")))
    if type(document) is not dict:
        raise invalid(f"JSON Value: {shown(document)} Is not object")
    return document


def count(body):
    """Returns how many values a text has, at most and before there are any.

    An object counts as four: that is what it takes.

    Args:
        body: bytes-like.
    """
    if _separators(body) < _FEW:
        return _separators(body) + 1
    return _separators(_STRING.sub(b"", body)) + 1


def type_name(value):
    """Returns a JSON value's type as error messages name it: "Number", "True"."""
    return _JSON_TYPES[type(value)].format(value)


def shown(value):
    """Returns a JSON value as an error message shows it, cut when it is long."""
    text = ""
    for token in _tokens(value, "", "\n"):
        if len(text) >= _MAX_SHOWN:
            break
        text += token
    return text


def error(message):
    """Returns the body of an answer that tells an error."""
    return json.dumps({"error": message}, indent=4, ensure_ascii=False).encode("utf-8", "replace")


def too_big():
    """Returns the `StatusError` for a number that float64 cannot hold."""
    return invalid("JSON Parse error: Number too big to be stored in double.")


def _separators(body):
    return body.count(b",") + body.count(b"[") + 4 * body.count(b"{")


def _decode(text, start):
    try:
        return json.JSONDecoder(object_pairs_hook=_first_of_each).raw_decode(text, start)[0]
    except json.JSONDecodeError as failure:
        message, position = _parse_error(failure)
        offset = len(text[:position].encode("utf-8", "surrogateescape"))
        raise invalid(f"JSON Parse error: {message} at offset: {offset}") from failure
    except RecursionError as failure:
        raise invalid("JSON Parse error: nested too deeply.") from failure
    except ValueError as failure:  # More digits than Python converts.
        raise too_big() from failure


def _first_of_each(pairs):
    members = {}
    for name, value in pairs:
        members.setdefault(name, value)
    return members


def _parse_error(failure):
    text, position = failure.doc, failure.pos
    if not text[:position].strip() and text[position : position + 1] in ("", "]", "}", ",", ":"):
        return "The document is empty.", position
    if failure.msg == "Expecting ',' delimiter":
        # In an object a name follows the comma, in an array a value.
        try:
            json.JSONDecoder().raw_decode(text[:position] + ",", len(text) - len(text.lstrip()))
        except json.JSONDecodeError as after_comma:
            if "property name" in after_comma.msg:
                return "Missing a comma or } after an object member.", position
        return "Missing a comma or ] after an array element.", position
    if failure.msg == "Unterminated string starting at":
        position = len(text)
    return _PARSE_ERRORS.get(failure.msg, "Unspecific syntax error."), position


def _tokens(value, before, newline):
    if type(value) is dict:
        yield before + "{"
        for index, (name, member) in enumerate(value.items()):
            yield ("," if index else "") + newline + "    " + _scalar(name)
            yield from _tokens(member, ": ", newline + "    ")
        yield (newline if value else "") + "}"
    elif type(value) is list:
        yield before + "["
        for index, item in enumerate(value):
            yield from _tokens(item, ", " if index else "", newline + "    ")
        yield "]"
    else:
        yield before + _scalar(value)


def _scalar(value):
    if type(value) is str and len(value) > _MAX_SHOWN:
        value = value[:_MAX_SHOWN] + "..."
    return json.dumps(value, ensure_ascii=False)
