"""What a served text encoder answers."""

import numpy as np
import tensorflow as tf

from tfgan_apps.models.caption_encoder import build_text_encoder
from tfgan_apps.serving.export import export_saved_model
from tfgan_apps.serving.kinds.text_to_embedding import TextToEmbedding


def test_export_is_the_encoder(tmp_path):
    encoder = build_text_encoder(5, 57, (4, 4, 4))
    loaded = tf.saved_model.load(export_saved_model(TextToEmbedding(encoder), tmp_path / "text"))
    assert set(loaded.signatures) == {"serving_default"}
    text = tf.constant(["a circle", "größer", ""])
    found = loaded.signatures["serving_default"](text=text)
    assert list(found) == ["embedding"] and found["embedding"].dtype == tf.float32
    np.testing.assert_allclose(found["embedding"], encoder(text), rtol=1e-5, atol=1e-6)
