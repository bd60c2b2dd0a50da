"""What is done with the images of all replicas at once."""

import tensorflow as tf


def of_all_replicas(function, images):
    """Returns this replica's part of what a function gives for the images of all.

    Each replica asks it, in the order of the global batch, and so keeps the same state.

    Args:
        function: from images (batch, height, width, channels) to as many.
        images: this replica's.
    """
    replica = tf.distribute.get_replica_context()
    if replica.num_replicas_in_sync == 1:
        return function(images)
    answers = function(replica.all_gather(images, axis=0))
    batch = tf.shape(images)[0]
    first = tf.cast(replica.replica_id_in_sync_group, batch.dtype) * batch
    return answers[first : first + batch]
