"""AdversarialModel: the base of every system, in which players take turns."""

import collections
import zlib

import keras
import tensorflow as tf


class AdversarialModel(keras.Model):
    """A Keras model of several players, each with its networks, its loss and its optimizer.

    A system says who plays (`players`), plays one round in the order of its paper (`train_step`,
    with `update` for each move) and says what inference is (`call`). The base keeps what Keras
    leaves open for several optimizers: each is built at once in the strategy's scope, saved with
    the model, wrapped for float16, and fed gradients that are averaged over replicas.

    Args:
        tracked: names of the losses and scores that `track` reports besides `<player>_loss`.
        seed: int, of every random draw made through `draw_seed`. Defaults to 0.

    A system whose rounds differ (pre-training, then turns of unequal length) overrides `phase_at`
    and lets `train_step` do what `phase` says.

    A subclass calls `super().__init__` first, sets its networks (functional models) as
    attributes and ends `train_step` with `return self.finish_step()`.
    """

    def __init__(self, tracked=(), seed=0, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.step = self.add_weight(
            (), "zeros", "int64", trainable=False, aggregation="only_first_replica", name="step"
        )
        self.tracked = tuple(tracked)
        self.phase = None
        self._note = str  # while a step is traced, it takes the names of what `track` reports
        self._played = set()
        self.built = True  # the networks are functional; Keras must not call the model to build it

    def players(self):
        """Returns a dict in order of play: name of a player -> list of the networks it trains."""
        raise NotImplementedError

    def variables_of(self, player):
        """Returns the trainable variables of a player, of all its networks in order.

        Args:
            player: a name from `players()`.
        """
        return [v for network in self.players()[player] for v in network.trainable_variables]

    def optimizer_of(self, player):
        """Returns the optimizer of a player; `compile` comes first.

        Args:
            player: a name from `players()`.
        """
        return getattr(self, f"{player}_optimizer")

    def compile(self, run_eagerly=False, steps_per_execution=1, jit_compile="auto", **optimizers):
        """Configures training.

        Args:
            run_eagerly, steps_per_execution, jit_compile: as in `keras.Model.compile`.
            **optimizers: `<player>_optimizer` for every player: a Keras optimizer, its name or
                its config.

        Raises:
            ValueError: when an optimizer is missing, named for nobody, or shared, or a model with
                phases is to make several steps in one call.
        """
        if steps_per_execution != 1 and type(self).phase_at is not AdversarialModel.phase_at:
            raise ValueError(
                "steps_per_execution must be 1 for a model whose steps differ in their phase. "
                f"Received: steps_per_execution={steps_per_execution}"
            )
        expected = {f"{player}_optimizer" for player in self.players()}
        if set(optimizers) != expected:
            raise ValueError(
                f"compile() expects one optimizer per player: {sorted(expected)}. "
                f"Received: {sorted(optimizers)}"
            )
        given = [o for o in optimizers.values() if isinstance(o, keras.optimizers.Optimizer)]
        if len(set(map(id, given))) < len(given):
            raise ValueError(f"compile() expects an optimizer object per player. Received: {given}")
        super().compile(
            optimizer=None,  # Keras would create an RMSprop over all variables
            run_eagerly=run_eagerly,
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
        )
        with self.distribute_strategy.scope():
            for player in self.players():
                name = f"{player}_optimizer"
                setattr(self, name, self._ready(optimizers[name], self.variables_of(player)))
            names = [f"{player}_loss" for player in self.players()] + list(self.tracked)
            self.trackers = {name: keras.metrics.Mean(name) for name in names}

    def phase_at(self, step):
        """Returns the phase of a training step: a str that `train_step` finds in `phase`, or None.

        Args:
            step: int, training steps that were done before.
        """
        return None

    def make_train_function(self, force=False):
        """Makes what `fit` calls: a function of its own for each phase, chosen by the step.

        In a graph `tf.distribute` applies no optimizer inside a condition, so that the choice is
        Python's.
        """
        if self.train_function is not None and not force:
            return
        functions, names = {}, collections.defaultdict(set)

        def train_function(iterator):
            self.phase = self.phase_at(int(self.step.numpy()))
            if self.phase not in functions:
                functions[self.phase] = self._train_function()
            self._note = names[self.phase].add
            logs = functions[self.phase](iterator)
            self._note = str
            self._played.update(names[self.phase])
            # The mean of a loss that no phase of this epoch has would be shown as 0.
            return {name: value for name, value in logs.items() if name in self._played}

        self.train_function = train_function

    def reset_metrics(self):
        super().reset_metrics()
        self._played = set()

    def _train_function(self):
        chosen, self.train_function = self.train_function, None
        super().make_train_function(force=True)
        made, self.train_function = self.train_function, chosen
        return made

    def _ready(self, optimizer, variables):
        optimizer = keras.optimizers.get(optimizer)
        wrapped = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        if self.dtype_policy.name == "mixed_float16" and not wrapped:
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        # An optimizer without its slots is skipped by load_weights, and fails under tf.distribute.
        optimizer.build(variables)
        return optimizer

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # Everything is built. Keras would probe a batch here, which fails for pairs of images on
        # several workers (Keras 3.15: strategy.reduce of a tuple).
        pass

    def get_compile_config(self):
        if not self.compiled:
            return None
        names = [f"{player}_optimizer" for player in self.players()]
        return {
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.jit_compile,
            **{name: keras.saving.serialize_keras_object(getattr(self, name)) for name in names},
        }

    def compile_from_config(self, config):
        self.compile(**keras.saving.deserialize_keras_object(config))

    def update(self, player, loss_fn, clip_value=None, clip_norm=None):
        """Makes one move: the player's loss, its gradient, one step of its optimizer.

        An optimizer's own clipping is of each replica's gradient; that here is of the sum.

        Args:
            player: a name from `players()`.
            loss_fn: function without arguments -> (loss, extra): the scalar mean over this
                replica's examples, and anything that the round still needs (or None).
            clip_value: float > 0, largest size of an element of the global batch's gradient.
                Defaults to None, not clipped.
            clip_norm: float > 0, largest norm of that gradient, all variables together. Defaults to
                None, not clipped.

        Returns:
            `extra`.
        """
        variables, optimizer = self.variables_of(player), self.optimizer_of(player)
        values = [v.value for v in variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            loss, extra = loss_fn()
            # Optimizers add the replicas' gradients up: their sum must be the global mean.
            replicas = tf.distribute.get_strategy().num_replicas_in_sync
            scaled_loss = optimizer.scale_loss(loss / replicas)
        clipped = clip_value is not None or clip_norm is not None
        unconnected = "zero" if clipped else "none"
        gradients = tape.gradient(scaled_loss, values, unconnected_gradients=unconnected)
        gradients = [g if g is None else tf.convert_to_tensor(g) for g in gradients]
        if clipped:
            total = tf.distribute.get_replica_context().all_reduce("SUM", gradients)
            if clip_value is not None:
                bound = optimizer.scale_loss(clip_value)
                total = [tf.clip_by_value(g, -bound, bound) for g in total]
            if clip_norm is not None:
                total, _ = tf.clip_by_global_norm(total, optimizer.scale_loss(clip_norm))
            gradients = [g / replicas for g in total]
        optimizer.apply(gradients, variables)
        self.track(**{f"{player}_loss": loss})
        return extra

    def draw_seed(self, name, per_replica=True):
        """Returns a seed for `tf.random.stateless_*` that depends on (seed, name, step, replica).

        A resumed run therefore draws what the unbroken one would have drawn.

        Args:
            name: str, tells apart the draws of one step.
            per_replica: bool. False gives all replicas the same seed. Defaults to True.

        Returns:
            int64 tensor of shape (2,).
        """
        seed = tf.constant([self.seed, zlib.crc32(name.encode())], tf.int64)
        seed = tf.random.experimental.stateless_fold_in(seed, self.step.value)
        if not per_replica:
            return seed
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return tf.random.experimental.stateless_fold_in(seed, tf.cast(replica, tf.int64))

    def track(self, **values):
        """Adds scalars to the running means that `fit` and `evaluate` report.

        Args:
            **values: name from `tracked` -> scalar tensor.
        """
        for name, value in values.items():
            self._note(name)
            self.trackers[name].update_state(value)

    def finish_step(self):
        """Counts the training step and returns what `train_step` returns."""
        self.step.assign_add(1)
        return self.results()

    def results(self, names=None):
        """Returns the running means: name -> scalar, or vector of length 1 on several workers.

        Args:
            names: list of those to return. Defaults to None, all.
        """
        names = self.trackers if names is None else names
        results = {name: self.trackers[name].result() for name in names}
        if _several_workers():
            # Keras reduces what train_step returns over axis 0, which a scalar does not have.
            return {name: value[None] for name, value in results.items()}
        return results


def _several_workers():
    strategy = tf.distribute.get_strategy()
    return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy)
