"""Moves of an `AdversarialModel`'s players."""

import tensorflow as tf

from tfgan_apps.gradients import GradientTape


def make(model, loss_fns, *clips):
    """Makes the moves of several players at once; see `AdversarialModel.update_together`."""
    if model.accumulation is not None:
        return model.accumulation.make(loss_fns, *clips)
    found, extras = gradients(model, loss_fns, *clips)
    apply(model, found, *clips)
    return extras


def gradients(model, loss_fns, clip_value, clip_norm):
    """Returns this replica's share of each player's gradients, and what its loss gives beside.

    Args:
        model: `AdversarialModel`.
        loss_fns, clip_value, clip_norm: see `AdversarialModel.update_together`.

    Returns:
        Two dicts by player: lists of tensors, None where a loss does not depend; and `extra`s.
    """
    # Optimizers add the replicas' gradients up: their sum must be the global mean.
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    values = {player: [v.value for v in model.variables_in_play(player)] for player in loss_fns}
    several = len(loss_fns) > 1
    with GradientTape(persistent=several, watch_accessed_variables=False) as tape:
        tape.watch(list(values.values()))
        found = {loss_fn: loss_fn() for loss_fn in dict.fromkeys(loss_fns.values())}
        shares = {loss_fn: loss / replicas for loss_fn, (loss, _) in found.items()}
        scaled = {
            player: model.optimizer_of(player).scale_loss(shares[loss_fn])
            for player, loss_fn in loss_fns.items()
        }
    clipped = clip_value is not None or clip_norm is not None
    own = _gradients(tape, scaled, values, "zero" if clipped else "none")
    for player, loss_fn in loss_fns.items():
        own[player] = [g if g is None else tf.convert_to_tensor(g) for g in own[player]]
        model.track(**{f"{player}_loss": found[loss_fn][0]})
    return own, {player: found[loss_fn][1] for player, loss_fn in loss_fns.items()}


def apply(model, gradients, clip_value, clip_norm):
    """Lets each player's optimizer make a step.

    Args:
        model: `AdversarialModel`.
        gradients: from `gradients`.
        clip_value, clip_norm: see `AdversarialModel.update_together`.
    """
    for player, own in gradients.items():
        optimizer = model.optimizer_of(player)
        if clip_value is not None or clip_norm is not None:
            own = _clipped(own, optimizer.scale_loss, clip_value, clip_norm)
        optimizer.apply(own, model.variables_in_play(player))


def _gradients(tape, scaled, values, unconnected):
    """Returns each player's gradients; players of one loss share the pass backward.

    Args:
        tape: the persistent tape.
        scaled: dict, player -> loss; where optimizers scale it, as for float16, each has its own.
        values: dict, player -> list of what the loss is derived by.
        unconnected: str, see `tf.GradientTape.gradient`.
    """
    groups = {}
    for player, loss in scaled.items():
        groups.setdefault(id(loss), []).append(player)
    gradients = {}
    for players in groups.values():
        sources = [values[player] for player in players]
        found = tape.gradient(scaled[players[0]], sources, unconnected_gradients=unconnected)
        gradients |= dict(zip(players, found, strict=True))
    return gradients


def _clipped(gradients, scale_loss, clip_value, clip_norm):
    """Returns this replica's share of the clipped sum of all replicas' gradients."""
    context = tf.distribute.get_replica_context()
    total = context.all_reduce("SUM", gradients)
    if clip_value is not None:
        bound = scale_loss(clip_value)
        total = [tf.clip_by_value(g, -bound, bound) for g in total]
    if clip_norm is not None:
        total, _ = tf.clip_by_global_norm(total, scale_loss(clip_norm))
    return [g / context.num_replicas_in_sync for g in total]
