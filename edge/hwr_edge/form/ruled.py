"""Lines to write on: ruled, dotted or dashed ones, and those with teeth between the letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.places import Place, Print, part_of
from hwr_edge.form.segments import Segment, is_stroke
from hwr_edge.image.morphology import connected_components, dilated
from hwr_edge.image.pixels import Mask


@dataclass(frozen=True)
class _Limits:
    """What is a line to write on; chosen by `make bench-forms`.

    Heights of the form's printed letters, unless they are parts of something named.

    wide: of a field.
    row, least: high is a row to write in, without others to tell; and at least.
    taller: times the usual row.
    below: of a field, under its line: tails.
    edge: from a box's side to a line that is it.
    end: from a line's end to the upright line that makes it a frame's.
    tooth: of a tooth, at least.
    teeth: of a comb, at least; even: of their distance, that they are off it.
    cell: times as high as its teeth are apart is a comb's row, at least.
    margin: of the form's sides: what is so near them is the edge of the paper or of the scan.
    sheet: of the form's printed width: a line as long, with nothing beside it, parts sections.
    word: wide is a heading that a line underlines, at least.
    label: of a line, that a label above it is wide at most; next: from one line to write on to the next, at most.
    far: of the form's longer side, from one line to write on to the next, at most.
    bar: of a line's columns that are dark in a row above it: that is another line, or a bar.
    """

    wide: float = 6.0
    row: float = 3.2
    least: float = 1.6
    taller: float = 1.1
    below: float = 0.2
    edge: float = 0.6
    end: float = 0.6
    tooth: float = 0.5
    teeth: int = 4
    even: float = 0.2
    cell: float = 1.2
    margin: float = 0.015
    sheet: float = 0.9
    word: float = 2.0
    label: float = 0.6
    next: float = 4.5
    far: float = 0.055
    bar: float = 0.5


_LIMITS = _Limits()


def places_on_lines(page: Print, boxes: Sequence[Place]) -> list[Place]:
    """The rows above lines to write on that are no box's.

    Args:
        page: the form's print.
        boxes: its boxes and cells.
    """
    lines = [x for x in _bare(page) if not any(_is_edge(x, box, page) for box in boxes)]
    rooms = [_room(line, lines, page) for line in lines]
    usual = float(np.median([r for r in rooms if r >= _LIMITS.least * page.letter] or [0.0]))
    fields = []
    for line, room in zip(lines, rooms, strict=True):
        if comb := _toothed(line, room, page):
            fields.append(comb)
            continue
        tall = min(room, _LIMITS.taller * min(usual, _LIMITS.row * page.letter))
        if tall >= _LIMITS.least * page.letter:
            fields.append(line._replace(top=line.low - tall, low=line.low + _LIMITS.below * tall))
    return fields


def _bare(page: Print) -> list[Place]:
    """The stretches of level lines that nothing stands on, inside the paper's edges."""
    found = connected_components(page.lines)
    print_ = page.text & (1 - dilated(page.lines, 3, 3))
    high = len(page.text)
    rim = _LIMITS.margin * max(page.text.shape)
    every = [part_of(found, k) for k in range(1, len(found.area))]
    every = [x for x in every if x.height <= page.letter and rim < x.top < x.low < high - rim]
    every = [x for x in every if not _is_frame(x, page)]
    print_above = [_print_above(one, print_, page) for one in every]
    labelled = [
        one
        for one, there in zip(every, print_above, strict=True)
        if there.sum() >= _LIMITS.word * page.letter
    ]
    lines = []
    for one, there in zip(every, print_above, strict=True):
        heading = one in labelled and _is_alone(one, labelled, page)
        if heading or _parts_sections(one, every, page):
            continue
        y = (one.top + one.low) / 2
        left, right = _longest_gap(there, round(page.letter / 2))
        free = Segment(one.left + left, y, one.left + right, y)
        if right - left >= _LIMITS.wide * page.letter and is_stroke(free, page.ink):
            lines.append(Place(free.x0, y, free.x1, y))
    return lines


def _print_above(line: Place, print_: Mask, page: Print) -> NDArray[np.bool_]:
    """In which columns of a line print stands on it; a label may stand below."""
    above = _rows(page, (line.top + line.low) / 2, -1.2, -0.25)
    return np.atleast_1d(print_[above, int(line.left) : int(line.right)].any(axis=0))


def _is_frame(line: Place, page: Print) -> bool:
    """Whether an upright line hangs from its end: a frame's upper edge, or its lower one where two stand."""
    y, near = (line.top + line.low) / 2, _LIMITS.end * page.letter
    least = _LIMITS.least * page.letter
    long = [s for s in page.segments.upright if s.y1 - s.y0 >= least]
    ends = [[s for s in long if abs(s.x0 - x) <= near] for x in (line.left, line.right)]
    if any(abs(s.y0 - y) <= near for end in ends for s in end):
        return True
    stand = all(any(abs(s.y1 - y) <= near for s in end) for end in ends)
    return stand and len(_apart(_teeth(line, page), page)) < _LIMITS.teeth


def _rows(page: Print, y: float, first: float, last: float) -> NDArray[np.int64]:
    """The rows so many letter heights from one."""
    rows = np.arange(round(y + first * page.letter), round(y + last * page.letter))
    return rows[(rows >= 0) & (rows < len(page.text))]


def _longest_gap(there: NDArray[np.bool_], room: int) -> tuple[int, int]:
    """From where to where nothing is, with some room to what is."""
    at = np.flatnonzero(there)
    edges = np.r_[-1 - room, at, len(there) + room]
    k = int(np.diff(edges).argmax())
    return int(edges[k]) + 1 + room, int(edges[k + 1]) - room


def _is_edge(line: Place, box: Place, page: Print) -> bool:
    """Whether a line is the upper or lower edge of a box."""
    near = min(abs(line.low - box.top), abs(line.low - box.low)) < _LIMITS.edge * page.letter
    return near and line.left < box.right and line.right > box.left


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


def _parts_sections(line: Place, lines: Sequence[Place], page: Print) -> bool:
    """Whether a line goes all across the print, perhaps below a heading, without a label above, and no other near by does."""
    across = [*page.words, *lines]
    width = max(p.right for p in across) - min(p.left for p in across)
    if line.width < _LIMITS.sheet * width or _has_label_above(line, page):
        return False
    near = max(2 * _LIMITS.row * page.letter, _LIMITS.far * max(page.text.shape))
    return not any(
        other is not line
        and abs(other.low - line.low) <= near
        and other.width >= _LIMITS.sheet * width
        for other in lines
    )


def _has_label_above(line: Place, page: Print) -> bool:
    """Whether a word stands at a line's left end, with room to write between."""
    least, most = _LIMITS.least * page.letter, 2 * _LIMITS.row * page.letter
    return any(
        least <= line.low - word.low <= most
        and abs(word.left - line.left) <= page.letter
        and word.width <= _LIMITS.label * line.width
        for word in page.words
    )


def _is_alone(line: Place, lines: Sequence[Place], page: Print) -> bool:
    """Whether no other such line as long is near: below a heading, not one of several with labels on them."""
    near, off = _LIMITS.next * page.letter, 2 * page.letter
    return not any(
        other is not line
        and abs(other.low - line.low) <= near
        and max(abs(other.left - line.left), abs(other.right - line.right)) <= off
        for other in lines
    )
