"""Predict requests and answers in JSON, as TF Serving's util/json_tensor.cc reads and writes them.

Differences: an integer that its dtype cannot hold is refused, where TF Serving wraps it; so are
lists of more than 64 dimensions. Whitespace in answers is not the same.
"""

import base64
import binascii
import itertools
import json
import math

import grpc
import numpy as np
from tensorflow.core.framework import types_pb2

from tfgan_apps.serving.server import json_text, prediction
from tfgan_apps.serving.server.status import StatusError, invalid

_DTYPES = {
    types_pb2.DT_FLOAT: np.float32,
    types_pb2.DT_DOUBLE: np.float64,
    types_pb2.DT_INT8: np.int8,
    types_pb2.DT_INT16: np.int16,
    types_pb2.DT_INT32: np.int32,
    types_pb2.DT_INT64: np.int64,
    types_pb2.DT_UINT8: np.uint8,
    types_pb2.DT_UINT32: np.uint32,
    types_pb2.DT_UINT64: np.uint64,
    types_pb2.DT_BOOL: np.bool_,
    types_pb2.DT_STRING: np.object_,
}
_MAX_RANK = 64  # NumPy's
_PIECE = 1 << 16  # values that are written at a time


def signature_name(document):
    """Returns the name of the signature that a request asks for, "" when it names none.

    Raises:
        StatusError: INVALID_ARGUMENT when the name is no string.
    """
    name = document.get("signature_name", "")
    if type(name) is not str:
        raise invalid(
            f"JSON Value: {json_text.shown(document)} not formatted correctly. 'signature_name' "
            "key must be a string value."
        )
    return name


def is_row_format(document):
    """Returns whether a request is in row format ("instances"), not in column format ("inputs").

    Raises:
        StatusError: INVALID_ARGUMENT when it is in neither or in both.
    """
    if "instances" not in document and "inputs" not in document:
        raise invalid("Missing 'inputs' or 'instances' key")
    if "instances" in document and "inputs" in document:
        raise invalid(
            f"JSON Value: {json_text.shown(document)} Not formatted correctly expecting only one "
            "of 'inputs' or 'instances' keys to exist "
        )
    return "instances" in document


def batch_sizes(document, inputs):
    """Returns how many rows a request has, before they are made arrays.

    Args:
        document: dict, as `parse` returns it.
        inputs: mapping, name -> `TensorInfo`, of the signature.

    Returns:
        dict, name -> (number of rows,), or () where there is no list.
    """
    if is_row_format(document):
        return dict.fromkeys(inputs, _shape(document["instances"])[:1])
    columns = document["inputs"]
    if _is_named(columns):
        return {name: _shape(columns.get(name))[:1] for name in inputs}
    return dict.fromkeys(inputs, _shape(columns)[:1])


def feeds(document, inputs):
    """Returns the arrays that a request feeds to a signature.

    Args:
        document: dict, as `parse` returns it.
        inputs: mapping, name -> `TensorInfo`, of the signature; not empty. Only the dtypes are
            looked at, as in TF Serving: shapes are the model's to check.

    Returns:
        dict, name -> array; strings are in object arrays of bytes.

    Raises:
        StatusError: INVALID_ARGUMENT or UNIMPLEMENTED, with TF Serving's message.
    """
    dtypes = {name: inputs[name].dtype for name in sorted(inputs)}
    if not is_row_format(document):
        return _from_columns(document["inputs"], dtypes)
    instances = document["instances"]
    if type(instances) is not list:
        raise invalid(
            f"JSON Value: {json_text.shown(document)} Expecting 'instances' to be an list/array"
        )
    if not instances:
        raise invalid(f"JSON Value: {json_text.shown(document)} No values in 'instances' array")
    return _from_rows(instances, dtypes)


def answer(outputs, row):
    """Returns the body of the answer to a predict request.

    Args:
        outputs: dict, name -> array; strings are bytes in object arrays. Those of names that end
            in `_bytes` are written as base64 objects, the others as text.
        row: whether the request was in row format.

    Returns:
        UTF-8 bytes; of a single output the value, of several objects.

    Raises:
        StatusError: INVALID_ARGUMENT when the outputs cannot be written in this format.
    """
    if not outputs:
        raise invalid("Cannot convert empty tensor map to JSON")
    # NumPy would cut the zeros at the end of bytes.
    arrays = {
        name: np.array(value, np.object_) if isinstance(value, bytes) else np.asarray(value)
        for name, value in outputs.items()
    }
    text = _rows(arrays) if row else _columns(arrays)
    return text.encode("utf-8", "surrogateescape")


