"""Answers of a model in this process."""

import tensorflow as tf

from tfgan_apps.serving.client import in_process
from tfgan_apps.serving.client.examples import combinations


def test_each_example_has_its_own_answer_whatever_its_batch():
    @tf.function(
        input_signature=[
            {"text": tf.TensorSpec([None], tf.string), "seed": tf.TensorSpec([None], tf.int32)}
        ]
    )
    def serve(request):
        return {"said": request["text"] + ":" + tf.strings.as_string(request["seed"])}

    examples = combinations(texts=["a", "b"], seeds=range(10))
    answered = list(in_process.answers(serve, examples))
    assert [example for example, _, _ in answered] == examples
    assert {name for _, name, _ in answered} == {"said"}
    said = [in_process.line(value) for _, _, value in answered]
    assert said == [f"{text}:{seed}" for text in "ab" for seed in range(10)]


def test_tokens_are_a_line():
    assert in_process.line(tf.constant([3, 0, 12]).numpy()) == "3 0 12"
