"""A whole page read: which way up it lies, its names, and where they stand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from hwr_edge.errors import ImageError
from hwr_edge.image.ink import flatten_light
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.image.turning import turned_box
from hwr_edge.line.reading import Reading
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.page.cells import cells_of
from hwr_edge.page.cuts import read_again
from hwr_edge.page.find_sheets import find_sheets, in_reading_order
from hwr_edge.page.line_kinds import shipped_kinds
from hwr_edge.page.locate import Line, lines_of
from hwr_edge.page.sheet import Sheet, level
from hwr_edge.page.written_parts import written_parts

_TURNS = (180, 90, 270)  # degrees clockwise


@dataclass(frozen=True)
class _Limits:
    """Which way up a page lies, and which lines are not read; chosen on class lists and forms (`make bench-pages`).

    lines_to_turn: lines with the highest letters, which decide which way up a page lies.
    sure: confidence of a letter in those; from it on no other way up is tried.
    turned: likewise, at least, for a page to be turned.
    evidence: nats over all letters, for another way up: few letters say little.
    lines_to_agree, agree: the longest lines, print too, and how many times as surely a letter of them must be
        read another way up.
    word: letters; a shorter reading says less, and may be a printed number or label.
    smaller: times as high as other writing; a short reading that is lower is a printed number or label.
    paper_grey, least_paper: grey level on evened light, and the part of any page that is as light.
    most_lines: lines that are read of a page; where there are more, most are specks or bubbles.
    """

    lines_to_turn: int = 8
    sure: float = 0.88
    turned: float = 0.75
    evidence: float = 1.0
    lines_to_agree: int = 24
    agree: float = 1.1
    word: int = 4
    smaller: float = 0.62
    paper_grey: int = 225
    least_paper: float = 0.6
    most_lines: int = 200


_LIMITS = _Limits()
_NONE = 1e-9  # where nothing was read
_SURE = 14.0  # log odds that an empty line is no handwriting


@dataclass(frozen=True)
class PageReading:
    """What was read on a page.

    turn: degrees clockwise by which the image was turned to be read; boxes are in the turned one.
    readings: of its names, in reading order; none for a blank page.
    note: what was not read, and why; empty where all was.
    """

    turn: int
    readings: tuple[Reading, ...]
    note: str = ""


def read_page(
    recognizer: Recognizer, grey: Grey, name: str = "the image", turn: int | None = None
) -> PageReading:
    """Read every name on a page, a card or a photograph of some, however they are turned.

    Several sheets lie the same way up.

    Args:
        recognizer: what reads the lines.
        grey: uint8 (H, W).
        name: what an error calls it.
        turn: degrees clockwise by which it is to be turned; None where that is not known.

    Raises:
        ImageError: it shows no paper.
    """
    sheets = [sheet for sheet in find_sheets(grey) if _is_paper(sheet)]
    if not sheets:
        raise ImageError(
            f"{name}: no paper was found; lay the sheet flat and alone in good light, "
            "or use --layout line for a crop"
        )
    if turn:
        sheets = [level(sheet.turned(turn)) for sheet in sheets]
    lines = _lines(sheets, turn or 0)
    found = list(_read(recognizer, _longest(lines)))
    if turn is None:
        turn, turned = _way_up(recognizer, sheets, lines, found)
        if turn:
            lines = turned
            found = list(_read(recognizer, _longest(lines)))
    names = [
        replace(one, reading=read_again(recognizer, one.line, one.reading))
        for one in _without_print(found)
    ]
    readings = tuple(_placed(one, turn, grey.shape) for one in _in_cells(names))
    return PageReading(turn, readings, _note(name, len(lines)))


def _longest(lines: Sequence[Line], most: int = _LIMITS.most_lines) -> list[Line]:
    """So many, in their order: bubbles and specks are shorter than names."""
    longest = sorted(range(len(lines)), key=lambda k: -max(lines[k].box[2:]))[:most]
    return [lines[k] for k in sorted(longest)]


def _note(name: str, lines: int) -> str:
    if lines <= _LIMITS.most_lines:
        return ""
    return (
        f"{name}: {lines} marks look like lines, and the {_LIMITS.most_lines} longest were read; "
        "if names are missing, scan a cleaner page, or read its fields with --form"
    )


def _way_up(
    recognizer: Recognizer,
    sheets: Sequence[Sheet],
    as_it_lies: Sequence[Line],
    found: Sequence[_Read],
) -> tuple[int, list[Line]]:
    """Degrees clockwise that the sheets must be turned, and their lines then; 0 without other evidence."""
    upright = best = _page_confidence(found)
    turn, turned = 0, list[Line]()
    letters = _letters(found)
    for other in _TURNS if upright < _LIMITS.sure else ():
        lines = _lines([level(sheet.turned(other)) for sheet in sheets], other)
        some = list(
            _read(
                recognizer,
                sorted(lines, key=lambda line: -line.letter)[: 2 * _LIMITS.lines_to_turn],
            )
        )
        sure, all_letters = _page_confidence(some), max(letters, _letters(some))
        enough = sure > 0 and all_letters * math.log(sure / max(upright, _NONE)) > _LIMITS.evidence
        if sure > max(best, _LIMITS.turned) and enough and _agree(recognizer, as_it_lies, lines):
            best, turn, turned = sure, other, lines
    return turn, turned


def _agree(recognizer: Recognizer, here: Sequence[Line], there: Sequence[Line]) -> bool:
    """Whether the longest lines, print and handwriting alike, are read more surely there than here."""
    sure_here, sure_there = (
        np.mean([mean_confidence(recognizer.read_grey(line.crop)) for line in longest])
        for longest in (_longest(lines, _LIMITS.lines_to_agree) for lines in (here, there))
    )
    return bool(sure_there >= _LIMITS.agree * sure_here)


def _letters(found: Sequence[_Read]) -> int:
    """How many letters tell which way up a page lies."""
    return sum(len(one.reading.text) for one in _highest_lines(found))


def _highest_lines(found: Sequence[_Read]) -> list[_Read]:
    """Those with the highest letters, print aside."""
    return sorted(_without_print(found), key=lambda one: -one.line.letter)[: _LIMITS.lines_to_turn]


def _is_paper(sheet: Sheet) -> bool:
    return bool(np.mean(flatten_light(sheet.small[0]) > _LIMITS.paper_grey) >= _LIMITS.least_paper)


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

    def odds(part: Line) -> float:
        return max(kinds.look(part).odds, default=-_SURE)

    written = compress(lines, kinds.written_of(lines))
    for line in (part for whole in written for part in written_parts(whole, odds)):
        if (reading := recognizer.read_grey(line.crop)).text:
            yield _Read(line, reading)


def _page_confidence(found: Sequence[_Read]) -> float:
    """The mean confidence of the lines with the highest letters."""
    highest = _highest_lines(found)
    return float(np.mean([mean_confidence(one.reading) for one in highest])) if highest else 0.0


def mean_confidence(reading: Reading) -> float:
    """The confidence of a letter of a text, 0 to 1; short texts tell less."""
    count = len(reading.text)
    return float(reading.confidence ** (1 / max(1, count)) * min(1, count / _LIMITS.word))


def _without_print(found: Sequence[_Read]) -> list[_Read]:
    """All but printed numbers and labels, which read as a few letters among much larger writing."""
    high = [one.line.letter for one in found if len(one.reading.text) > _LIMITS.word]
    least = _LIMITS.smaller * float(np.median(high)) if high else 0.0
    return [
        one for one in found if len(one.reading.text) > _LIMITS.word or one.line.letter >= least
    ]


def _in_cells(found: Sequence[_Read]) -> list[_Read]:
    """The same, with rows and columns where a sheet has several; rows are counted over all sheets."""
    sheets: dict[int, list[_Read]] = {}
    for one in found:
        sheets.setdefault(id(one.line.on_sheet[0]), []).append(one)
    done, above = [], 0
    for some in sheets.values():
        letter = float(np.median([one.line.letter for one in some]))
        cells = cells_of([one.line.on_sheet[1] for one in some], letter)
        if cells is None:
            done += some
            continue
        placed = zip(some, cells, strict=True)
        done += [
            replace(one, reading=replace(one.reading, cell=(above + row, column)))
            for one, (row, column) in placed
        ]
        above += max(row for row, _ in cells)
    return done


def _placed(one: _Read, turn: int, shape: tuple[int, ...]) -> Reading:
    def to_image(box: Box) -> Box:
        return turned_box(one.line.in_image(box), turn, shape)

    return one.reading.moved(turned_box(one.line.box, turn, shape), to_image)
