"""Which papers in view are which cards."""

from __future__ import annotations

import cv2
import numpy as np

from hwr_edge.camera.cards import Card
from hwr_edge.camera.follow import Anchor
from hwr_edge.camera.present import Present
from hwr_edge.camera.quality import Hint
from hwr_edge.camera.sheets import iou
from hwr_edge.camera.tracks import Track
from hwr_edge.camera.vote import Ballot
from hwr_edge.image.pixels import Grey
from hwr_edge.page.find_sheets import find_sheets
from hwr_edge.page.locate import Line, lines_of

CARD = np.array([[60, 70], [260, 70], [260, 160], [60, 160]], np.float32)
STAYS = np.eye(3)


def _view(card: np.ndarray = CARD) -> Grey:
    view = np.full((240, 320), 90, np.uint8)
    cv2.fillConvexPoly(view, card.astype(np.int32), [230])
    x, y = (int(v) for v in card[3])
    cv2.putText(view, "MANON", (x + 30, y - 25), 0, 1.2, 60, 3, cv2.LINE_AA)
    return view


def _line() -> Line:
    page = np.full((400, 700), 255, np.uint8)
    cv2.putText(page, "MANON", (100, 200), 0, 3, 0, 8, cv2.LINE_AA)
    (line,) = [line for sheet in find_sheets(page) for line in lines_of(sheet)]
    return line


def _with_writing(hull: np.ndarray, reported: bool = False) -> Card:
    card = Card(Anchor(_view(), hull), STAYS, STAYS, 0.0)
    ink = np.zeros((24, 192), np.uint8)
    card.tracks = [Track(_line(), hull, STAYS, Ballot(0), ink, number=1, reported=reported)]
    return card


def test_a_card_whose_part_was_seen_first_gets_its_whole_outline() -> None:
    present, part = Present(), CARD.copy()
    part[[1, 2], 0] = 150
    card = _with_writing(part)
    present.cards = [card]
    present.find(_view(), 1.0)
    assert present.cards == [card]
    assert iou(card.hull, CARD) > 0.9
    assert card.next_look == 1.0


def test_what_was_taken_for_writing_in_the_room_does_not_keep_a_card_from_being_found() -> None:
    present, thing = Present(), np.array([[50, 30], [100, 30], [100, 170], [50, 170]], np.float32)
    present.cards = [_with_writing(thing)]
    present.find(_view(), 1.0)
    assert max(iou(card.hull, CARD) for card in present.cards) > 0.9


def test_a_part_of_a_card_whose_name_was_said_is_not_another_card() -> None:
    present = Present()
    card = _with_writing(CARD, reported=True)
    present.cards = [card]
    view = _view()
    cv2.rectangle(view, (130, 0), (319, 239), 120, -1)
    present.find(view, 1.0)
    assert present.cards == [card]
    assert iou(card.hull, CARD) > 0.99


def test_what_is_seen_of_a_covered_card_is_that_card() -> None:
    present, card = Present(), _with_writing(CARD, reported=True)
    view = _view()
    cv2.rectangle(view, (195, 0), (319, 239), 120, -1)
    assert present.find(view, 1.0, [card]) == [card]
    assert card in present.cards
    assert card.missing is None


def test_a_whole_paper_in_the_place_of_a_covered_card_is_looked_at() -> None:
    present, card = Present(), _with_writing(CARD, reported=True)
    assert present.find(_view(), 1.0, [card]) == []
    (other,) = present.cards
    assert other is not card
    assert other.next_look == 1.0


def test_a_card_that_came_into_view_is_outlined_anew() -> None:
    present, beyond = Present(), CARD + np.array([70, 0], np.float32)
    present.find(_view(beyond), 1.0)
    (card,) = present.cards
    card.tracks = _with_writing(CARD).tracks
    card.place(np.array([[1, 0, -30], [0, 1, 0], [0, 0, 1.0]]), 1.1)
    inside = CARD + np.array([40, 0], np.float32)
    present.find(_view(inside), 1.2)
    assert card.cut is None
    assert iou(card.hull, inside) > 0.9


def test_papers_are_looked_for_only_where_as_much_as_a_paper_changed() -> None:
    present, seen = Present(), _view()
    assert present.may_find(seen)
    present.find(seen, 1.0)
    assert not present.may_find(_view())
    stick = _view()
    cv2.line(stick, (10, 10), (300, 30), [250], 5)
    assert not present.may_find(stick)
    assert present.may_find(_view(CARD - (0, 60)))


def test_a_card_whose_name_is_known_may_move_without_a_search() -> None:
    present, seen = Present(), _view()
    present.find(seen, 1.0)
    present.cards = [_with_writing(CARD, reported=True)]
    present.cards[0].place(np.array([[1, 0, 6], [0, 1, 4], [0, 0, 1.0]]), 1.1)
    there = _view(CARD + (6, 4))
    assert not present.may_find(there)
    present.cards = []
    assert present.may_find(_view(CARD + (60, 40)))


def test_a_card_that_cannot_be_read_is_given_up_unless_it_is_a_paper() -> None:
    present = Present()
    there, nowhere = _with_writing(CARD), _with_writing(CARD + np.array([-60, -60], np.float32))
    for card in (there, nowhere):
        card.tracks[0].fault = Hint.FOCUS
    present.cards = [there, nowhere]
    present.let_go(_view())
    assert present.cards == [there]
    assert present.gone(1.0) == [nowhere]


def test_a_view_is_empty_if_nothing_was_found_in_it_while_it_was_still() -> None:
    present, first, second, third = (
        Present(),
        *(np.full((180, 320), v, np.uint8) for v in (1, 2, 3)),
    )
    present.nothing_there(first, 0.0, 0.0)
    present.nothing_there(second, 0.6, 0.6)
    assert present.empty is first
    present.nothing_there(third, 0.7, 0.0)
    assert present.empty is second
    present.cards = [_with_writing(CARD)]
    present.nothing_there(third, 3.0, 0.0)
    assert present.empty is second
