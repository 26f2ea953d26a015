"""Fields as a camera sees them stay readable images of the same field."""

from __future__ import annotations

import numpy as np

from hwr_edge.line.preprocess import Canvas, preprocess
from hwr_train.synthetic.fields import FieldGenerator
from hwr_train.synthetic.photo import photograph


def _field(stroke: int = 3) -> np.ndarray:
    field = np.full((48, 328), 255, np.uint8)
    for x in range(40, 200, 20):
        field[14:36, x : x + stroke] = 0
    return field


def test_a_photograph_is_of_the_same_size_and_the_same_for_the_same_seed() -> None:
    one, again, other = (photograph(_field(), np.random.default_rng(s)) for s in (1, 1, 2))
    assert one.shape == _field().shape
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_photographs_differ_in_light_and_keep_the_ink_darker_than_the_paper() -> None:
    papers, contrasts = [], []
    for seed in range(60):
        image = photograph(_field(10), np.random.default_rng(seed)).astype(float)
        papers.append(np.median(image))
        # Of the middle rows where the strokes stand, half is ink, wherever it was moved to.
        ink, paper = np.percentile(image[22:28, 50:180], (25, 75))
        contrasts.append(paper - ink)
    assert min(papers) < 130 < 200 < max(papers)
    assert np.mean(np.array(contrasts) > 8) > 0.95
    assert np.mean(contrasts) > 30


def test_most_photographs_come_out_as_dark_ink_on_light_paper() -> None:
    canvas = Canvas(48, 384)
    good = 0
    for seed in range(60):
        out = preprocess(photograph(_field(), np.random.default_rng(seed)), canvas)
        good += bool(out.min() < 90 and np.median(out) > 200)
    assert good >= 50


def test_a_share_of_made_fields_is_photographed() -> None:
    def greys(share: float) -> float:
        """Share of fields whose paper is no pure white."""
        maker = FieldGenerator(seed=2, photo_share=share)
        fields = [maker.make(np.random.default_rng(k))[1] for k in range(40)]
        return float(np.mean([np.median(f) < 250 for f in fields]))

    assert greys(0.0) == 0
    assert greys(1.0) == 1
    assert 0.1 < greys(0.4) < 0.7
