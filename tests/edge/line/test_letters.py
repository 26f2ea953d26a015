"""Where the letters of a reading stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fakes import TINY_MODEL, draw
from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.line.preprocess import Canvas, placed
from hwr_edge.line.recognizer import Recognizer
from pages import handwriting, overlap, page, paste

ROOT = Path(__file__).resolve().parents[3]


def around(ink: Grey, start: int, stop: int) -> tuple[int, int, int, int]:
    """The box of what is dark between two columns."""
    dark = ink[:, start:stop] < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    left = start + int(columns[0])
    return left, int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


@pytest.mark.parametrize("scale", [1, 3, 4])
def test_each_letter_has_the_box_of_its_own_ink(scale: int) -> None:
    image = draw("CAB", scale)
    reading = Recognizer(TINY_MODEL, letters=True).read(image)
    assert "".join(letter.text for letter in reading.letters) == reading.text == "CAB"
    assert tuple(letter.confidence for letter in reading.letters) == reading.letter_confidences
    for k, letter in enumerate(reading.letters):
        assert letter.box == around(image, 8 * scale * k, 8 * scale * k + 4 * scale)


def test_letters_are_told_only_where_they_were_asked_for() -> None:
    assert Recognizer(TINY_MODEL).read(draw("CAB")).letters == ()
    assert Recognizer(TINY_MODEL, letters=True).read(draw("")).letters == ()


def test_letters_of_handwriting_follow_each_other_and_hold_all_of_its_ink() -> None:
    paper = page(700, 110)
    paste(paper, handwriting("manon"), 260, 25)
    reading = Recognizer(letters=True).read(paper)
    assert [letter.text for letter in reading.letters] == list("MANON")
    lefts = [letter.box[0] for letter in reading.letters]
    assert lefts == sorted(lefts)
    ends = [letter.box[0] + letter.box[2] for letter in reading.letters]
    assert all(end <= left + 4 for end, left in zip(ends, lefts[1:], strict=False))
    whole = around(paper, 0, paper.shape[1])
    found = lefts[0], min(box[1] for *_, box in reading.letters), ends[-1] - lefts[0], whole[3]
    assert overlap(found, whole) > 0.8


def test_a_box_on_the_canvas_lies_where_it_was_in_the_image() -> None:
    image: Grey = np.full((90, 500), PAPER, np.uint8)
    image[30:60, 200:230] = image[30:60, 300:310] = 0
    found = placed(image, Canvas())
    dark = np.flatnonzero((found.pixels < 128).any(axis=0))
    rows = np.flatnonzero((found.pixels < 128).any(axis=1))
    box = int(dark[0]), int(rows[0]), int(np.ptp(dark)) + 1, int(np.ptp(rows)) + 1
    assert overlap(found.in_image(box), (200, 30, 110, 30)) > 0.9
    assert found.in_image((0, 0, 384, 48)) == found.part
    assert found.in_image((383, 47, 1, 1))[2:] > (0, 0)


def test_where_the_canvas_is_filled_the_whole_image_is_on_it() -> None:
    image = draw("AB")
    found = placed(image, Canvas(16, 64, "stretch"))
    assert found.part == (0, 0, 256, 64)
    assert found.in_image((8, 4, 16, 4)) == (32, 16, 64, 16)
