"""Lines of a card: which are known, and which are names."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from hwr_edge.camera.cards import Card
from hwr_edge.camera.follow import Anchor
from hwr_edge.camera.likeness import ink_of
from hwr_edge.camera.tracks import Track
from hwr_edge.camera.vote import Ballot
from hwr_edge.line.reading import Reading
from hwr_edge.page.find_sheets import find_sheets
from hwr_edge.page.locate import Line, lines_of

STAYS = np.eye(3)
HULL = np.array([[5, 5], [300, 5], [300, 200], [5, 200]], np.float32)


def _line(text: str, y: int = 200) -> Line:
    page = np.full((400, 900), 255, np.uint8)
    cv2.putText(page, text, (60, y), 0, 3, 0, 8, cv2.LINE_AA)
    (line,) = [line for sheet in find_sheets(page) for line in lines_of(sheet)]
    return line


def _card() -> Card:
    return Card(Anchor(np.zeros((240, 320), np.uint8), HULL), STAYS, STAYS, 0.0)


def _track(line: Line, written: float, text: str = "") -> Track:
    place = np.asarray(line.outline, np.float32)
    reading = Reading(text, 0.9, (0.9,) * len(text), (0, 0, 9, 9))
    track = Track(line, place, STAYS, Ballot(0), ink_of(line.crop), reading=reading)
    track.written, track.frames = 3 * written, 3
    return track


def test_what_is_likelier_print_is_a_name_only_where_no_other_line_is_handwriting() -> None:
    card, line = _card(), _line("BADGE")
    doubtful, sure = _track(line, 0.3, "BADGE"), _track(line, 0.9, "MANON")
    card.tracks = [doubtful]
    assert not card.is_print(doubtful)
    card.tracks = [doubtful, sure]
    assert card.is_print(doubtful)
    assert not card.is_print(sure)
    sure.written, sure.reported = 0.9, True
    assert card.is_print(doubtful)


def test_a_doubtful_line_among_many_of_print_is_print() -> None:
    card, line = _card(), _line("MENU")
    doubtful = _track(line, 0.3, "MENU")
    card.tracks = [doubtful]
    assert not card.is_print(doubtful)
    card.tracks = [doubtful, *(_track(line, 0.01) for _ in range(5))]
    assert card.is_print(doubtful)


def test_what_is_read_unsurely_and_looks_like_print_is_no_name() -> None:
    card, line = _card(), _line("INES")
    track = _track(line, 0.3, "INES")
    card.tracks = [track]
    assert track.reading is not None
    track.reading = replace(track.reading, confidence=0.5)
    assert card.is_print(track)


def test_what_was_not_read_yet_is_no_name() -> None:
    card, line = _card(), _line("MANON")
    card.tracks = [_track(line, 0.9, "MANON")]
    card.tracks[0].frames = 0
    assert card.is_print(card.tracks[0])


def test_a_line_is_known_by_the_place_that_fits_best_not_by_what_lies_within_it() -> None:
    card, name, dot = _card(), _line("MANON"), _line("O", 180)
    known = _track(name, 0.9, "MANON")
    card.tracks = [known]
    card.located([dot, name], STAYS, 0)
    assert [track is known for track in card.tracks] == [False, True]


def test_other_writing_in_the_place_of_a_line_that_gave_no_name_is_read() -> None:
    card, first, second = _card(), _line("MANON"), _line("EEEEE")
    empty = _track(first, 0.9)
    empty.closed = True
    card.tracks = [empty]
    card.located([first], STAYS, 0)
    assert card.tracks == [empty]
    card.located([second], STAYS, 0)
    (track,) = card.tracks
    assert track is not empty
    assert not track.closed


def test_a_doubtful_line_beside_one_that_is_surely_print_is_print() -> None:
    card, line = _card(), _line("MENU")
    doubtful, beside = _track(line, 0.5, "AIME"), _track(line, 0.01)
    card.tracks = [doubtful]
    assert not card.is_print(doubtful)
    card.tracks = [doubtful, beside]
    assert card.is_print(doubtful)
    card.tracks = [_track(line, 0.9, "AIME"), beside]
    assert not card.is_print(card.tracks[0])


def test_a_doubtful_line_of_a_card_that_is_read_turned_is_print() -> None:
    card, line = _card(), _line("MENU")
    doubtful, sure = _track(line, 0.5, "ELIE"), _track(line, 0.9, "MANON")
    card.tracks = [doubtful]
    assert not card.is_print(doubtful)
    card.turn = 90
    assert card.is_print(doubtful)
    card.tracks = [sure]
    assert not card.is_print(sure)
