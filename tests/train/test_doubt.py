"""Labels that a model finds wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hwr_edge.charset import Charset
from hwr_train.canvases import NameData
from hwr_train.doubt import doubtful

LETTERS = Charset("AB")


def _logits(text: str, sure: float) -> NDArray[np.float32]:
    """Frames that say each letter of `text` in turn, a blank after each."""
    frames = np.zeros((8, 3), np.float32)
    for k, c in enumerate([c for letter in text for c in (LETTERS.encode(letter)[0], 0)]):
        frames[k, c] = sure
    frames[2 * len(text) :, 0] = sure
    return frames


def test_only_sure_readings_far_from_their_label_are_doubted() -> None:
    rows = [
        ("AB", _logits("AB", 12)),  # as labelled
        ("AA", _logits("AB", 12)),  # sure and other
        ("AA", _logits("AB", 1)),  # unsure
        ("", _logits("B", 12)),
    ]
    data = NameData(np.zeros((4, 2, 2), np.uint8), tuple(t for t, _ in rows), tuple("wxyz"))
    assert doubtful(data, np.stack([one for _, one in rows]), LETTERS) == [1, 3]


def test_two_readings_of_like_worth_are_no_reason_for_doubt() -> None:
    logits = _logits("AB", 12)
    logits[2, 1] = 11.0  # the second letter may well be an A
    data = NameData(np.zeros((1, 2, 2), np.uint8), ("AA",), ("x",))
    assert doubtful(data, logits[None], LETTERS) == []
