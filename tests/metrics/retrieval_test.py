import numpy as np
import pytest

from tfgan_apps.metrics.retrieval import retrieval

IMAGES = np.eye(3)
TEXTS = np.array([[3.0, 1.0, 2.0], [2.0, 1.0, 3.0], [1.0, 3.0, 2.0]])


def test_ranks_by_hand():
    """Ranks: of the images 1, 3, 2 for the texts; of the texts 1, 2, 3 for the images.

    The texts' scores of image 1 are 1, 1, 3, so that text 1, its own, is not alone second: of equal
    scores the wrong one comes first. Those of image 2 are 2, 3, 2.
    """
    found = retrieval(IMAGES, TEXTS, [0, 1, 2], ks=(1, 2))
    assert found == {
        "text_to_image_r@1": pytest.approx(1 / 3),
        "text_to_image_r@2": pytest.approx(2 / 3),
        "text_to_image_median_rank": 2.0,
        "image_to_text_r@1": pytest.approx(1 / 3),
        "image_to_text_r@2": pytest.approx(1 / 3),
        "image_to_text_median_rank": 3.0,
    }


def test_several_texts_of_an_image_count_by_the_best():
    texts = np.array([[0.0, 5.0], [2.0, 1.0], [0.0, 4.0]])
    found = retrieval(np.eye(2), texts, [7, 8], [7, 7, 8])
    assert found["image_to_text_r@1"] == 0.5  # image 8: text 0, of image 7, is before its own
    assert found["text_to_image_r@1"] == pytest.approx(2 / 3)


def test_embeddings_that_are_all_the_same_find_nothing():
    found = retrieval(np.ones((20, 4)), np.ones((20, 4)), range(20))
    assert found["text_to_image_r@10"] == found["image_to_text_r@10"] == 0.0
    assert found["text_to_image_median_rank"] == 20.0


def test_queries_without_an_answer_do_not_count():
    found = retrieval(np.eye(2), np.eye(2), [0, 1], [0, 5])
    assert found["text_to_image_r@1"] == found["image_to_text_r@1"] == 1.0


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"a label for each row. Received: .* 2 and 3 labels"):
        retrieval(IMAGES, TEXTS, [0, 1], [0, 1, 2])
    with pytest.raises(ValueError, match="must be finite"):
        retrieval(IMAGES * np.nan, TEXTS, [0, 1, 2])
    with pytest.raises(ValueError, match="must share a label"):
        retrieval(IMAGES, TEXTS, [0, 1, 2], [3, 4, 5])
