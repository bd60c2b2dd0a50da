"""AdversarialModel: the base of every system, in which players take turns."""

import os
import zlib

import keras
import tensorflow as tf

from tfgan_apps import (
    accumulation,
    arguments,
    batches,
    moves,
    player_optimizers,
    step_functions,
)
from tfgan_apps.configs import Configured
from tfgan_apps.gradients import keep_sums
from tfgan_apps.strategies import has_several_workers


class AdversarialModel(Configured, keras.Model):
    """A Keras model of several players, each with its networks, its loss and its optimizer.

    A system says who plays (`players`) and with which optimizers (`optimizers`), plays one round
    in the order of its paper (`train_step`, with `update` for each move) and says what inference
    is (`call`). The base keeps what Keras leaves open for several optimizers: each is built at once
    in the strategy's scope, saved with the model, wrapped for float16, and fed gradients that are
    averaged over replicas. It keeps the constructor's arguments too: config, `.keras` and JSON
    follow from them.

    Args:
        tracked: names of the losses and scores that `track` reports besides `<player>_loss`.
        seed: int, of every random draw made through `draw`. Defaults to 0.

    A subclass calls `super().__init__` first, sets its networks (functional models) as
    attributes and ends `train_step` with `return self.finish_step()`. One whose rounds differ
    (pre-training, then turns of unequal length) overrides `phase_at` and lets `train_step` do what
    `phase` says. It may set

    - `batch_spec`: what a batch of `fit` and `evaluate` is, a structure of `batches.Values`, as
      `(batches.images(64, 3), batches.images(64, 3))`: the first batch is then looked at;
    - `predict_spec`: what `predict` takes, likewise;
    - `least_batch`: int, the fewest examples of a batch that its losses can compare, else 1;
    - `losses_are`: str, what a run says its losses are, where they are no means.

    `fit` alone asks for no more. `test_step` is needed to evaluate, `samples` by a run, of
    `IndexedData` (`input_pipelines.from_arrays`), `serving` to export. docs/own_gan.md has all.
    """

    losses_are = ""
    least_batch = 1

    def __init__(self, tracked=(), seed=0, **kwargs):
        arguments.check_channels_last()
        keep_sums()
        super().__init__(**kwargs)
        self.seed = seed
        self.step = self.add_weight(
            (), "zeros", "int64", trainable=False, aggregation="only_first_replica", name="step"
        )
        self.tracked = tuple(tracked)
        self.batch_spec = self.predict_spec = None
        self.phase = self.accumulation = None
        self.traced, self.played = set(), set()  # by a step while it is traced; since the reset
        self.built = True  # the networks are functional; Keras must not call the model to build it

    def players(self):
        """Returns a dict in order of play: name of a player -> list of the networks it trains."""
        raise NotImplementedError

    def optimizers(self):
        """Returns the paper's optimizers, a dict by player; a system's takes their numbers.

        Its annotated arguments are what `compile` takes, and flags of the command line;
        `steps_per_epoch` is what schedules count in.
        """
        return {}

    def test_step(self, batch):
        """Measures a batch: `track(...)`, then `return self.results()`; it draws with `tested`."""
        raise NotImplementedError

    def samples(self, batch):
        """Returns what a sheet shows of a batch of test examples, by fixed draws: title -> column.

        A column is images (batch, height, width, channels) in [-1, 1], or strings (batch,).
        """
        raise NotImplementedError

    def serving(self):
        """Returns what a server is asked: a `ServedModel` of `serving.kinds`."""
        raise NotImplementedError

    def settle(self):
        """Measures what inference needs beside weights, if anything; `predict` calls it first."""

    def variables_of(self, player):
        """Returns the trainable variables of a player's networks, in order."""
        return [v for network in self.players()[player] for v in network.trainable_variables]

    def variables_in_play(self, player):
        """Returns those of `variables_of` that a move trains in this phase: all of them."""
        return self.variables_of(player)

    def optimizer_of(self, player):
        """Returns the optimizer of a player; `compile` comes first."""
        return getattr(self, f"{player}_optimizer")

    def compile(
        self,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
        accumulate_steps=1,
        **given,
    ):
        """Configures training; the paper's optimizers where none is given.

        Args:
            run_eagerly, steps_per_execution, jit_compile: as in `keras.Model.compile`. XLA takes no
                strings, so that steps on batches with strings go without it.
            accumulate_steps: parts of each replica's batch, which it must divide; they pass one
                after the other, and moves are made when all have; see `accumulation`.
            **given: `<player>_optimizer`, a Keras optimizer, its name or its config; and the
                arguments of `optimizers`, as `learning_rate`.

        Raises:
            ValueError: when an optimizer is missing, named for nobody, or shared, a number is out
                of its range, or a model with phases is to make several steps in one call.
        """
        if steps_per_execution != 1 and self.has_phases:
            raise ValueError(
                "steps_per_execution must be 1 for a model whose steps differ in their phase. "
                f"Received: steps_per_execution={steps_per_execution}"
            )
        optimizers = player_optimizers.chosen(self, given)
        super().compile(
            optimizer=None,  # Keras would create an RMSprop over all variables
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
        )
        self.asked_jit_compile, self.accumulate_steps = jit_compile, accumulate_steps
        accumulation.begin(self, accumulate_steps)
        with self.distribute_strategy.scope():
            for player in self.players():
                parts = optimizers[player], self.variables_of(player), self.dtype_policy.name
                setattr(self, f"{player}_optimizer", player_optimizers.built(*parts))
            names = [f"{player}_loss" for player in self.players()] + list(self.tracked)
            self.trackers = {name: keras.metrics.Mean(name) for name in names}
        self.optimizer = player_optimizers.PlayerOptimizers(self)

    def get_compile_config(self):
        if not self.compiled:
            return None
        names = [f"{player}_optimizer" for player in self.players()]
        return {
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.asked_jit_compile,  # "auto" is another thing on another device
            "accumulate_steps": self.accumulate_steps,
            **{name: keras.saving.serialize_keras_object(getattr(self, name)) for name in names},
        }

    def save(self, filepath, overwrite=True, zipped=None, **kwargs):
        """Saves all that training needs to go on, as `keras.Model.save`.

        Args:
            filepath: `.keras` file.
            overwrite, zipped: as in `keras.Model.save`.
        """
        fits = not str(filepath).endswith((".h5", ".hdf5"))
        arguments.check(fits, "a .keras file: HDF5 holds one optimizer", filepath=str(filepath))
        super().save(filepath, overwrite, zipped, **kwargs)

    def export(self, filepath, format="tf_saved_model", verbose=None):
        """Writes what a server is asked, `serving()`, as a SavedModel that provably is the model.

        Args:
            filepath: `<dir>/<name>`, whose next version is written, or `<dir>/<name>/<version>`.
            format: must be `"tf_saved_model"`.
            verbose: ignored; what Keras would print is checked.

        Returns:
            str, the path of the version.

        Raises:
            ExportError: what is served is not what the model predicts; nothing is written.
        """
        from tfgan_apps.serving.export import export_saved_model  # training needs none of it

        arguments.check_choice(["tf_saved_model"], format=format)
        arguments.check_written(self, AdversarialModel, "serving")
        folder, last = os.path.split(os.path.abspath(os.path.expanduser(filepath)))
        base, version = (folder, int(last)) if last.isdecimal() else (filepath, None)
        return export_saved_model(self.serving(), base, version)

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))

    def begin_step(self):
        """Does what a training step needs done outside of its graph; called before each one."""

    def phase_at(self, step):
        """Returns the phase of a training step: a str that `train_step` finds in `phase`, or None.

        Args:
            step: int, training steps that were done before.
        """
        return None

    @property
    def has_phases(self):
        """bool, whether steps differ in their phase."""
        return type(self).phase_at is not AdversarialModel.phase_at

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            make = super().make_train_function
            self.train_function = step_functions.by_kind(self, "train_function", make)

    def make_test_function(self, force=False):
        arguments.check_written(self, AdversarialModel, "test_step")
        if self.test_function is None or force:
            make = super().make_test_function
            self.test_function = step_functions.by_kind(self, "test_function", make)

    def reset_metrics(self):
        super().reset_metrics()
        self.played = set()

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Does nothing: all is built, and Keras' probe of a batch fails for pairs on workers."""

    def fit(self, x=None, y=None, *args, sample_weight=None, class_weight=None, **options):
        """Trains, as `keras.Model.fit`, on arrays or a dataset of batches.

        Args:
            x, y, *args, **options: as in `keras.Model.fit`; a pair of arrays is `x` and `y`.
            sample_weight, class_weight: must be None: games weigh no examples.

        Raises:
            ValueError: batches are not as `batch_spec` says, or `test_step` is missing.
        """
        arguments.check_unweighted(sample_weight=sample_weight, class_weight=class_weight)
        if options.get("validation_data") is not None:
            arguments.check_written(self, AdversarialModel, "test_step")
        if isinstance(x, tf.data.Dataset):  # Keras warns that it does not shuffle one
            options.setdefault("shuffle", False)
        return super().fit(x, y, *args, **options)

    def predict(self, x, *args, **options):
        """Returns what `call` gives, as `keras.Model.predict`, of an `x` as `predict_spec` says."""
        batches.check_input(self.predict_spec, x)
        self.settle()
        return super().predict(x, *args, **options)

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        """Makes one training step, as Keras', on a batch as `fit` takes it, or a pair of `x`, `y`.

        Args:
            sample_weight, class_weight: must be None: games weigh no examples.
        """
        arguments.check_unweighted(sample_weight=sample_weight, class_weight=class_weight)
        self.make_train_function()
        return step_functions.on_batch(self, self.train_function, x, y, return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        """Measures one batch; see `train_on_batch`."""
        arguments.check_unweighted(sample_weight=sample_weight)
        self.make_test_function()
        return step_functions.on_batch(self, self.test_function, x, y, return_dict)

    def update(self, player, loss_fn, clip_value=None, clip_norm=None):
        """Makes one move: the player's loss, its gradient, one step of its optimizer.

        An optimizer's own clipping is of each replica's gradient; that here is of the sum.

        Args:
            player: a name from `players()`.
            loss_fn: function without arguments -> (loss, extra): the scalar mean over this
                replica's examples, and anything that the round still needs (or None). It may make
                another player's move itself, so that what it has generated serves both.
            clip_value: float > 0, largest size of an element of the global batch's gradient.
                Defaults to None, not clipped.
            clip_norm: float > 0, largest norm of that gradient, all variables together. Defaults to
                None, not clipped.

        Returns:
            `extra`.
        """
        return self.update_together({player: loss_fn}, clip_value, clip_norm)[player]

    def update_together(self, loss_fns, clip_value=None, clip_norm=None):
        """Makes the moves of several players at once: no gradient sees another one's move.

        Args:
            loss_fns: dict, name of a player -> `loss_fn` as for `update`, called in order; one may
                use what an earlier one has computed. Players of one function share all of it.
            clip_value, clip_norm: as for `update`, for each player. Default to None.

        Returns:
            dict, name of a player -> `extra`.
        """
        return moves.make(self, loss_fns, clip_value, clip_norm)

    def follow(self, average, network, decay):
        """Moves an exponential moving average towards a network; call it inside `train_step`.

        Batch normalization has moving averages of other weights then: where there is one, `settle`
        measures them anew by `standing_statistics.renew`.

        Args:
            average: model or layer, whose weights become decay * own + (1 - decay) * the network's;
                those that are no floats are copied.
            network: model or layer of the same weights.
            decay: float in [0, 1], or scalar tensor.
        """
        for old, new in zip(average.weights, network.weights, strict=True):
            value = new.value
            if tf.as_dtype(old.dtype).is_floating:
                value = decay * old.value + (1.0 - decay) * value
            old.assign(value)

    def draw(self, distribution, name, count, shape=(), batch=None):
        """Draws for each example of this replica what one device draws in its place of the batch.

        A draw is a function of (seed, step, name, place in the global batch): two replicas see what
        one device sees, and a resumed run what the unbroken one would have.

        Args:
            distribution: function of (shape, seed), as `tf.random.stateless_normal`.
            name: str, tells apart the draws of one step.
            count: int or scalar tensor, examples of this replica; all have equally many.
            shape: tuple of ints, of an example's draw. Defaults to (), a scalar.
            batch: scalar tensor, tells apart the batches of an evaluation, which are all between
                the same two training steps; see `tested`. Defaults to None, for training.

        Returns:
            Tensor (count, *shape).
        """
        seed = self.draw_seed(name)
        if batch is not None:
            seed = tf.random.experimental.stateless_fold_in(seed, tf.cast(batch, tf.int64))
        parts, place = accumulation.place(self)
        drawn = distribution((count * parts, *shape), seed)
        return drawn if parts == 1 else drawn[count * place : count * (place + 1)]

    def draw_seed(self, name):
        """Returns a seed of `tf.random.stateless_*`, int64 (2,), a function of (seed, step, name).

        It is the same on all replicas, and for all parts of `accumulate_steps`.
        """
        seed = tf.constant([self.seed, zlib.crc32(name.encode())], tf.int64)
        return tf.random.experimental.stateless_fold_in(seed, self.step.value)

    def track(self, **values):
        """Adds scalars to the running means that `fit` and `evaluate` report.

        Args:
            **values: name from `tracked` -> scalar tensor.
        """
        if self.accumulation and self.accumulation.repeats:
            return
        for name, value in values.items():
            self.traced.add(name)
            self.trackers[name].update_state(value)

    def tested(self, name):
        """Returns how many batches this evaluation has measured, a scalar tensor.

        Args:
            name: str, of a mean that `test_step` tracks after it has asked.
        """
        return tf.convert_to_tensor(self.trackers[name].count)

    def finish_step(self):
        """Counts the training step and returns what `train_step` returns."""
        self.step.assign_add(1)
        return self.results()

    def results(self):
        """Returns the running means: name -> scalar, or vector of length 1 on several workers."""
        results = {name: tracker.result() for name, tracker in self.trackers.items()}
        if has_several_workers(tf.distribute.get_strategy()):
            # Keras reduces what train_step returns over axis 0, which a scalar does not have.
            return {name: value[None] for name, value in results.items()}
        return results
