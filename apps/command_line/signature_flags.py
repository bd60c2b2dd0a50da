"""Flags from signatures: a hyperparameter is written once, where it is an argument."""

import inspect
import os
import re
import sys
import types
import typing

from absl import flags


def define(made, prefix="", shared=(), skip=(), defaults=None, unset=False):
    """Defines a flag for each annotated argument of a function or class.

    The annotation is the flag's type, the default its default, what `Args:` says its help. An
    argument whose flag is there already, of another function, shares it.

    Args:
        made: function or class with a docstring.
        prefix: str, of the flags' names. Defaults to none.
        shared: names that go without the prefix. Defaults to none.
        skip: names that have no flag. Defaults to none.
        defaults: dict, name -> default in place of the signature's. Defaults to none.
        unset: bool, whether flags have no default: what is not given is not passed on.

    Returns:
        `Maker` of `made`.

    Raises:
        ValueError: two functions have the same argument with different defaults.
    """
    names, helps = {}, meanings(made)
    for name, parameter in inspect.signature(made).parameters.items():
        if parameter.annotation is parameter.empty or name in skip:
            continue
        flag = name if name in shared else prefix + name
        default = None if unset else (defaults or {}).get(name, parameter.default)
        _define_one(flag, parameter.annotation, default, helps.get(name, ""))
        names[name] = flag
    return Maker(made, names)


class Maker:
    """Calls a function with the values of its flags, and what else is given.

    Args:
        made: the function.
        flags_of: dict, name of an argument -> name of its flag.
    """

    def __init__(self, made, flags_of):
        self.made = made
        self.flags_of = flags_of

    def values(self):
        """Returns a dict, name of an argument -> value, of flags that have one."""
        found = {name: flags.FLAGS[flag].value for name, flag in self.flags_of.items()}
        return {name: value for name, value in found.items() if value is not None}

    def given(self):
        """Returns the names of the flags whose values are not their defaults."""
        found = [flags.FLAGS[flag] for flag in self.flags_of.values()]
        return [flag.name for flag in found if flag.value != flag.default]

    def is_given(self, name):
        """Tells whether the command line, or a flagfile, has the flag of an argument."""
        return bool(flags.FLAGS[self.flags_of[name]].present)

    def without(self, *names):
        """Returns the maker that leaves some arguments to their defaults.

        Args:
            *names: str.
        """
        return Maker(self.made, {n: f for n, f in self.flags_of.items() if n not in names})

    def __call__(self, *args, **given):
        return self.made(*args, **{**self.values(), **given})


def _define_one(name, annotation, default, text):
    required = default is inspect.Parameter.empty
    if name not in flags.FLAGS:
        flag = _flag(name, annotation, None if required else default, text)
        # The program's own, whatever module makes it: those are what absl shows with --help.
        flags.DEFINE_flag(flag, module_name=sys.argv[0], required=required)
    elif not required and flags.FLAGS[name].default != default:
        raise ValueError(
            f"flag --{name} must have one default. "
            f"Received: {flags.FLAGS[name].default!r} and {default!r}"
        )


def _flag(name, annotation, default, text):
    kind = _without_none(annotation)
    if typing.get_origin(kind) is typing.Literal:
        return flags.EnumFlag(name, default, text, list(typing.get_args(kind)))
    if kind is bool:
        return flags.BooleanFlag(name, default, text)
    if kind == list[str]:
        parser, serializer = flags.ArgumentParser(), flags.ArgumentSerializer()
        return flags.MultiFlag(parser, serializer, name, default, text)
    parsers = {
        str: _Text,
        int: flags.IntegerParser,
        float: flags.FloatParser,
        tuple[int, ...]: _Integers,
        tuple[float, ...]: _Floats,
        dict[int, int]: _Pairs,
    }
    if kind not in parsers:
        raise ValueError(f"flag --{name} must be of one of {list(parsers)}. Received: {kind}")
    return flags.Flag(parsers[kind](), _Serializer(), name, default, text)


def _without_none(annotation):
    if isinstance(annotation, types.UnionType):
        (annotation,) = [kind for kind in typing.get_args(annotation) if kind is not type(None)]
    return annotation


class _Text(flags.ArgumentParser):
    """Words; `~/` is the home directory, as where a shell reads it: after --flag= it does not."""

    def parse(self, argument):
        return os.path.expanduser(argument) if argument.startswith("~/") else argument


class _Integers(flags.ArgumentParser):
    """Numbers such as 384,512,512."""

    number, pattern, such = int, r"-?[0-9]+", "384,512,512"

    def parse(self, argument):
        if isinstance(argument, tuple):
            return argument
        words = argument.split(",")
        if not all(re.fullmatch(self.pattern, word.strip()) for word in words):
            raise ValueError(f"numbers are expected, such as {self.such}; not {argument!r}")
        return tuple(map(self.number, words))

    def flag_type(self):
        return "numbers"


class _Floats(_Integers):
    """Numbers such as 0.5,1,2."""

    number, pattern, such = float, r"-?[0-9]*\.?[0-9]+(e-?[0-9]+)?", "0.5,1,2"


class _Pairs(flags.ArgumentParser):
    """Pairs such as 2:100,3:200."""

    def parse(self, argument):
        if isinstance(argument, dict):
            return argument
        try:
            return dict(map(int, pair.split(":")) for pair in argument.split(","))
        except ValueError as error:
            raise ValueError(
                f"pairs are expected, such as 2:100,3:200; not {argument!r}"
            ) from error

    def flag_type(self):
        return "pairs"


class _Serializer(flags.ArgumentSerializer):
    """Writes a value so that its parser reads it."""

    def serialize(self, value):
        if isinstance(value, tuple):
            return ",".join(map(str, value))
        if isinstance(value, dict):
            return ",".join(f"{key}:{number}" for key, number in value.items())
        return str(value)


def meanings(made, section="Args"):
    """Returns what the docstring of a function or class says of its arguments: name -> text.

    Args:
        made: with a docstring, whose section has lines `name: text` or `name, name: text`.
        section: str, of the docstring. Defaults to the arguments.
    """
    lines = (inspect.getdoc(made) or "").partition(f"{section}:\n")[2].splitlines()
    found, names = {}, []
    for line in lines:
        if line and not line.startswith(" "):
            break
        entry = re.match(r" {4}([\w/@\[\]]+(?: of \w+)?(?:, [\w/@\[\]]+(?: of \w+)?)*): (.*)", line)
        if entry:
            names = entry[1].split(", ")
            found |= dict.fromkeys(names, entry[2])
        elif line.startswith(" " * 8):
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return {name: text[:1].upper() + text[1:] for name, text in found.items()}
