"""The C program beside this file: compiled by the machine's compiler, run on an export."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

SOURCE = pathlib.Path(__file__).with_name("run_saved_model.c")


def compile_program(folder, *options):
    """Compiles the program against the TensorFlow that Python imports.

    Args:
        folder: where the program is written.
        options: more options of the compiler.

    Returns:
        The program's path, or None where the machine has no compiler `cc`.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    program, library = pathlib.Path(folder) / "run_saved_model", tf.sysconfig.get_lib()
    warnings = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Werror"]
    # The wheel has no lib*.so for -l; sessions are in the first library, tensors in the second.
    libraries = ["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"]
    command = [compiler, *warnings, *options, SOURCE, "-o", program]
    command += [f"-I{tf.sysconfig.get_include()}", f"-L{library}", *libraries]
    if shutil.which("ld.gold"):  # the usual one reads TensorFlow's gigabyte four times as long
        command.append("-fuse-ld=gold")
    subprocess.run([*command, f"-Wl,-rpath,{library}"], check=True)
    return program


def run(program, saved_model, signature, inputs, output=None):
    """Feeds a signature of an exported version and returns what comes back for each example.

    Args:
        program: what `compile_program` returned.
        saved_model: path of the version.
        signature: the signature's name.
        inputs: dict, name -> list of bytes or `pathlib.Path`s (files), of str, of int (int32), of
            float, or of lists of float (float32).
        output: the output's name. Defaults to the only one.

    Returns:
        A list of bytes: strings, or numbers as they are in memory.

    Raises:
        RuntimeError: the program failed; the message is what it wrote to stderr.
    """
    tensors = _signature(saved_model, signature)
    outputs = tensors.outputs
    (output,) = [output] if output else outputs
    with tempfile.TemporaryDirectory() as folder:
        results = os.path.join(folder, "results")
        os.mkdir(results)
        words = [saved_model, results, outputs[output].name]
        for name, values in inputs.items():
            words += _words(tensors.inputs[name].name, values, folder)
        done = subprocess.run(
            [program, *map(str, words)],
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"exit code {done.returncode}: {done.stderr}")
        files = sorted(pathlib.Path(results).iterdir(), key=lambda path: int(path.name))
        return [file.read_bytes() for file in files]


def _signature(saved_model, signature):
    data = (pathlib.Path(saved_model) / "saved_model.pb").read_bytes()
    graphs = saved_model_pb2.SavedModel.FromString(data).meta_graphs
    (serve,) = [graph for graph in graphs if "serve" in graph.meta_info_def.tags]
    return serve.signature_def[signature]


def _words(tensor, values, folder):
    if values and isinstance(values[0], bytes):
        values = [_file(bytes_, folder) for bytes_ in values]
    if values and isinstance(values[0], list) and isinstance(values[0][0], bytes):
        sets = ["\n".join(str(_file(each, folder)) for each in row) for row in values]
        return ["sets", tensor, len(sets), *sets]
    if values and isinstance(values[0], list):
        rows = [",".join(number.hex() for number in row) for row in values]
        return ["vectors", tensor, len(rows), *rows]
    if values and isinstance(values[0], float):
        return ["numbers", tensor, len(values), *(number.hex() for number in values)]
    kinds = {str: "text", int: "int32"}
    kind = kinds.get(type(values[0]), "files") if values else "files"
    return [kind, tensor, len(values), *values]


def _file(bytes_, folder):
    handle, path = tempfile.mkstemp(dir=folder)
    with open(handle, "wb") as file:
        file.write(bytes_)
    return pathlib.Path(path)
