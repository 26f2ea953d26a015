"""Comb rows on a page without a template."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

import cv2
import numpy as np
import pytest

from hwr_edge.form.combs import comb_form
from hwr_edge.image.pixels import Grey
from hwr_edge.image.turning import upright
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.reader import PageReading
from hwr_edge.page.sheet import whole_image
from hwr_edge.scan import comb_rows
from hwr_edge.scan.comb_rows import with_comb_rows
from hwr_edge.scan.scanner import Scanner
from pages import class_list, handwriting, page, paste, print_at

LEFT, TOP, CELL, HIGH, PITCH, CELLS = 330, 300, 52, 56, 130, 14


def letters(name: str) -> list[Grey]:
    """Each letter of an example's writing, from the left."""
    ink = handwriting(name)
    count, _, stats, _ = cv2.connectedComponentsWithStats((ink < 150).astype(np.uint8))
    found = sorted((stats[k] for k in range(1, count) if stats[k][4] > 60), key=lambda s: s[0])
    return [ink[y : y + h, x : x + w] for x, y, w, h, _ in found]


def combs(names: list[str], ticks: bool = False, apart: int = 0, thick: int = 2) -> Grey:
    """A printed form with a comb row for each name, a letter in each cell.

    Cells are boxes with lines so thick that stand so far apart, pixels, or are parted by short ticks.
    """
    paper = page()
    print_at(paper, "Enrolment form", 420, 160, 1.4)
    for row, name in enumerate(names):
        y = TOP + PITCH * row
        print_at(paper, "Name", 150, y + 42)
        for k in range(CELLS):
            x = LEFT + CELL * k
            if ticks:
                cv2.line(paper, (x, y + HIGH - 14), (x, y + HIGH), 60, 2)
            else:
                cv2.rectangle(paper, (x, y), (x + CELL - apart, y + HIGH), 60, thick)
        if ticks:
            cv2.rectangle(paper, (LEFT, y), (LEFT + CELL * CELLS, y + HIGH), 60, 2)
        for k, ink in enumerate(letters(name) if name else ()):
            size = round(ink.shape[1] * 40 / ink.shape[0]), 40
            small = cv2.resize(ink, (min(size[0], CELL - 10), 40), interpolation=cv2.INTER_AREA)
            x = LEFT + CELL * k + (CELL - small.shape[1]) // 2
            paper[y + 8 : y + 48, x : x + small.shape[1]] = small
    return paper


@pytest.mark.parametrize("turn", [0, 180])
def test_comb_rows_on_a_page_are_read_and_one_note_names_the_form(turn: int) -> None:
    found = Scanner(Recognizer()).read(
        upright(combs(["thomas", "manon", "thomas", "manon"]), turn), "page.png"
    )
    assert [reading.text for reading in found.readings] == ["THOMAS", "MANON"] * 2
    assert found.turn == turn
    assert found.note.startswith("page.png: 4 rows of comb cells")
    assert "--form" in found.note
    for row, reading in enumerate(found.readings):
        assert reading.box[1] == pytest.approx(TOP + PITCH * row, abs=8)


def test_cells_that_short_ticks_part_are_read() -> None:
    found = Scanner(Recognizer()).read(combs(["thomas", "manon", "thomas"], ticks=True))
    assert [reading.text for reading in found.readings] == ["THOMAS", "MANON", "THOMAS"]
    assert "3 rows of comb cells" in found.note


def test_names_beside_combs_are_read_as_those_lie() -> None:
    paper, reader = combs(["thomas", "manon"]), Recognizer()
    paste(paper, handwriting("maeva"), 330, 900)
    found = with_comb_rows(reader, paper, PageReading(180, ()), "page.png")
    assert [reading.text for reading in found.readings] == ["THOMAS", "MANON", "MAEVA"]
    assert found.turn == 0


def test_a_page_whose_names_are_read_surely_is_not_turned_by_its_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader, paper = Recognizer(), combs(["thomas", "manon"])
    sure, other = (
        replace(reader.read_grey(handwriting("maeva")), text=text, confidence=confidence)
        for text, confidence in (("MAEVA", 0.99), ("LLAMARON", 0.5))
    )
    monkeypatch.setattr(comb_rows, "_rows", lambda _r, _s, turn: [other] if turn else [])
    page = PageReading(0, (sure,))
    assert with_comb_rows(reader, paper, page, "page.png") == page


def test_what_does_not_look_like_handwriting_in_cells_is_no_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = cycle((True, False, True))  # of the three rows, either way up
    monkeypatch.setattr(comb_rows, "_is_written", lambda _: next(looks))
    page = combs(["thomas", "maeva", "manon"])
    found = with_comb_rows(Recognizer(), page, PageReading(0, ()), "page.png")
    assert [reading.text for reading in found.readings] == ["THOMAS", "MANON"]


def test_empty_comb_rows_give_no_row_and_no_note() -> None:
    found = Scanner(Recognizer()).read(combs(["", "", ""]))
    assert (found.readings, found.note) == ((), "")


@pytest.mark.parametrize(("apart", "thick"), [(8, 2), (0, 5)])
def test_boxes_that_stand_apart_and_thick_lines_are_taken_out(apart: int, thick: int) -> None:
    paper = combs(["thomas", "manon", "thomas"], apart=apart, thick=thick)
    size = round(0.6 * paper.shape[1]), round(0.6 * paper.shape[0])
    low = np.asarray(cv2.resize(paper, size, interpolation=cv2.INTER_AREA), np.uint8)
    found = Scanner(Recognizer()).read(low)
    assert [reading.text for reading in found.readings] == ["THOMAS", "MANON", "THOMAS"]
    assert "3 rows of comb cells" in found.note


def test_a_page_without_combs_has_none() -> None:
    assert comb_form(whole_image(class_list()[0])) is None


def test_a_comb_is_whole_where_writing_hides_cells() -> None:
    form = comb_form(whole_image(combs(["thomas", "manon"])))
    assert form is not None
    assert [field.box for field in form.fields] == [
        pytest.approx((LEFT, TOP + PITCH * row, CELL * CELLS, HIGH), abs=8) for row in (0, 1)
    ]