def _from_columns(inputs, dtypes):
    if type(inputs) is not dict or _is_base64(inputs):
        if len(dtypes) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as multiple input tensors "
                "required as per tensorinfo_map"
            )
        return {name: _array(inputs, dtype) for name, dtype in dtypes.items()}
    arrays = {}
    for name, dtype in dtypes.items():
        if name not in inputs:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
        arrays[name] = _array(inputs[name], dtype)
    return arrays


def _from_rows(instances, dtypes):
    if type(instances[0]) is not dict and len(dtypes) > 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as multiple input tensors "
            "required as per tensorinfo_map"
        )
    try:
        return _stack(instances, dtypes)
    except StatusError:
        _check_each(instances, dtypes)
        raise


def _stack(instances, dtypes):
    """Returns the arrays of rows that are all as they must be."""
    if _is_named(instances[0]):
        if not all(_is_named(row) and row.keys() == dtypes.keys() for row in instances):
            raise invalid("The items of 'instances' must have the same keys.")
        return {
            name: _array([row[name] for row in instances], dtype) for name, dtype in dtypes.items()
        }
    name, dtype = next(iter(dtypes.items()))
    return {name: _array(instances, dtype)}


def _check_each(instances, dtypes):
    """Raises the error of the first row that is not as it must be."""
    named, seen = _is_named(instances[0]), {}
    for index, row in enumerate(instances):
        if named != _is_named(row):
            what = "object but got list" if named else "value/list but got object"
            raise invalid(f"Expecting {what} at item {index} of input list")
        for name, value in row.items() if named else [(next(iter(dtypes)), row)]:
            try:
                _check_like_first(name, value, dtypes, seen)
            except StatusError as failure:
                where = f"{index} key: {name}" if named else index
                raise invalid(
                    f"Failed to process element: {where} of 'instances' list. Error: {failure}"
                ) from failure
        if named and row.keys() != dtypes.keys():
            raise invalid(
                f"Failed to process element: {index} of 'instances' list. JSON object: "
                f"{json_text.shown(row)} keys must be equal to: {','.join(dtypes)}"
            )


def _check_like_first(name, value, dtypes, seen):
    if name not in dtypes:
        raise invalid(f"JSON object: does not have named input: {name}")
    shape = _array(value, dtypes[name]).shape
    first = seen.setdefault(name, shape)
    if math.prod(shape) != math.prod(first):
        raise invalid(f"Expecting tensor size: {math.prod(first)} but got: {math.prod(shape)}")
    if shape != first:
        in_words = ["[" + ",".join(map(str, sizes)) + "]" for sizes in (first, shape)]
        raise invalid(f"Expecting shape {in_words[0]} but got: {in_words[1]}")


def _array(value, dtype):
    shape = _shape(value)
    if dtype not in _DTYPES:
        raise StatusError(
            grpc.StatusCode.UNIMPLEMENTED,
            f"Conversion of JSON Value: {json_text.shown(value)} to type: "
            f"{prediction.dtype_name(dtype)}",
        )
    leaves = [value]
    for size in shape:
        if not all(type(item) is list and len(item) == size for item in leaves):
            break
        leaves = list(itertools.chain.from_iterable(leaves))
    else:
        if _fit(leaves, dtype):
            return _convert(leaves, dtype).reshape(shape)
    _check(value, dtype, shape, 0)
    raise _type_error(value, dtype)


def _shape(value):
    shape = []
    while type(value) is list:
        shape.append(len(value))
        value = value[0] if value else None
    if len(shape) > _MAX_RANK:
        raise invalid(f"JSON lists may have {_MAX_RANK} dimensions. Received: {len(shape)}")
    return tuple(shape)


def _fit(leaves, dtype):
    """Returns whether all of some values are what a dtype can hold."""
    types = set(map(type, leaves))
    if dtype == types_pb2.DT_STRING:
        return types <= {str} or all(type(leaf) is str or _is_base64(leaf) for leaf in leaves)
    if dtype == types_pb2.DT_BOOL:
        return types <= {bool}
    if dtype in (types_pb2.DT_FLOAT, types_pb2.DT_DOUBLE):
        return types <= {int, float}
    limits = np.iinfo(_DTYPES[dtype])
    return types <= {int} and (
        not leaves or (limits.min <= min(leaves) and max(leaves) <= limits.max)
    )


def _convert(leaves, dtype):
    if dtype == types_pb2.DT_STRING:
        return np.array([_bytes(leaf) for leaf in leaves], np.object_)
    try:
        with np.errstate(over="ignore"):  # What float32 cannot hold is infinite.
            return np.array(leaves, _DTYPES[dtype])
    except OverflowError as failure:
        raise json_text.too_big() from failure


