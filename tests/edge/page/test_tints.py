"""Tinted paper: what is written on it is found as beside it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from hwr_edge.image.ink import paper_of
from hwr_edge.image.pixels import PAPER, Grey
from hwr_edge.page.locate import find_lines
from hwr_edge.page.tints import with_tints

_FIELDS = [(80, 150, 420, 70), (600, 150, 420, 70), (80, 400, 420, 70)]


def _page(tint: int) -> Grey:
    page = np.full((1200, 1100), PAPER, np.uint8)
    for (x, y, wide, high), name in zip(_FIELDS, ("MANON", "LUCIE", "THOMAS"), strict=True):
        page[y : y + high, x : x + wide] = tint
        cv2.putText(page, name, (x + 60, y + 52), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (20,), 4)
    return page


@pytest.mark.parametrize("tint", [170, 225, PAPER])
def test_a_line_in_a_tinted_field_is_the_writing_alone(tint: int) -> None:
    found = [line.box for line in find_lines(_page(tint))]
    assert len(found) == 3
    for (x, y, wide, high), (left, top, across, down) in zip(_FIELDS, found, strict=True):
        assert x + 40 < left < left + across < x + wide - 100
        assert y <= top + 3
        assert top + down <= y + high + 3


def test_the_paper_is_as_bright_as_its_tint() -> None:
    page = _page(210)
    paper = with_tints(paper_of(page), page)
    assert paper[155:165, 90:490].max() <= 212
    assert paper[300, 300] == PAPER
    assert (cv2.divide(page, paper, scale=PAPER)[140:230, 70:130] >= 245).all()


def test_paper_without_a_tint_is_what_it_was() -> None:
    page = _page(PAPER)
    paper = paper_of(page)
    assert with_tints(paper, page) is paper


def test_a_bar_that_is_as_dark_as_ink_is_no_tint() -> None:
    page = _page(PAPER)
    page[700:760, 80:1000] = 40
    assert with_tints(page, page) is page


def test_thick_pale_strokes_of_a_card_are_no_tint() -> None:
    card = np.full((300, 600), PAPER, np.uint8)
    cv2.putText(card, "TOM", (60, 220), cv2.FONT_HERSHEY_SIMPLEX, 6.0, (185,), 22)
    assert with_tints(card, card) is card
