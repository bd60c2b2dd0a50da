"""App: a training command. Importing one defines no flags and runs nothing."""

import contextlib
import dataclasses
import functools
import inspect
import sys
from collections.abc import Callable
from types import SimpleNamespace

from absl import flags

from tfgan_apps import quiet_tensorflow  # noqa: F401  (before what loads TensorFlow)

# isort: split
from apps.command_line import messages, signature_flags
from apps.command_line.resumed import COMMAND, with_flags_of_run
from apps.command_line.start import module_name, start
from tfgan_apps import strategies, training
from tfgan_apps.arguments import check
from tfgan_apps.callbacks import Stopped
from tfgan_apps.input_pipelines import nothing_kept
from tfgan_apps.run_directory import RunDirectory
from tfgan_apps.run_options import RESULT

FREE = ("data_dir", "dry_run")
COUNTS = (int, int | None)
INTERNAL = ("protocol", "settings", "defaults", "flags")
OF_THE_LAST = ("monitor", "patience")  # options that an earlier stage does not share
FEWEST = 16  # examples of an evaluation in training, where there are as many


@dataclasses.dataclass(frozen=True)
class Job:
    """One training: what its flags make, and what it works on.

    Args:
        made: namespace of makers: `system`, `optimizers`, `data`, `options`, `evaluation`,
            `strategy`, and an app's `parts`.
        data: from `input_pipelines`.
        options: `training.RunOptions`.
        strategy: `tf.distribute` strategy.
        evaluation: (model, data) -> function without arguments -> dict of floats, or None.
        earlier: models that were trained before, in order. Defaults to none.
    """

    made: SimpleNamespace
    data: object
    options: training.RunOptions
    strategy: object
    evaluation: Callable | None
    earlier: tuple = ()


