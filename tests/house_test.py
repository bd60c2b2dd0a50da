import ast
import configparser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
SETUP = configparser.ConfigParser()
SETUP.read(REPOSITORY / "setup.cfg")
SOURCES = sorted(
    path.relative_to(REPOSITORY)
    for folder in ("apps", "benchmarks", "tests", "tfgan_apps")
    for path in (REPOSITORY / folder).rglob("*.py")
)
LIBRARY = [path for path in SOURCES if path.parts[0] in ("apps", "tfgan_apps")]
PYTHONS = re.findall(r"Python :: (3\.\d+)", SETUP["metadata"]["classifiers"])


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_files_and_functions_stay_small(path):
    text = (REPOSITORY / path).read_text()
    assert text.count("\n") <= 400
    assert path.stem not in ("common", "helpers", "misc", "util", "utils")
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, functions) and node.end_lineno - node.lineno >= 80
    ]
    assert long == []


@pytest.mark.parametrize("path", [p for p in LIBRARY if p.parts[0] == "apps"], ids=str)
def test_commands_load_tensorflow_without_its_notes(path):
    """What imports TensorFlow comes after `quiet_tensorflow`, where both are at the top."""
    loads = {"tensorflow", "keras", "tfgan_apps.sheets", "tfgan_apps.training", "tfgan_apps.models"}
    names = []
    for node in ast.parse((REPOSITORY / path).read_text()).body:
        if isinstance(node, ast.ImportFrom):
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    quiet = "tfgan_apps.quiet_tensorflow"
    app = "apps.command_line.app", "apps.text_to_image"  # import it first
    first = [names.index(name) for name in (quiet, *app) if name in names]
    loading = [names.index(name) for name in names if name in loads]
    assert not first or not loading or min(first) < min(loading)
    assert first or not loading


@pytest.mark.parametrize("path", LIBRARY, ids=str)
def test_only_public_keras_3_is_used(path):
    used = set()
    for node in ast.walk(ast.parse((REPOSITORY / path).read_text())):
        if isinstance(node, ast.Import):
            used |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            used |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            used.add(ast.unparse(node))
    banned = r"(tensorflow_addons|keras\.src|(tf|tensorflow)\.keras)(\.|$)|.*\blayers\.Lambda$"
    assert [name for name in used if re.match(banned, name)] == []


def test_gradients_are_of_the_tape_whose_sums_have_an_order():
    plain = [
        p
        for p in LIBRARY
        if re.search(r"tf\.(GradientTape|gradients)\b\(", (REPOSITORY / p).read_text())
    ]
    assert [path.stem for path in plain] == ["gradients"]


def test_version_can_be_read_without_importing():
    assert re.search(
        r'^__version__ = "\d+\.\d+\.\d+"$',
        (REPOSITORY / "tfgan_apps" / "__init__.py").read_text(),
        re.MULTILINE,
    )


def test_import_is_light():
    heavy = "tensorflow tensorflow_datasets tensorboard scipy PIL tensorflow_serving".split()
    code = f"import sys, tfgan_apps; print([m for m in {heavy} if m in sys.modules])"
    assert run([sys.executable, "-c", code], cwd=REPOSITORY).stdout == "[]\n"


def test_classes_are_loaded_when_they_are_asked_for():
    code = (
        "import sys, tfgan_apps\n"
        "from tfgan_apps import AdversarialModel\n"
        "print('tfgan_apps.models' in sys.modules)\n"
        "from tfgan_apps import CycleGAN, models\n"
        "print(CycleGAN is models.CycleGAN, hasattr(tfgan_apps, 'NoSystem'))"
    )
    found = run([sys.executable, "-c", code], cwd=REPOSITORY).stdout.split()
    assert found == ["False", "True", "False"]


def test_training_imports_no_data_sets_nor_tensorboard():
    code = (
        "import sys, tfgan_apps.models, tfgan_apps.training\n"
        "print([m for m in ('tensorflow_datasets', 'tensorboard') if m in sys.modules])"
    )
    assert run([sys.executable, "-c", code], cwd=REPOSITORY).stdout == "[]\n"


def test_one_list_of_pythons():
    oldest, newest = PYTHONS[0], PYTHONS[-1]
    after = f"3.{int(newest.removeprefix('3.')) + 1}"
    assert SETUP["options"]["python_requires"] == f">={oldest}, <{after}"
    assert " | ".join(PYTHONS) + ")" in (REPOSITORY / ".ci" / "environment.sh").read_text()
    with open(REPOSITORY / "pyproject.toml", "rb") as file:
        ruff = tomllib.load(file)["tool"]["ruff"]
    assert ruff["target-version"] == "py" + oldest.replace(".", "")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Returns the folder of an unpacked wheel, built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("apps", "tfgan_apps"):
        shutil.copytree(REPOSITORY / name, source / name)
    for name in ("LICENSE", "README.md", "pyproject.toml", "setup.cfg"):
        shutil.copy(REPOSITORY / name, source)
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", folder]
    run([sys.executable, "-m", "pip", "wheel", "--quiet", *options, source], cwd=folder)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_wheel_has_every_file_of_the_packages(wheel):
    def files(root):
        return {
            str(path.relative_to(root))
            for name in ("apps", "tfgan_apps")
            for path in (root / name).rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }

    assert files(wheel) == files(REPOSITORY)
    assert {path.name.split("-")[0] for path in wheel.iterdir()} == {"apps", "tfgan_apps"}


