"""Lines to write on: ruled, dotted or dashed ones, and those with teeth between the letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.places import Place, Print, part_of
from hwr_edge.form.segments import Segment
from hwr_edge.image.morphology import closed, connected_components, dilated, opened
from hwr_edge.image.pixels import Mask


@dataclass(frozen=True)
class _Limits:
    """What is a line to write on; chosen by `make bench-forms`.

    Heights of the form's printed letters, unless they are parts of something named.

    wide: of a stretch of a line that nothing stands on.
    row, least: high is a row to write in, without others to tell; and at least.
    taller: times the usual row.
    below: of a field, under its line: tails.
    edge: from a box's side to a line that is it.
    tooth: of a tooth, at least.
    teeth: of a comb, at least; even: of their distance, that they are off it.
    cell: times as high as its teeth are apart is a comb's row, at least.
    stroke: wide, at most, is an upright one that no other stands beside: a tooth, or a box's side.
    bar: of a line's columns that are dark in a row above it: that is another line, or a bar.
    """

    wide: float = 4.0
    row: float = 3.2
    least: float = 1.6
    taller: float = 1.1
    below: float = 0.2
    edge: float = 0.6
    tooth: float = 0.5
    teeth: int = 4
    even: float = 0.2
    cell: float = 1.2
    stroke: float = 0.6
    bar: float = 0.5


_LIMITS = _Limits()


class Row(NamedTuple):
    """The row above a line, where one may write; `line`: the line's row of pixels; whether teeth part its letters."""

    place: Place
    line: float
    toothed: bool


def rows_on_lines(page: Print, boxes: Sequence[Place]) -> list[Row]:
    """The rows above all level lines, but where one is a box's edge; some are lines of other kinds.

    Args:
        page: the form's print.
        boxes: its boxes and cells.
    """
    lines = list(_bare(page))
    rooms = [_room(line, lines, page) for line in lines]
    usual = float(np.median([r for r in rooms if r >= _LIMITS.least * page.letter] or [0.0]))
    rows = []
    for line in (part for whole in lines for part in _beside_boxes(whole, boxes, page)):
        if comb := _toothed(line, _room(line, lines, page), page):
            rows.append(Row(comb, comb.low, True))
            continue
        for part in (line, *_between_uprights(line, page)):
            room = _room(part, lines, page)
            tall = min(room, _LIMITS.taller * min(usual, _LIMITS.row * page.letter))
            place = part._replace(top=part.low - tall, low=part.low + _LIMITS.below * tall)
            rows.append(Row(place, part.low, False))
    return rows


def _bare(page: Print) -> Iterator[Place]:
    """The stretches of level lines that nothing stands on."""
    found = connected_components(page.lines)
    bare = 1 - dilated(page.lines, 3, 3)
    for k in range(1, len(found.area)):
        line = part_of(found, k)
        if line.height > page.letter:
            continue
        y = (line.top + line.low) / 2
        level = line._replace(top=y, low=y)
        yield from _stretches(level, _print_above(line, bare, page), round(page.letter / 2), page)


def _print_above(line: Place, bare: Mask, page: Print) -> NDArray[np.bool_]:
    """In which columns of a line print stands on it; a label may stand below.

    Words may hang together with it, and then they are no text: what is as wide as letters are, where all is `bare` but lines.
    """
    part = np.ix_(
        _rows(page, (line.top + line.low) / 2, -1.2, -0.25),
        np.arange(line.left, line.right, dtype=int),
    )
    text, ink = ((mask[part] & bare[part]).max(axis=0, initial=0) for mask in (page.text, page.ink))
    wide = round(_LIMITS.stroke * page.letter) | 1
    return np.asarray(text | opened(closed(ink[None], wide, 1), wide, 1)[0], bool)


def _rows(page: Print, y: float, first: float, last: float) -> NDArray[np.int64]:
    """The rows so many letter heights from one."""
    rows = np.arange(round(y + first * page.letter), round(y + last * page.letter))
    return rows[(rows >= 0) & (rows < len(page.text))]


