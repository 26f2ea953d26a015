"""Lines that may go on beyond what is seen of their card."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.camera.cards import Card
from hwr_edge.camera.ends import is_cut, is_open
from hwr_edge.camera.follow import Anchor
from hwr_edge.camera.present import Present
from hwr_edge.camera.tracks import Track
from hwr_edge.camera.vote import Ballot
from hwr_edge.page.find_sheets import find_sheets
from hwr_edge.page.locate import lines_of


def _track(card: Card, left: float, right: float) -> Track:
    page = np.full((400, 900), 255, np.uint8)
    cv2.putText(page, "MANON", (60, 200), 0, 3, 0, 8, cv2.LINE_AA)
    (line,) = [line for sheet in find_sheets(page) for line in lines_of(sheet)]
    place = np.array([[left, 100], [right, 100], [right, 130], [left, 130]], np.float32)
    return Track(line, place, card.pose, Ballot(0), np.zeros((24, 192), np.uint8))


def _view(left: int, right: int) -> NDArray[np.uint8]:
    view = np.full((240, 320), 90, np.uint8)
    view[70:170, left:right] = 230
    return view


def test_a_line_that_ends_where_the_view_ended_may_go_on() -> None:
    present = Present()
    present.find(_view(180, 320), 1.0)
    (card,) = present.cards
    assert card.cut is not None
    assert is_cut(card, _track(card, 210, 312))
    assert not is_cut(card, _track(card, 190, 260))


def test_a_line_that_ends_where_an_outline_does_but_not_the_paper_may_go_on() -> None:
    outline = np.array([[120, 70], [250, 70], [250, 170], [120, 170]], np.float32)
    stays = np.eye(3)
    part, whole = _view(60, 250), _view(120, 250)
    card = Card(Anchor(part, outline), stays, stays, 0.0)
    assert is_open(card, _track(card, 122, 230), part)
    assert not is_open(card, _track(card, 122, 230), whole)
    assert not is_open(card, _track(card, 160, 230), part)
    assert not is_open(card, _track(card, 160, 246), part)


def test_a_line_that_touches_an_outline_goes_on_where_letters_of_it_stand_beyond() -> None:
    outline = np.array([[120, 70], [250, 70], [250, 170], [120, 170]], np.float32)
    card = Card(Anchor(_view(60, 250), outline), np.eye(3), np.eye(3), 0.0)
    line, view = _track(card, 121, 230), _view(60, 250)
    cv2.rectangle(view, (112, 110), (119, 118), 40, -1)  # a letter, halfway up the line
    assert is_open(card, line, view, touching=True)
    assert not is_open(card, line, _view(120, 250), touching=True)
    assert not is_open(card, _track(card, 135, 230), view, touching=True)
