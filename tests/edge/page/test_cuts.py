from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest

from hwr_edge.image.pixels import Grey
from hwr_edge.line.matching import Match
from hwr_edge.line.reading import Letter, Reading
from hwr_edge.page.cuts import agreed, read_again
from hwr_edge.page.locate import Line, find_lines
from hwr_edge.page.reader import read_page
from pages import handwriting, page, paste


def reading(text: str, sure: float) -> Reading:
    return Reading(text, sure, (), (0, 0, 9, 9))


class Reads:
    """Reads these one after the other, the last of them for ever, and keeps the crops that it was given."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.readings, self.crops = list(readings), list[Grey]()

    def read_grey(self, crop: Grey) -> Reading:
        self.crops.append(crop)
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]


def ruled_name() -> Grey:
    """A page with a name on a ruled line."""
    paper = page()
    _, y, _, height = paste(paper, handwriting("manon"), 330, 240)
    cv2.line(paper, (250, y + height + 3), (1000, y + height + 3), 110, 3)
    return paper


def written() -> Line:
    """That name."""
    (line,) = find_lines(ruled_name())
    return line


def shows_rule(crop: Grey) -> bool:
    """Whether a row is dark nearly all along what is in a crop."""
    dark = crop < 170
    return bool(dark.sum(axis=1).max() > 0.8 * np.ptp(np.flatnonzero(dark.any(axis=0))))


@pytest.mark.parametrize("first", [reading("MANON", 0.95), reading("", 0.3)])
def test_a_sure_reading_and_an_empty_one_stay(first: Reading) -> None:
    stub: Any = Reads([reading("SIMON", 1.0)])
    assert read_again(stub, written(), first) is first
    assert not stub.crops


def test_the_text_with_the_most_confidence_in_all_is_taken_from_its_surest_cut() -> None:
    best = reading("MANON", 0.45)
    some = [reading("MARION", 0.5), reading("MANON", 0.3), reading("MANO", 0.1), best]
    assert agreed(some) is best
    assert agreed([reading("MARION", 0.8), reading("MANON", 0.3), best]).text == "MARION"


def test_with_a_roster_the_match_is_agreed_on() -> None:
    some = [
        Reading(text, 0.4, (), (0, 0, 9, 9), match=Match(name, sure))
        for text, name, sure in (("MANO", None, 0.6), ("MANCN", "Manon", 0.4), ("MA", "Manon", 0.5))
    ]
    assert agreed(some) is some[2]


def test_a_doubtful_line_is_read_once_more_as_it_stands_and_both_in_two_widths() -> None:
    line = written()
    stub: Any = Reads([reading("", 0.9), reading("MANON", 0.4)])
    assert read_again(stub, line, reading("MAN", 0.5)).text == "MANON"
    narrow, stands, squeezed = stub.crops
    assert narrow.shape[0] == line.crop.shape[0]
    assert narrow.shape[1] < 0.9 * line.crop.shape[1]
    assert squeezed.shape[1] < 0.9 * stands.shape[1]
    assert [shows_rule(crop) for crop in stub.crops] == [False, True, True]


def test_as_it_stands_a_line_says_where_its_crop_begins() -> None:
    line = written()
    stands, left = line.as_it_stands
    assert left > 0.5 * line.letter
    assert stands.shape[0] == line.crop.shape[0]
    both = slice(0, round(0.7 * line.crop.shape[0]))  # above the rule
    width = line.box[2]
    own, there = line.crop[both, :width] < 128, stands[both, left : left + width] < 128
    assert (own & there).sum() > 0.95 * own.sum()


def test_letters_of_another_cut_have_their_places_in_the_crop() -> None:
    line = written()
    letter = Letter("M", 1.0, (100, 10, 43, 20))
    stub: Any = Reads([Reading("MANON", 0.8, (), (0, 0, 9, 9), letters=(letter,))])
    found = read_again(stub, line, reading("MAN", 0.1))
    assert found.text == "MANON"
    (moved,) = found.letters
    assert moved.box == (116, 10, 50, 20)  # of the first of the three, as sure as the others


def test_a_page_has_what_its_cuts_agree_on() -> None:
    class Doubts:
        """Doubts what it sees without a rule."""

        def read_grey(self, crop: Grey) -> Reading:
            return reading("SIMON", 0.85) if shows_rule(crop) else reading("MANON", 0.3)

    stub: Any = Doubts()
    (found,) = read_page(stub, ruled_name()).readings
    assert found.text == "SIMON"
