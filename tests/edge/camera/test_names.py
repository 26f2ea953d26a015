"""The camera for programs."""

from __future__ import annotations

from pathlib import Path

import pytest

import hwr_edge
from hwr_edge.errors import CameraError
from hwr_edge.line.recognizer import Recognizer

FRAMES = Path(__file__).resolve().parents[3] / "examples" / "held-up"
CLIP = Path(__file__).resolve().parents[3] / "examples" / "cards.mp4"


def test_a_program_gets_each_name_once_with_its_time() -> None:
    reader = Recognizer(accept=0.5, letters=True)
    reported = list(hwr_edge.watch(CLIP, recognizer=reader))
    assert [event.reading.text for event in reported] == ["MANON", "THOMAS"]
    assert [event.reading.review for event in reported] == [False, False]
    assert reported[0].time < reported[1].time
    assert list(reported[0].to_dict())[:3] == ["schema", "time", "text"]
    assert "alternatives" not in reported[0].to_dict(), "those of the vote are its own"
    assert (reader.top, reader.letters) == (0, True), "the reader stays as it was"


def test_names_are_read_from_a_folder_of_frames_of_cards_that_are_held_up() -> None:
    reported = list(hwr_edge.watch(FRAMES, fps=8))
    assert [event.reading.text for event in reported] == ["MANON", "THOMAS"]


def test_a_part_of_the_frames_may_be_looked_at() -> None:
    assert list(hwr_edge.watch(CLIP, roi=(0, 0, 60, 60))) == []


def test_a_source_that_is_not_there_is_told() -> None:
    with pytest.raises(CameraError, match=r"nowhere\.avi: no such camera"):
        next(hwr_edge.watch("nowhere.avi"))
