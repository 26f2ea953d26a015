"""Digits written in a form's fields: told as digits, no letters invented."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

import hwr_edge
from drawn_forms import BOXES, WORDS, empty_form
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.image.turning import upright
from hwr_edge.line.reading import Letter, Reading
from hwr_edge.scan.digits import is_digits, without_text
from pages import handwriting

_STROKES = {
    "0": [[(30, 0), (5, 30), (5, 70), (30, 100), (55, 70), (55, 30), (30, 0)]],
    "1": [[(10, 25), (35, 0), (35, 100)]],
    "2": [[(5, 20), (30, 0), (55, 25), (30, 65), (5, 100), (60, 97)]],
    "4": [[(40, 0), (5, 65), (60, 62)], [(45, 35), (42, 100)]],
    "7": [[(5, 3), (58, 0), (25, 100)], [(15, 50), (50, 48)]],
    "9": [[(50, 30), (20, 40), (10, 15), (40, 0), (52, 30), (40, 100)]],
}


def _digits(text: str, step: int = 70) -> Grey:
    """Some digits side by side, dark on white, 46 pixels high."""
    image: Grey = np.full((60, round(0.46 * step * len(text)) + 20), 255, np.uint8)
    for k, digit in enumerate(text):
        for stroke in _STROKES[digit]:
            at = np.array([(0.46 * (step * k + x) + 10, 0.46 * y + 7) for x, y in stroke])
            cv2.polylines(image, [np.rint(at).astype(np.int32)], False, (30,), 4, cv2.LINE_AA)
    return image


def _laid(paper: Grey, ink: Grey, box: Box) -> None:
    """Write in the lower part of a box."""
    x, y = box[0] + 14, box[1] + box[3] - 8 - ink.shape[0]
    there = paper[y : y + ink.shape[0], x : x + ink.shape[1]]
    np.minimum(there, ink, out=there)


@pytest.mark.parametrize("turn", [0, 180])
def test_digits_in_a_comb_are_no_letters_and_a_note_names_the_field(
    tmp_path: Path, turn: int
) -> None:
    template = tmp_path / "form.toml"
    hwr_edge.new_form(empty_form(), template, WORDS)
    paper = empty_form()
    _laid(paper, _digits("9404219", 152), BOXES[1])
    _laid(paper, handwriting("thomas"), BOXES[0])
    scan = hwr_edge.read(upright(paper, turn), form=template)
    digits, name = scan.fields[WORDS[1]], scan.fields[WORDS[0]]
    assert (digits.text, digits.confidence, digits.letters) == ("", 0.0, ())
    assert name.text == "THOMAS"
    assert "digits, which are not read: First name:;" in scan.pages[0].note


def test_a_name_is_no_digits_and_what_is_read_surely_neither() -> None:
    name = handwriting("manon")
    crop = np.pad(name, 12, constant_values=255)
    doubtful = Reading("MANON", 0.3, (0.3,) * 5, (0, 0, 9, 9))
    assert not is_digits(crop, doubtful)
    sure = Reading("LOIS", 0.99, (0.99,) * 4, (0, 0, 9, 9))
    assert not is_digits(_digits("1049"), sure)
    assert is_digits(_digits("9404219"), doubtful)


def test_without_its_text_a_reading_keeps_its_place_and_is_to_be_looked_at() -> None:
    box = (1, 2, 30, 9)
    letters = (Letter("S", 0.5, box),)
    bare = without_text(Reading("S", 0.5, (0.5,), box, review=False, letters=letters))
    assert bare == Reading("", 0.0, (), box, review=True)
