"""When the readings of a line settle, and on what."""

from __future__ import annotations

import pytest

from hwr_edge.camera.vote import Ballot
from hwr_edge.line.reading import Reading

FRAME = 1 / 15


def _settled(text: str, confidence: float, frames: int = 40) -> Reading | None:
    """What the same reading in every frame settles on; None while it does not."""
    ballot, reading = Ballot(0), Reading(text, confidence, (0.9,) * len(text), (0, 0, 9, 9))
    for k in range(frames):
        if found := ballot.add(reading, k * FRAME):
            return found
    return None


def test_three_readings_that_agree_settle_a_name() -> None:
    assert _settled("MANON", 0.9, 2) is None
    found = _settled("MANON", 0.9, 3)
    assert found is not None
    assert (found.text, round(found.confidence, 6)) == ("MANON", 0.9)


@pytest.mark.parametrize(
    ("text", "confidence", "said"),
    [
        ("MANON", 0.36, True),
        ("MANON", 0.34, False),
        ("LEA", 0.91, True),
        ("LI", 0.89, False),
        ("JEAN-CHRISTOPHE DUPONT", 0.51, True),
        ("AREMETTREAU SECRETARAT", 0.49, False),
    ],
)
def test_a_doubtful_reading_is_no_name_and_a_long_one_needs_more(
    text: str, confidence: float, said: bool
) -> None:
    found = _settled(text, confidence)
    assert found is not None
    assert found.text == (text if said else "")


def test_two_texts_that_take_turns_leave_the_likelier_one() -> None:
    ballot, found = Ballot(0), None
    for k in range(40):
        text, confidence = ("THOMAS", 0.6) if k % 2 else ("THEMAS", 0.5)
        reading = Reading(text, confidence, (0.9,) * len(text), (0, 0, 9, 9))
        found = found or ballot.add(reading, k * FRAME)
    assert found is not None
    assert found.text == "THOMAS"
    assert found.confidence < 0.6