def _check(value, dtype, shape, level):
    """Raises the error of the first value that is not where or what it must be."""
    if type(value) is list:
        if level >= len(shape):
            raise invalid(f"Encountered list at unexpected level: {level} expected < {len(shape)}")
        if len(value) != shape[level]:
            raise invalid(
                f"Encountered list at unexpected size: {len(value)} at level: {level} expected "
                f"size: {shape[level]}"
            )
        for item in value:
            _check(item, dtype, shape, level + 1)
    elif level != len(shape):
        raise invalid(
            f"JSON Value: {json_text.shown(value)} found at incorrect level: {level + 1} in the "
            f"JSON DOM. Expected at level: {len(shape)}"
        )
    elif not _fit([value], dtype):
        raise _type_error(value, dtype)


def _type_error(value, dtype):
    if dtype == types_pb2.DT_STRING and type(value) is dict:
        return invalid(
            f"JSON Value: {json_text.shown(value)} not formatted correctly for base64 data"
        )
    return invalid(
        f"JSON Value: {json_text.shown(value)} Type: {json_text.type_name(value)} is not of "
        f"expected type: {prediction.dtype_name(dtype)}"
    )


def _is_base64(value):
    return type(value) is dict and len(value) == 1 and type(value.get("b64")) is str


def _is_named(value):
    return type(value) is dict and not _is_base64(value)


def _bytes(leaf):
    if type(leaf) is str:
        try:
            return leaf.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as failure:
            raise invalid("JSON Parse error: The surrogate pair in string is invalid.") from failure
    digits = "".join(leaf["b64"].split())
    data = digits.rstrip("=")
    try:  # Padding may be left out, but not be wrong.
        if len(digits) - len(data) not in (0, -len(data) % 4):
            raise ValueError("wrong padding")
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except (binascii.Error, ValueError) as failure:
        raise invalid("Unable to base64 decode") from failure


def _rows(arrays):
    size = None
    for name, array in arrays.items():
        if not array.ndim:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if size not in (None, len(array)):
            raise invalid(
                f"Tensor name: {name} has inconsistent batch size: {len(array)} expecting: {size}"
            )
        size = len(array)
    columns = {name: _items(name, array, 1) for name, array in arrays.items()}
    if len(columns) == 1:
        rows = next(iter(columns.values()))
    else:
        by_row = zip(*columns.values(), strict=True)
        rows = [_object(zip(columns, row, strict=True)) for row in by_row]
    return '{\n    "predictions": [' + ", ".join(rows) + "\n    ]\n}"


def _columns(arrays):
    values = [(name, _items(name, array, 0)[0]) for name, array in arrays.items()]
    return '{\n    "outputs": ' + (values[0][1] if len(values) == 1 else _object(values)) + "\n}"


def _object(members):
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in members) + "}"


def _items(name, array, axis):
    """Returns an array's values as JSON texts, nested up to an axis."""
    texts = _texts(name, array)
    for kept in range(array.ndim - 1, axis - 1, -1):
        size, count = array.shape[kept], math.prod(array.shape[:kept])
        texts = ["[" + ", ".join(texts[i * size : (i + 1) * size]) + "]" for i in range(count)]
    return texts


def _texts(name, array):
    """Returns the values as JSON; made in pieces, for the values themselves take as much again."""
    flat = array.ravel()
    pieces = (flat[start : start + _PIECE] for start in range(0, flat.size, _PIECE))
    return list(itertools.chain.from_iterable(_piece(name, piece) for piece in pieces))


def _piece(name, array):
    values = array.tolist()
    if array.dtype == np.object_:
        if name.endswith("_bytes"):
            return [f'{{"b64": "{base64.b64encode(value).decode()}"}}' for value in values]
        texts = [value.decode("utf-8", "surrogateescape") for value in values]
        return [json.dumps(text, ensure_ascii=False) for text in texts]
    if array.dtype in (np.float32, np.float64):
        return _decimals(array, values)
    if array.dtype == np.bool_:
        return ["true" if value else "false" for value in values]
    if array.dtype.type not in _DTYPES.values():
        dtype = {"float16": "half"}.get(array.dtype.name, array.dtype.name)
        raise invalid(f"Failed to write JSON value for tensor type: {dtype}")
    return list(map(str, values))


def _decimals(array, values):
    short = [f"{value:.6g}" for value in values]
    with np.errstate(over="ignore"):
        same = np.array(list(map(float, short)), array.dtype) == array
    digits = 9 if array.dtype == np.float32 else 17
    return [
        _decimal(text if equal else f"{value:.{digits}g}")
        for text, equal, value in zip(short, same.tolist(), values, strict=True)
    ]


def _decimal(text):
    if text in ("nan", "inf", "-inf"):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[text]
    return text if "." in text or "e" in text else text + ".0"
