"""A whole page read: which way up it lies, its names, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hwr_edge.errors import ImageError
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.image.turning import turned_box
from hwr_edge.line.recognizer import Reading, Recognizer
from hwr_edge.page.find_sheets import find_sheets, in_reading_order
from hwr_edge.page.line_kinds import shipped_kinds
from hwr_edge.page.locate import Line, lines_of
from hwr_edge.page.sheet import Sheet, level

_TURNS = (180, 90, 270)  # degrees clockwise
_TELLING = 8  # lines of the highest letters tell which way up a page lies
_SURE = 0.88  # of a letter in those: no other way up is looked at
_TURNED = 0.75  # likewise, at least, for a page to be turned
_WORD = 4  # letters
_SMALLER = 0.62  # times as high as other writing, and so short: a printed number or label
_PAPER_GREY, _LEAST_PAPER = 225, 0.6  # so light, on evened light, is so much of any page
_MOST_LINES = 400  # of a page: more are specks


@dataclass(frozen=True)
class PageReading:
    """What was read on a page.

    turn: degrees clockwise by which the image was turned to be read; boxes are in the turned one.
    readings: of its names, in reading order; none for a blank page.
    """

    turn: int
    readings: tuple[Reading, ...]


def read_page(recognizer: Recognizer, grey: Grey, name: str = "the image") -> PageReading:
    """Read every name on a page, a card or a photograph of some, however they are turned.

    Several sheets lie the same way up.

    Args:
        recognizer: what reads the lines.
        grey: uint8 (H, W).
        name: what an error calls it.

    Raises:
        ImageError: it shows no paper, or more marks than a page has lines.
    """
    sheets = [sheet for sheet in find_sheets(grey) if _is_paper(sheet)]
    if not sheets:
        raise ImageError(
            f"{name}: no paper was found; lay the sheet flat and alone in good light, "
            "or use --layout line for a crop"
        )
    lines = _lines(sheets)
    if len(lines) > _MOST_LINES:
        raise ImageError(
            f"{name}: {len(lines)} marks look like lines; the page is too dirty, or this is not a page"
        )
    found = list(_read(recognizer, lines))
    best, turn, turned = _page_confidence(found), 0, lines
    for other in _TURNS if best < _SURE else ():
        lines = _lines([level(sheet.turned(other)) for sheet in sheets], other)
        some = sorted(lines, key=lambda line: -line.letter)[: 2 * _TELLING]
        if (sure := _page_confidence(list(_read(recognizer, some)))) > max(best, _TURNED):
            best, turn, turned = sure, other, lines
    if turn:
        found = list(_read(recognizer, turned))
    names = _without_print(found)
    return PageReading(turn, tuple(_placed(one, turn, grey.shape) for one in names))


def _is_paper(sheet: Sheet) -> bool:
    return bool(np.mean(flatten_light(sheet.small[0]) > _PAPER_GREY) >= _LEAST_PAPER)


def _lines(sheets: Sequence[Sheet], turn: int = 0) -> list[Line]:
    """The lines of all sheets of an image that is read turned by so much."""
    return [line for sheet in in_reading_order(sheets, turn) for line in lines_of(sheet)]


@dataclass(frozen=True)
class _Read:
    line: Line
    reading: Reading


def _read(recognizer: Recognizer, lines: Sequence[Line]) -> Iterator[_Read]:
    """The lines that hold handwriting; print, digits alone and marks are none."""
    kinds = shipped_kinds()
    for line in lines:
        if kinds.is_written(line.crop) and (reading := recognizer.read_grey(line.crop)).text:
            yield _Read(line, reading)


def _page_confidence(found: Sequence[_Read]) -> float:
    """The mean mean_confidence of the lines with the highest letters."""
    highest = sorted(found, key=lambda one: -one.line.letter)[:_TELLING]
    return float(np.mean([mean_confidence(one.reading) for one in highest])) if highest else 0.0


def mean_confidence(reading: Reading) -> float:
    """The confidence of a letter of a text, 0 to 1; short texts tell less."""
    count = len(reading.text)
    return float(reading.confidence ** (1 / max(1, count)) * min(1, count / _WORD))


def _without_print(found: Sequence[_Read]) -> list[_Read]:
    """All but printed numbers and labels, which read as a few letters among much larger writing."""
    high = [one.line.letter for one in found if len(one.reading.text) > _WORD]
    least = _SMALLER * float(np.median(high)) if high else 0.0
    return [one for one in found if len(one.reading.text) > _WORD or one.line.letter >= least]


def _placed(one: _Read, turn: int, shape: tuple[int, ...]) -> Reading:
    def to_image(box: Box) -> Box:
        return turned_box(one.line.in_image(box), turn, shape)

    return one.reading.moved(turned_box(one.line.box, turn, shape), to_image)