@dataclasses.dataclass(frozen=True)
class App:
    """A training command: flags from signatures, then data, model, run and report.

    Args:
        name: the module's `__name__`; its docstring is the usage.
        system: `AdversarialModel` class.
        data: function that opens the data.
        evaluation: function (model, data, flags ...) -> function without arguments that returns a
            dict of floats. Defaults to None, no evaluation.
        monitor: str, the metric whose smallest value is the best where --monitor names no other, or
            a function of the data.
        parts: dict, name -> function whose arguments are flags too, for `build` and `prepare`.
        open: function (made) -> data. Defaults to the opener with its flags.
        build: function (made, data) -> model, not compiled. Defaults to the system of its flags.
        prepare: function (job) -> job, before the run: other options, data or evaluation.
        finish: function (model, data, options) -> bool, see `training.run`.
        compared: dict, name -> model-like that the report shows beside the run's.
        final: dict, arguments of the evaluation for the report in place of the flags'.
        defaults: dict, name of an option -> its default in this app.
        free: names of flags that do not change what is learned.
    """

    name: str
    system: type
    data: Callable
    evaluation: Callable | None = None
    monitor: str | Callable | None = None
    parts: dict = dataclasses.field(default_factory=dict)
    open: Callable = lambda made: made.data()
    build: Callable = lambda made, data: made.system()
    prepare: Callable = lambda job: job
    finish: Callable | None = None
    compared: dict = dataclasses.field(default_factory=dict)
    final: dict = dataclasses.field(default_factory=dict)
    defaults: dict = dataclasses.field(default_factory=dict)
    free: tuple = ()

    def run(self):
        """Starts the command."""
        argv = with_flags_of_run(module_name(self.name), sys.argv)
        start(self.name, self._main, self.define, argv)

    def define(self, prefix="", shared=()):
        """Defines the flags; returns the namespace of what they make.

        Args:
            prefix: str, of the system's flags. Defaults to none.
            shared: names of them that go without it. Defaults to none.
        """
        own = functools.partial(signature_flags.define, prefix=prefix, shared=shared)
        parts = {name: _made_part(part, own) for name, part in self.parts.items()}
        made = SimpleNamespace(
            system=own(self.system), optimizers=own(self.system.optimizers), **parts
        )
        made.data = signature_flags.define(self.data)
        made.evaluation = self.evaluation and signature_flags.define(self.evaluation)
        made.options = signature_flags.define(
            training.RunOptions, skip=INTERNAL, defaults=self.defaults
        )
        made.strategy = signature_flags.define(strategies.make_strategy)
        made.dry_run = signature_flags.define(dry_run)
        return made

    def _main(self, made):
        strategy = made.strategy()
        with nothing_kept() if made.dry_run() else contextlib.nullcontext():
            data = self.open(made)
        job = Job(made, data, self.options(made, data), strategy, made.evaluation)
        job = self.prepare(job)
        try:
            model = self.train(job)
        except Stopped as stopped:
            print(messages.stopped(stopped.step, job))
            raise
        if made.dry_run():
            flagfile = job.options.flags.partition("\n")[2]  # with what follows from others
            print(messages.describe([*job.earlier, model], job.data, flagfile))
        elif strategies.is_chief(strategy):
            self._report(model, job)

    def options(self, made, data, **changes):
        """Returns the `RunOptions` of the flags.

        Args:
            made: from `define`.
            data: from `input_pipelines`.
            **changes: options, or flags, that have another value.
        """
        own = self.monitor(data) if callable(self.monitor) else self.monitor
        changes["monitor"] = self._monitor(made) or changes.get("monitor", own)
        free = {*FREE, *self.free, *made.strategy.flags_of}
        free |= {name for name in made.options.flags_of if name not in RESULT}
        free |= {name for name in _flags_of(made) if name.startswith("evaluation_")}
        own = {name: flag for name, flag in _flags_of(made).items() if name not in free}
        values = {name: flags.FLAGS[flag].value for name, flag in own.items()}
        options = made.options(
            settings={name: changes.get(name, value) for name, value in values.items()},
            defaults={name: flags.FLAGS[flag].default for name, flag in own.items()},
            flags=f"{COMMAND}{module_name(self.name)}\n{self.flagfile(made, **changes)}",
            **changes,
        )
        return dataclasses.replace(options, protocol=self.quick(made, data, options))

    def _monitor(self, made):
        """Returns the metric that --monitor names, or None."""
        given = made.options.values().get("monitor")
        if given:
            known = signature_flags.meanings(self.evaluation, "Values")
            fits = any(messages.names(each, given.removeprefix("-")) for each in known)
            check(fits, f"one of {', '.join(known) or 'no metrics'}", monitor=given)
        return given

    def quick(self, made, data, options):
        """Returns what evaluations in training use: name of an argument -> how many, an int.

        Of each number of examples, at most a share of those learned from since the last evaluation:
        to learn from an example takes three times as long as to measure one, or longer.

        Args:
            made: from `define`.
            data: from `input_pipelines`.
            options: `training.RunOptions`.
        """
        learned = options.evaluate_epochs * data.steps_per_epoch * data.batch_size
        share = max(FEWEST, int(options.evaluate_share * learned))
        return {n: min(count or share, share) for n, count in _counts(made.evaluation).items()}

    def of_epochs(self, job, epochs, why):
        """Returns a job with the epochs that follow from other flags or the data.

        Args:
            job: `Job`.
            epochs: int.
            why: str, what they follow from.

        Raises:
            ValueError: the command line has other epochs.
        """
        given = job.made.options.is_given("epochs")
        fits = not given or job.options.epochs == epochs
        check(fits, f"left out, or {epochs}: {why}", epochs=job.options.epochs)
        options = self.options(job.made, job.data, epochs=epochs)
        return dataclasses.replace(job, options=options)

    def stage(self, made, job, name, **changes):
        """Returns the job of this app as a first stage of another app's.

        Args:
            made: from `define`.
            job: the other's `Job`.
            name: str, of the stage's run directory inside the other's.
            **changes: options that have another value than the flags.
        """
        changes = {"run_dir": job.options.path(name), "saved_model": None, **changes}
        made = SimpleNamespace(**{**vars(made), "options": made.options.without(*OF_THE_LAST)})
        options = self.options(made, job.data, **changes)
        return dataclasses.replace(job, made=made, options=options, evaluation=made.evaluation)

    def flagfile(self, made, **changes):
        """Returns the lines of a flagfile that sets every flag to its value.

        Args:
            made: from `define`.
            **changes: flags that have another value.
        """
        lines = {name: _line(name, flags.FLAGS[flag]) for name, flag in _flags_of(made).items()}
        for name in set(changes) & set(lines):
            lines[name] = None if changes[name] is None else f"--{name}={changes[name]}"
        return "".join(f"{lines[name]}\n" for name in sorted(lines) if lines[name])

    def compiled(self, job):
        """Returns the compiled model of a job.

        Args:
            job: `Job`.
        """
        model = self.build(job.made, job.data)
        numbers = job.made.optimizers.values()
        if "steps_per_epoch" in inspect.signature(self.system.optimizers).parameters:
            numbers["steps_per_epoch"] = job.data.steps_per_epoch
        if "epochs" in numbers:
            numbers["epochs"] = job.options.epochs
        options = {"jit_compile": job.options.compiled_with_xla}
        options["accumulate_steps"] = job.options.accumulate_steps
        model.compile(**options, **numbers)
        return model

    def train(self, job):
        """Trains, or resumes; returns the model, which of --dry_run is untrained.

        Args:
            job: `Job`.
        """
        build = functools.partial(self.compiled, job)
        if job.made.dry_run():
            return training.build(build, job.options, job.strategy)
        finish = self.finish and functools.partial(self.finish, data=job.data, options=job.options)
        return training.run(
            build,
            job.data,
            job.options,
            job.strategy,
            job.evaluation
            and functools.partial(job.evaluation, data=job.data, **job.options.protocol),
            finish=finish,
        )

    def _report(self, model, job):
        if not job.evaluation:
            return messages.report({}, job.options, {}, {})
        untrained = training.build(functools.partial(self.compiled, job), job.options)
        models = {**self.compared, "untrained": untrained, "last": model}
        meanings = signature_flags.meanings(self.evaluation, "Values")
        meanings |= {"untrained": "the networks as they began", "last": f"step {_step(model)}"}
        directory = RunDirectory(job.options.run_dir)
        best = job.options.monitor and directory.checkpoints().best()
        if best and best["step"] != _step(model):
            models["best"], step = directory.load("best", safe_mode=False)
            meanings["best"] = f"step {step}, by {best['metric']}; --export_best exports it"
        rows = {
            name: job.evaluation(each, data=job.data, **self.final)()
            for name, each in models.items()
        }
        return messages.report(rows, job.options, meanings, self.protocol(job))

    def protocol(self, job):
        """Returns how the report measures, a dict.

        Args:
            job: `Job`.
        """
        used = {**_counts(job.made.evaluation), **self.final}
        held_out = {"held_out_examples": job.data.test_length, "seed": job.options.seed}
        return {**{name: count for name, count in used.items() if count}, **held_out}


def dry_run(dry_run: bool = False):
    """Tells whether the run is only shown.

    Args:
        dry_run: print flags, networks and data, write and download nothing, and stop.
    """
    return dry_run


def _counts(evaluation):
    """Returns name -> how many, or None for all, of what an evaluation takes a number of."""
    if not evaluation:
        return {}
    parameters = inspect.signature(evaluation.made).parameters
    names = [name for name in evaluation.flags_of if parameters[name].annotation in COUNTS]
    return {name: evaluation.values().get(name) for name in names}


def _made_part(part, define):
    """Returns the maker of a part, which is a function, or a partial that defines its own flags."""
    return part() if isinstance(part, functools.partial) else define(part)


def _flags_of(made):
    """Returns name of a setting -> name of its flag, of all makers; a stage's by their flags."""
    found = {}
    for maker in vars(made).values():
        if isinstance(maker, SimpleNamespace):
            found |= {flag: flag for flag in _flags_of(maker).values()}
        elif maker:
            found |= maker.flags_of
    return found


def _step(model):
    return int(model.step.numpy())


def _line(name, flag):
    """Returns the line of a flagfile that gives a flag its value, or None without one."""
    if flag.value is None:
        return None
    return flag.serialize().replace(flag.name, name, 1)
