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
    bar, high, full: what is at most so wide, at least so high, and fills so much of the box around it, is an upright
        line; beside: from it to a letter; begins: so near to a level line it may begin.
    around, more: so far to its left and right it reaches at least so far above and below the letters.
    """

    word: float = 0.5
    gap: float = 0.25
    beyond: float = 0.3
    near: float = 0.8
    broken: float = 3.0
    least: float = 4.0
    walled: float = 0.5
    bar: float = 0.3
    high: float = 1.15
    full: float = 0.6
    beside: float = 0.12
    begins: float = 0.2
    around: float = 3.0
    more: float = 0.05


LIMITS = PartLimits()


class Start(IntEnum):
    """What a part of a line begins after: a gap as between words, the end of a field, or a wall. NONE: it goes on."""

    NONE = 0
    GAP = 1
    FIELD = 2
    WALL = 3


class Part(NamedTuple):
    """A part of a line: its ink, and what it begins after; the first one after a gap."""

    span: Span
    start: Start


def parts_of(layout: Layout, span: Span) -> list[Part]:
    """The parts of a line, from the left; upright lines that are left in it are none, but what follows begins after a wall."""
    x, y, width, height = span.box
    own = layout.labels[y : y + height, x : x + width] == span.label
    runs = _runs(own.any(axis=0), LIMITS.beside * span.letter)
    bars = _walls(own, runs, span, layout.rules.level)
    if all(bars):
        return [Part(span, Start.GAP)]
    ends = _ends_of_lines(span.box, span.letter, layout.rules.level) - x
    walls = layout.rules.upright[y : y + height, x : x + width].sum(axis=0)
    walled = np.flatnonzero(walls >= LIMITS.walled * height)
    parts: list[tuple[int, int, Start]] = []
    start = Start.GAP
    for k, (first, stop) in enumerate(runs):
        start = (
            max(start, _start_of(runs[k - 1][1], first, span.letter, ends, walled)) if k else start
        )
        if bars[k]:
            start = Start.WALL
        elif parts and start == Start.NONE:
            parts[-1] = parts[-1][0], stop, parts[-1][2]
        else:
            parts.append((first, stop, max(start, Start.GAP)))
            start = Start.NONE
    return [Part(between(layout, span, x + a, x + b), start) for a, b, start in parts]


def _start_of(
    stop: int, first: int, letter: float, ends: NDArray[np.int64], walled: NDArray[np.intp]
) -> Start:
    """What begins after a gap between two columns of ink."""
    beyond = LIMITS.beyond * letter
    if ((walled >= stop) & (walled < first)).any():
        return Start.WALL
    if (
        first - stop > LIMITS.gap * letter
        and ((ends >= stop - beyond) & (ends <= first + beyond)).any()
    ):
        return Start.FIELD
    return Start.GAP if first - stop > LIMITS.word * letter else Start.NONE


def _walls(
    own: NDArray[np.bool_], runs: Sequence[tuple[int, int]], span: Span, level: Components
) -> list[bool]:
    """Which runs of ink are upright lines that part fields; a letter's stem is none.

    A wall goes beyond the letters beside it, above and below, or a level line runs where it begins.

    Args:
        own: the line's ink, bool (H, W).
        runs: columns of ink.
        span: the line.
        level: where level lines run.
    """
    ends = [_ends(own[:, first:stop]) for first, stop in runs]
    bars = [_is_bar(own[:, first:stop], span.letter) for first, stop in runs]
    if not any(bars):
        return bars
    x, y, _, _ = span.box
    near, far = round(LIMITS.begins * span.letter), LIMITS.around * span.letter
    more = max(1.0, LIMITS.more * span.letter)

    def parts_fields(k: int) -> bool:
        (first, stop), (top, low) = runs[k], ends[k]
        if level.labels[max(0, y + top - near) : y + top + near + 1, x + first : x + stop].any():
            return True
        beside = [
            end
            for run, end, bar in zip(runs, ends, bars, strict=True)
            if not bar and run[0] - stop <= far and first - run[1] <= far
        ]
        return all(top <= high - more and low >= deep + more for high, deep in beside)

    return [bar and parts_fields(k) for k, bar in enumerate(bars)]


def _ends(own: NDArray[np.bool_]) -> tuple[int, int]:
    """The first row with ink, and the first after the last."""
    rows = np.flatnonzero(own.any(axis=1))
    return int(rows[0]), int(rows[-1]) + 1


def _is_bar(own: NDArray[np.bool_], letter: float) -> bool:
    """Whether ink is an upright line: high, thin and straight."""
    first, stop = _ends(own)
    high, wide = stop - first, own.shape[1]
    thin = wide <= LIMITS.bar * letter and high >= LIMITS.high * letter
    return bool(thin and np.count_nonzero(own) >= LIMITS.full * high * wide)


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


def _runs(inked: NDArray[np.bool_], gap: float) -> list[tuple[int, int]]:
    """Where columns have ink, with no gaps wider than that: the first column, and the first after."""
    columns = np.flatnonzero(inked)
    wide = np.flatnonzero(np.diff(columns) - 1 >= max(1.0, gap))
    firsts = columns[np.concatenate([[0], wide + 1])]
    lasts = columns[np.concatenate([wide, [len(columns) - 1]])]
    return [(int(a), int(b) + 1) for a, b in zip(firsts, lasts, strict=True)]


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