def _gaps(there: NDArray[np.bool_], room: int) -> Iterator[tuple[int, int]]:
    """From where to where nothing is, with some room to what is."""
    edges = np.r_[-1 - room, np.flatnonzero(there), len(there) + room]
    for k in np.flatnonzero(np.diff(edges) > 2 * room + 1):
        yield int(edges[k]) + 1 + room, int(edges[k + 1]) - room


def _beside_boxes(line: Place, boxes: Sequence[Place], page: Print) -> Iterator[Place]:
    """The stretches of a line that are no box's upper or lower edge."""
    there = np.zeros(round(line.width), bool)
    for box in boxes:
        if min(abs(line.low - box.top), abs(line.low - box.low)) < _LIMITS.edge * page.letter:
            left, right = (
                round(np.clip(x - line.left, 0, len(there))) for x in (box.left, box.right)
            )
            there[left:right] = True
    if not there.any():
        yield line
        return
    yield from _stretches(line, there, 0, page)


def _between_uprights(line: Place, page: Print) -> Iterator[Place]:
    """The stretches of a line between upright lines that reach down to it; none without any."""
    near = _LIMITS.tooth * page.letter
    there = np.zeros(round(line.width), bool)
    for one in page.segments.upright:
        if one.y0 <= line.low - _LIMITS.least * page.letter and one.y1 >= line.low - near:
            x = round((one.x0 + one.x1) / 2 - line.left)
            if near < x < len(there) - near:
                there[x] = True
    if there.any():
        yield from _stretches(line, there, 0, page)


def _stretches(line: Place, there: NDArray[np.bool_], room: int, page: Print) -> Iterator[Place]:
    """The stretches of a line, wide enough, where nothing is, with some room to what is."""
    for left, right in _gaps(there, room):
        if right - left >= _LIMITS.wide * page.letter:
            yield line._replace(left=line.left + left, right=line.left + right)


def _room(line: Place, lines: Sequence[Place], page: Print) -> float:
    """From a line up to what is printed above it."""
    above: list[float] = [0.0]
    for other in [*lines, *page.words]:
        beside = other.right < line.left or other.left > line.right
        if other is not line and not beside and other.low < line.low - 2:
            above.append(other.low)
    end = max(0, round(line.low - page.letter / 2))
    dark = page.ink[:end, int(line.left) : int(line.right)]
    bars = np.flatnonzero(dark.mean(axis=1) >= _LIMITS.bar).tolist()
    return float(line.low - max([*above, *bars]))


def _toothed(line: Place, room: float, page: Print) -> Place | None:
    """The row of a comb that is open above: upright teeth stand on its line, as far from each other."""
    teeth = _teeth(line, page)
    x = _apart(teeth, page)
    if len(x) < _LIMITS.teeth:
        return None
    pitches = np.diff(x)
    pitch = float(np.median(pitches))
    if (np.abs(pitches - pitch) <= _LIMITS.even * pitch).mean() < 1 - _LIMITS.even:
        return None
    tall = max(line.low - min(s.y0 for s in teeth), min(room, _LIMITS.cell * pitch))
    return Place(float(x[0]), line.low - tall, float(x[-1]), line.low)


def _teeth(line: Place, page: Print) -> list[Segment]:
    """The upright lines that stand on a level one."""
    near, least = 0.3 * page.letter, _LIMITS.tooth * page.letter
    y = (line.top + line.low) / 2
    return [
        s
        for s in page.segments.upright
        if s.y1 - s.y0 >= least
        and abs(s.y1 - y) <= near
        and line.left - near <= s.x1 <= line.right + near
    ]


def _apart(teeth: Sequence[Segment], page: Print) -> NDArray[np.float64]:
    """Where teeth stand, both sides of one as one."""
    kept: list[float] = []
    for x in sorted(tooth.x1 for tooth in teeth):
        if not kept or x - kept[-1] > _LIMITS.tooth * page.letter / 2:
            kept.append(x)
    return np.array(kept)
