"""Which settled lines are names to report."""

from __future__ import annotations

import cv2
import numpy as np

from hwr_edge.camera.appearances import Appearances
from hwr_edge.camera.cards import Card
from hwr_edge.camera.follow import Anchor
from hwr_edge.camera.likeness import ink_of
from hwr_edge.camera.reading import Reader
from hwr_edge.camera.seen import Seen
from hwr_edge.camera.tracks import Track
from hwr_edge.camera.vote import Ballot
from hwr_edge.image.pixels import Grey
from hwr_edge.line.reading import Reading
from hwr_edge.page.find_sheets import find_sheets
from hwr_edge.page.locate import lines_of

STAYS = np.eye(3)
VIEW = np.zeros((240, 320), np.uint8)
SEEN = Seen(1.0, VIEW, VIEW, STAYS, None)


def _never(crop: Grey) -> Reading:
    raise AssertionError("nothing is to be read")


def _card(left: int, text: str) -> tuple[Card, Track]:
    page = np.full((400, 900), 255, np.uint8)
    cv2.putText(page, "MANON", (60, 200), 0, 3, 0, 8, cv2.LINE_AA)
    (line,) = [line for sheet in find_sheets(page) for line in lines_of(sheet)]
    hull = np.array([[5, 5], [310, 5], [310, 200], [5, 200]], np.float32)
    card = Card(Anchor(VIEW, hull), STAYS, STAYS, 0.0)
    right = left + 90
    place = np.array([[left, 100], [right, 100], [right, 130], [left, 130]], np.float32)
    reading = Reading(text, 0.99, (0.99,) * len(text), (0, 0, 9, 9))
    track = Track(line, place, STAYS, Ballot(0), ink_of(line.crop), reading=reading, written=3.0)
    track.frames = 3
    card.tracks = [track]
    return card, track


def test_a_line_where_another_cards_name_was_reported_is_none() -> None:
    reader = Reader(_never, 0, Appearances())
    card, track = _card(20, "MANON")
    assert reader.name_of(card, track, SEEN, [card]) is track
    for text in ("MANON", "MANO"):
        behind, same = _card(24, text)
        assert reader.name_of(behind, same, SEEN, [card, behind]) is None
        assert not same.text
    beside, other = _card(180, "MANON")
    assert reader.name_of(beside, other, SEEN, [card, beside]) is other
    assert [track.number, other.number] == [1, 2]


def test_a_card_that_is_not_found_hides_no_name() -> None:
    reader = Reader(_never, 0, Appearances())
    card, track = _card(20, "MANON")
    assert reader.name_of(card, track, SEEN, [card]) is track
    card.missing = 1.0
    over, other = _card(20, "THOMAS")
    assert reader.name_of(over, other, SEEN, [card, over]) is other


def test_papers_without_a_line_are_looked_at_one_after_the_other_the_most_inked_first() -> None:
    reader, frame = Reader(_never, 0, Appearances()), np.full((240, 320), 200, np.uint8)
    papers = [
        Card(Anchor(frame, np.array(hull, np.float32)), STAYS, STAYS, 0.0, ink=ink)
        for hull, ink in (
            ([[10, 10], [150, 10], [150, 100], [10, 100]], 20),
            ([[170, 10], [310, 10], [310, 100], [170, 100]], 90),
        )
    ]
    for time, looks in ((0.0, [0, 1]), (0.02, [0, 1]), (0.2, [1, 1])):
        reader.examine(papers, Seen(time, frame, frame, STAYS, None))
        assert [paper.looks for paper in papers] == looks


def test_a_paper_that_waits_is_looked_at_before_one_with_a_little_more_ink() -> None:
    frame = np.full((240, 320), 200, np.uint8)
    first = [[10, 10], [150, 10], [150, 100], [10, 100]]
    later = [[170, 10], [310, 10], [310, 100], [170, 100]]
    for ink, looks in ((110, [1, 0]), (400, [0, 1])):
        waits = Card(Anchor(frame, np.array(first, np.float32)), STAYS, STAYS, 0.0, ink=100)
        new = Card(Anchor(frame, np.array(later, np.float32)), STAYS, STAYS, 0.0, ink=ink)
        waits.next_look, new.next_look = 2.0, 3.0
        reader = Reader(_never, 0, Appearances())
        reader.examine([waits, new], Seen(3.0, frame, frame, STAYS, None))
        assert [waits.looks, new.looks] == looks
