"""What the other cards in view tell of a line."""

from __future__ import annotations

import cv2
import numpy as np

from hwr_edge.camera.beside import is_part
from hwr_edge.camera.cards import Card
from hwr_edge.camera.follow import Anchor
from hwr_edge.camera.quality import Hint
from hwr_edge.camera.tracks import Track
from hwr_edge.camera.vote import Ballot
from hwr_edge.line.reading import Reading
from hwr_edge.page.find_sheets import find_sheets
from hwr_edge.page.locate import lines_of

STAYS = np.eye(3)
VIEW = np.zeros((240, 320), np.uint8)


def _card(left: int, right: int, text: str) -> tuple[Card, Track]:
    page = np.full((400, 900), 255, np.uint8)
    cv2.putText(page, "MANON", (60, 200), 0, 3, 0, 8, cv2.LINE_AA)
    (line,) = [line for sheet in find_sheets(page) for line in lines_of(sheet)]
    hull = np.array([[5, 5], [310, 5], [310, 200], [5, 200]], np.float32)
    card = Card(Anchor(VIEW, hull), STAYS, STAYS, 0.0)
    place = np.array([[left, 100], [right, 100], [right, 130], [left, 130]], np.float32)
    reading = Reading(text, 0.9, (0.9,) * len(text), (0, 0, 9, 9))
    track = Track(line, place, STAYS, Ballot(0), np.zeros((24, 192), np.uint8), reading=reading)
    card.tracks = [track]
    return card, track


def test_a_line_under_a_longer_one_of_another_card_waits_for_it() -> None:
    part, short = _card(150, 220, "STRASSE")
    whole, long = _card(40, 222, "WALDSTRASSE")
    assert is_part(part, short, [part, whole])
    assert not is_part(whole, long, [part, whole])
    long.closed = True
    assert not is_part(part, short, [part, whole])


def test_a_line_waits_for_no_line_that_is_not_read_or_lies_elsewhere() -> None:
    part, short = _card(150, 220, "STRASSE")
    beside, _ = _card(20, 160, "MANONMANON")
    assert not is_part(part, short, [part, beside])
    whole, long = _card(40, 222, "WALDSTRASSE")
    long.fault = Hint.FOCUS
    assert not is_part(part, short, [part, whole])