def test_wheel_works_elsewhere(wheel):
    code = (
        "import tfgan_apps.models, importlib, apps.__main__ as tfgan\n"
        "print(tfgan_apps.__file__)\n"
        "for name in tfgan.commands(): print(importlib.import_module(f'apps.{name}').run.__name__)"
    )
    path, *starts = run([sys.executable, "-c", code], cwd=wheel).stdout.splitlines()
    assert pathlib.Path(path) == wheel / "tfgan_apps" / "__init__.py"
    assert starts == ["run"] * len(list((REPOSITORY / "apps").glob("[a-z]*.py")))
    (entries,) = wheel.glob("*.dist-info/entry_points.txt")
    assert re.findall(r"^(\S+) = (\S+)$", entries.read_text(), re.M) == [
        ("tfgan", "apps.__main__:run")
    ]


SYSTEMS = [
    path
    for path in LIBRARY
    if path.parts[:2] == ("tfgan_apps", "models")
    or (path.parent.name == "apps" and (REPOSITORY / "tfgan_apps/models" / path.stem).exists())
]


@pytest.mark.parametrize("path", SYSTEMS, ids=str)
def test_a_system_writes_no_config_no_compile_and_no_flags(path):
    """The base and the signatures have them."""
    text = (REPOSITORY / path).read_text()
    assert "flags.DEFINE_" not in text
    written = {"get_config", "from_config", "compile", "get_compile_config"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef) and {"AdversarialModel", "Configured"} & set(
            map(ast.unparse, node.bases)
        ):
            assert not written & {getattr(each, "name", None) for each in node.body}


def test_apps_are_short_and_flags_have_one_default():
    """Every app's flags are defined here, one after the other: none has two defaults."""
    code = """
from absl import flags
import importlib, apps.__main__ as tfgan
for name in tfgan.commands():
    app = getattr(importlib.import_module(f"apps.{name}"), "APP", None)
    if app:
        before = set(flags.FLAGS)
        app.define()
        for flag in set(flags.FLAGS) - before:
            assert flags.FLAGS[flag].help, (name, flag)
            delattr(flags.FLAGS, flag)
        print(name)
"""
    names = run([sys.executable, "-c", code], cwd=REPOSITORY).stdout.split()
    assert {"cyclegan", "dcgan", "text_to_image"} <= set(names)
    for name in names:
        lines = (REPOSITORY / "apps" / f"{name}.py").read_text().count("\n")
        assert lines <= 120, name


@pytest.fixture
def checkout(tmp_path):
    """Returns a folder with what `.ci/environment.sh` reads, its path containing a space."""
    folder = tmp_path / "a checkout"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(REPOSITORY / ".ci" / "environment.sh", folder / ".ci")
    shutil.copy(REPOSITORY / "setup.cfg", folder)
    return folder


def write_program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def make_environment(checkout, **variables):
    command = ["/bin/sh", ".ci/environment.sh"]
    environment = {**os.environ, "PYTHON": "", **variables}
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("answer", ["3.8", "3.10", "3.14", "2.7 without venv", "3.11 without venv"])
def test_unsuitable_python_is_one_sentence(checkout, answer):
    python = checkout / "bin" / "python3"
    write_program(python, f"echo {answer}")
    result = make_environment(checkout, PYTHON=str(python))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "needs Python 3.11, 3.12 or 3.13 with venv" in result.stderr
    assert f"found {python} ({answer})" in result.stderr
    assert not (checkout / ".venv").exists()


def test_missing_python_is_one_sentence(checkout):
    result = make_environment(checkout, PYTHON="/nowhere/python3")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "found no /nowhere/python3 that runs" in result.stderr


# Stands for a suitable Python: answers the probe, and as the environment's own Python "installs".
PYTHON_STUB = """
case "$*" in
    "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip install"*) echo installed >>installations; exit ${FAIL:-0} ;;
    *) echo 3.12 ;;
esac"""


def test_environment_is_made_once_and_again_when_it_does_not_fit(checkout):
    python = checkout / "my python" / "python3"
    write_program(python, PYTHON_STUB)

    def installations(**variables):
        result = make_environment(checkout, PYTHON=str(python), **variables)
        count = len((checkout / "installations").read_text().split())
        return result.returncode, count

    assert installations(FAIL="1") == (1, 1)
    assert installations() == (0, 2)  # what a failed installation left is not taken for complete
    assert installations() == (0, 2)
    with open(checkout / "setup.cfg", "a") as file:
        file.write("\n# another dependency\n")
    assert installations() == (0, 3)
    write_program(checkout / ".venv" / "bin" / "python", "exit 1")  # its interpreter is gone
    assert installations() == (0, 4)
    moved = checkout.rename(checkout.with_name("moved"))
    assert make_environment(moved, PYTHON=str(moved / "my python" / "python3")).returncode == 0
    assert len((moved / "installations").read_text().split()) == 5


def run(command, cwd):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTHONPATH", None)
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result
