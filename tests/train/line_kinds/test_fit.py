from __future__ import annotations

import numpy as np
import pytest

from hwr_edge.page.line_kinds import HEIGHT, WIDTH, Kind
from hwr_train.line_kinds.fit import Batches, augmented, of_lines, rates, threshold, train
from hwr_train.line_kinds.windows import Windows, windows_made


def striped(count: int) -> Windows:
    """Handwriting is upright stripes, print level ones: anything can learn that."""
    images, kinds = [], []
    for k in range(count):
        image = np.full((HEIGHT, WIDTH), 255, np.uint8)
        if k % 2:
            image[:, :: 6 + k % 3] = 0
            image[:, 1 :: 6 + k % 3] = 0
        else:
            image[:: 6 + k % 3] = 0
            image[1 :: 6 + k % 3] = 0
        images.append(image)
        kinds.append(Kind.HANDWRITING if k % 2 else Kind.PRINT)
    return windows_made(images, kinds, list(range(count)))


def test_a_network_learns_what_is_plain() -> None:
    said: list[str] = []
    windows = striped(512)
    model = train(windows, 3, 0, said.append)
    assert len(said) == 3
    logits = model.predict(windows.images[..., None], verbose=0)
    written, kinds = of_lines(windows, logits)
    found = rates(written, kinds, threshold(written, kinds))
    assert found.kept >= 0.95
    assert found.passed["print"] < 0.2
    assert "handwriting kept" in found.line()


def test_an_epoch_shows_rare_kinds_more_often_than_they_are() -> None:
    kinds = [Kind.DIGITS] * 100 + [Kind.PRINT] * 1500
    images = [np.zeros((HEIGHT, WIDTH), np.uint8)] * 1600
    batches = Batches(windows_made(images, kinds, list(range(1600))), 0, 1600)
    seen = np.concatenate([batches[k][1] for k in range(len(batches))])
    assert (seen == Kind.DIGITS).mean() > 0.12
    first = batches[0][1]
    batches.on_epoch_end()
    assert (batches[0][1] != first).any()


def test_what_is_told_wrongly_is_shown_more_often_and_handwriting_half_the_time() -> None:
    kinds = [Kind.HANDWRITING] * 100 + [Kind.PRINT] * 1500
    images = [np.full((HEIGHT, WIDTH), k % 2, np.uint8) for k in range(1600)]
    windows = windows_made(images, kinds, list(range(1600)))
    batches = Batches(windows, 0, 1600)
    wrong = np.zeros(1600)
    wrong[200:300] = 0.9
    batches.weigh(wrong)
    drawn = batches.order
    assert 0.45 < (drawn < 100).mean() < 0.55
    assert ((drawn >= 200) & (drawn < 300)).mean() > 0.12


def test_a_changed_window_keeps_its_size_and_some_ink() -> None:
    for seed in range(20):
        out = augmented(striped(2).images[1], np.random.default_rng(seed))
        assert out.shape == (HEIGHT, WIDTH)
        assert out.dtype == np.uint8
        assert out.std() > 10


def test_a_line_with_one_window_of_handwriting_is_handwriting() -> None:
    windows = windows_made(
        [np.zeros((HEIGHT, WIDTH), np.uint8)] * 3,
        [Kind.PRINT, Kind.HANDWRITING, Kind.PRINT],
        [0, 0, 1],
    )
    logits = np.zeros((3, 1, 4), np.float32)
    logits[1, 0, Kind.HANDWRITING] = 9
    written, kinds = of_lines(windows, logits)
    assert kinds.tolist() == [Kind.HANDWRITING, Kind.PRINT]
    assert written == pytest.approx([1, 0.25], abs=1e-2)


def test_the_threshold_keeps_nearly_all_handwriting() -> None:
    written = np.concatenate([np.linspace(0.1, 1, 1000), np.zeros(50)])
    kinds = np.array([Kind.HANDWRITING] * 1000 + [Kind.PRINT] * 50)
    least = threshold(written, kinds)
    found = rates(written, kinds, least)
    assert 0.99 < found.kept < 1
    assert found.passed == {"print": 0.0}
