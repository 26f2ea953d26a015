"""Parts of a line: words, and what stands in different fields.

A label and the writing beside it are often one line. Where the line to write on begins, or the side of a box stands,
a field begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components
from hwr_edge.image.pixels import Box
from hwr_edge.page.spans import Span, letter_of

if TYPE_CHECKING:
    from hwr_edge.page.layout import Layout


@dataclass(frozen=True)
class PartLimits:
    """Where a part of a line may begin, in letter heights; chosen on believable forms (`make bench-pages`).

    word: without ink, between two words. gap: likewise, between two fields.
    beyond: so far from the gap a ruled line may end.
    near: from a line of writing to the ruled line above or below it.
    broken: a gap in a ruled line, at most. least: its length.
    walled: of a line's rows, that an upright line goes through.
    """

    word: float = 0.5
    gap: float = 0.25
    beyond: float = 0.3
    near: float = 0.8
    broken: float = 3.0
    least: float = 4.0
    walled: float = 0.5


LIMITS = PartLimits()


class Start(IntEnum):
    """What a part of a line begins after."""

    GAP = 0
    FIELD = 1
    WALL = 2


class Part(NamedTuple):
    """A part of a line: its ink, and what it begins after; the first one after a gap."""

    span: Span
    start: Start


def parts_of(layout: Layout, span: Span) -> list[Part]:
    """The parts of a line, from the left."""
    x, y, width, height = span.box
    inked = (layout.labels[y : y + height, x : x + width] == span.label).any(axis=0)
    gaps = _gaps(inked, x, LIMITS.gap * span.letter)
    ends = _ends_of_lines(span.box, span.letter, layout.rules.level) if gaps else np.zeros(0)
    walls = layout.rules.upright[y : y + height, x : x + width].sum(axis=0)
    walled = np.flatnonzero(walls >= LIMITS.walled * height) + x
    beyond = LIMITS.beyond * span.letter
    parts, first, start = [], x, Start.GAP
    for stop, following in gaps:
        if ((walled >= stop) & (walled < following)).any():
            kind = Start.WALL
        elif ((ends >= stop - beyond) & (ends <= following + beyond)).any():
            kind = Start.FIELD
        elif following - stop > LIMITS.word * span.letter:
            kind = Start.GAP
        else:
            continue
        parts.append(Part(between(layout, span, first, stop), start))
        first, start = following, kind
    return [*parts, Part(between(layout, span, first, x + width), start)]


def between(layout: Layout, span: Span, left: int, right: int) -> Span:
    """What of a line is in some columns of the page; there is ink in the first and the last."""
    _, y, _, height = span.box
    own = layout.labels[y : y + height, left:right] == span.label
    rows = np.flatnonzero(own.any(axis=1))
    box = left, y + int(rows[0]), right - left, int(rows[-1] - rows[0]) + 1
    return Span(span.label, box, letter_of(own))


def together(layout: Layout, span: Span, parts: Sequence[Part]) -> Span:
    """Some parts of a line that stand side by side, as one."""
    last = parts[-1].span.box
    return between(layout, span, parts[0].span.box[0], last[0] + last[2])


def _gaps(inked: NDArray[np.bool_], left: int, least: float) -> list[tuple[int, int]]:
    """Where columns of a line are without ink: the first, and the first with ink again, in columns of the page."""
    columns = np.flatnonzero(inked)
    wide = np.flatnonzero(np.diff(columns) > least)
    return [(left + int(columns[k]) + 1, left + int(columns[k + 1])) for k in wide]


def _ends_of_lines(box: Box, letter: float, level: Components) -> NDArray[np.int64]:
    """The columns where the ruled lines above and below a line of writing begin and end."""
    _, y, _, height = box
    middle, near = level.top + level.height / 2, LIMITS.near * letter
    above = np.abs(middle - y) <= near
    below = (middle >= y + height / 2) & (middle <= y + height + near)
    ends: list[int] = []
    for there in (above, below):
        there[0] = False
        for first, stop in _joined(level, there, LIMITS.broken * letter):
            if stop - first >= LIMITS.least * letter:
                ends += first, stop
    return np.array(ends, np.int64)


def _joined(
    level: Components, there: NDArray[np.bool_], broken: float
) -> Iterator[tuple[int, int]]:
    """From where to where some level lines go, those as one that go on together."""
    left, right = level.left[there], (level.left + level.width)[there]
    order = np.argsort(left, kind="stable")
    if not len(order):
        return
    left, right = left[order], np.maximum.accumulate(right[order])
    starts = np.concatenate([[0], 1 + np.flatnonzero(left[1:] - right[:-1] > broken)])
    for first, last in zip(starts, [*(starts[1:] - 1), len(order) - 1], strict=True):
        yield int(left[first]), int(right[last])
