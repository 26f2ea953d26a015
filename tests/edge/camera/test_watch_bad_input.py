"""The loop on frames that a camera should not send: late ones, gaps, sizes that change and change back, too many cards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import cv2
import numpy as np

from edge.camera.test_watch import film, frames, paper, reader, written
from hwr_edge.camera.frames import Frame
from hwr_edge.camera.look import ReportedName
from hwr_edge.camera.watch import watch


def reported(shown: Iterable[Frame | None]) -> list[ReportedName]:
    return [one for look in watch(shown, reader().read_grey) for one in look.reported]


def names(shown: Iterable[Frame | None]) -> list[str]:
    return [one.reading.text for one in reported(shown)]


def lying() -> list[Frame]:
    """A card is laid down and lies for a second and a half."""
    return list(frames(film(21).lay(paper("manon")).empty(1.5)))


def test_frames_that_stop_and_go_on_do_not_say_a_card_again() -> None:
    shown, gap = lying(), [None] * 60
    later = [replace(one, time=one.time + 12) for one in shown[-15:]]
    assert names([*shown, *gap, *later]) == ["MANON"]


def test_a_card_that_was_exchanged_while_no_frame_came_is_said() -> None:
    other = list(frames(film(21).lay(paper("thomas")).empty(1.5)))[-20:]
    later = [replace(one, time=one.time + 12) for one in other]
    assert names([*lying(), *[None] * 60, *later]) == ["MANON", "THOMAS"]


def test_few_frames_that_come_late_say_a_card_once() -> None:
    shown = lying()
    few = [*shown[::5], *(replace(shown[-1], time=shown[-1].time + k) for k in range(1, 6))]
    assert names(few) == ["MANON"]


def test_a_card_that_never_leaves_is_reported_once() -> None:
    shown = lying()
    hours = [replace(shown[-1 - k % 2], time=shown[-1].time + 20 * (1 + k)) for k in range(540)]
    assert names([*shown, *hours]) == ["MANON"]


def test_a_size_that_changes_for_one_frame_says_nothing_of_its_own() -> None:
    shown = lying()
    place = len(shown) - 4
    pixels = cv2.resize(shown[place].pixels, (320, 240), interpolation=cv2.INTER_AREA)
    odd = Frame(shown[place].time, np.asarray(pixels, np.uint8))
    found = [one.reading.text for one in reported([*shown[:place], odd, *shown[place:]])]
    assert set(found) == {"MANON"}


def table_with_cards(columns: int, rows: int) -> Iterator[Frame]:
    """A mount that trembles over so many cards with a name, 5 frames a second."""
    rng = np.random.default_rng(5)
    table = rng.normal(90, 3, (1080, 1920))
    high, wide = 1080 // rows, 1920 // columns
    ink = np.asarray(written("manon")[10:, :260], np.float64)
    name = cv2.resize(ink, (130, 42), interpolation=cv2.INTER_AREA)
    for k in range(columns * rows):
        x = k % columns * wide + 30 + int(rng.integers(0, 8))
        y = k // columns * high + 40 + int(rng.integers(0, 8))
        table[y : y + high - 80, x : x + wide - 60] = 230
        table[y + 50 : y + 92, x + 25 : x + 155] = name * 0.9
    for k in range(25):
        seen = np.roll(table, rng.integers(-2, 3, 2), (0, 1)) + rng.normal(0, 1.5, table.shape)
        yield Frame(k / 5, np.clip(seen, 0, 255).astype(np.uint8))


def test_forty_cards_at_once_are_said_once_each() -> None:
    found = reported(table_with_cards(8, 5))
    places = sorted((one.reading.box[0] // 240, one.reading.box[1] // 216) for one in found)
    assert places == [(x, y) for x in range(8) for y in range(5)]
    assert {one.reading.text for one in found} == {"MANON"}
