"""Rows of comb cells on a filled page, told by the upright teeth that stand on a level line, as far from each other.

Teeth may be whole sides or short ticks, pale or broken, one or two between two letters. Strokes of letters stand on
the line, too, but not as regularly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.places import Place
from hwr_edge.image.morphology import closed, connected_components, dilated, opened
from hwr_edge.image.pixels import Mask


@dataclass(frozen=True)
class _Limits:
    """What is a row of teeth; chosen on believable forms (`make bench-pages`).

    line: of the page's longer side, a level line at least; piece: pixels of its pieces, and broken: between them.
    tall: pixels that a tooth is high, at least; thick: wide, at most; foot: that it may be off the line.
    pitch: pixels between two teeth, at least; most: of the page's longer side.
    alike: of their usual height, that teeth differ by: strokes of letters do more.
    off: of the pitch, that a tooth is off its place. there: of the places, that have a tooth. fewest: teeth.
    second: likewise, of the places that have another tooth beside.
    gap: pitches of blank paper between two rows, at least. side: of its height, that a row's side is seen.
    low, high: pitches that a row is high, at least and at most; usual: where no line is above.
    """

    line: float = 0.05
    piece: int = 13
    broken: int = 15
    tall: int = 5
    thick: int = 6
    foot: int = 3
    pitch: int = 14
    most: float = 0.05
    alike: float = 0.2
    off: float = 0.06
    there: float = 0.85
    fewest: int = 8
    second: float = 0.6
    gap: float = 0.3
    side: float = 0.6
    low: float = 0.7
    high: float = 2.4
    usual: float = 1.47


_LIMITS = _Limits()


class CombRow(NamedTuple):
    """A row: its place; where its teeth stand, float (teeth,), pixels; and how far they reach up from its lower edge."""

    place: Place
    teeth: NDArray[np.float64]
    tall: float

    def is_of(self, other: CombRow) -> bool:
        """Whether both are one row, or parts of it: rows may stand close above each other."""
        one, two = self.place, other.place
        across = one.left < two.right and two.left < one.right
        inner, outer = (one, two) if one.height < two.height else (two, one)
        return across and outer.top < (inner.top + inner.low) / 2 < outer.low


def level_lines(shade: Mask) -> Mask:
    """Where level lines are, broken ones too, and a pixel above and below; `shade` as for `rows_of_teeth`."""
    length = round(_LIMITS.line * max(shade.shape))
    bare = opened(dilated(shade, 1, 3), _LIMITS.piece, 1)  # no letters
    return opened(closed(bare, _LIMITS.broken, 1), length, 1)


def rows_of_teeth(shade: Mask, level: Mask) -> list[CombRow]:
    """The rows on a level page.

    Args:
        shade: uint8 (H, W), whatever is darker than its paper, some 1,600 pixels long.
        level: its `level_lines`.
    """
    found = connected_components(level)
    lines = [
        Place(int(x), int(y), int(x + w), int(y + h))
        for x, y, w, h, _ in zip(*(v[1:] for v in found[1:]), strict=True)
    ]
    rows: list[CombRow] = []
    for k, line in enumerate(lines, 1):
        if line.height > _LIMITS.most * max(shade.shape):
            continue
        high = _heights(shade, found.labels == k, line)
        x, tall = _alike(*_teeth(high, line.left))
        if grid := _grid(x, _LIMITS.most * max(shade.shape)):
            rows += _parted(_row(line, lines, high, x, tall, *grid), shade, grid[0])
    return [row for k, row in enumerate(rows) if not any(row.is_of(o) for o in rows[:k])]


def _heights(shade: Mask, own: NDArray[np.bool_], line: Place) -> NDArray[np.float64]:
    """How high what stands on a line is in each of its columns, pixels."""
    left, right, low = round(line.left), round(line.right), round(line.low)
    top = max(0, round(line.top - 4 * _LIMITS.tall - 60))
    part, there = shade[top:low, left:right], own[top:low, left:right]
    surface = np.where(there.any(axis=0), there.argmax(axis=0), len(part) - 1)  # its first row
    rows = np.arange(len(part))[:, None]
    filled = (part > 0) | (rows >= surface - _LIMITS.foot + 2)
    blank = np.where(~filled & (rows < surface), rows, -1).max(axis=0)  # the lowest above it
    return np.asarray(surface - 1 - blank, np.float64)


def _teeth(
    high: NDArray[np.float64], left: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where thin upright runs stand on a line that begins at `left`, and how high they are, pixels."""
    columns = np.flatnonzero(high >= _LIMITS.tall)
    if not len(columns):
        return np.zeros(0), np.zeros(0)
    groups = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    thin = [g for g in groups if len(g) <= _LIMITS.thick]
    x = np.array([round(left) + g.mean() for g in thin])
    return x, np.array([high[g].max() for g in thin])


def _alike(
    x: NDArray[np.float64], tall: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Those of one height, as most are."""
    if not len(x):
        return x, tall
    near = np.abs(tall[:, None] - tall) <= _LIMITS.alike * tall[:, None] + 1
    kept = near[int(near.sum(axis=1).argmax())]
    return x[kept], tall[kept]


def _grid(x: NDArray[np.float64], most: float) -> tuple[float, float] | None:
    """The pitch of teeth that stand regularly, and where the first one is; None where none do."""
    best, found = 0.0, None
    for k, first in enumerate(x):
        for second in x[k + 1 : k + 8]:
            pitch = float(second - first)
            if not _LIMITS.pitch <= pitch <= most:
                continue
            for start, step in _refined(x, float(first), pitch):
                every, near = _places(x, start, step)
                taken = every[near]
                count, places = len(np.unique(taken)), int(np.ptp(taken)) + 1 if len(taken) else 0
                share = count / max(places, 1)
                if count >= _LIMITS.fewest and share >= _LIMITS.there and count * share > best:
                    best, found = count * share, (step, start)
    return found


def _refined(x: NDArray[np.float64], first: float, pitch: float) -> Iterator[tuple[float, float]]:
    """First place and pitch, fitted to the teeth to the right that are near theirs, step by step."""
    for _ in range(3):
        taken, near = _places(x, first, pitch)
        near &= taken >= 0
        if np.count_nonzero(near) < 3 or np.ptp(taken[near]) < 1:
            return
        pitch, first = (float(v) for v in np.polyfit(taken[near], x[near], 1))
        if pitch < _LIMITS.pitch:
            return
    yield first, pitch


def _places(
    x: NDArray[np.float64], first: float, pitch: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The place that is nearest to each tooth, and whether the tooth stands near it."""
    places = np.rint((x - first) / pitch)
    near = np.abs(x - first - places * pitch) <= _LIMITS.off * pitch
    return places.astype(np.int64), near


def _row(
    line: Place,
    lines: list[Place],
    high: NDArray[np.float64],
    x: NDArray[np.float64],
    tall: NDArray[np.float64],
    pitch: float,
    first: float,
) -> CombRow:
    """The row of a grid of teeth on a line."""
    places, near = _places(x, first, pitch)
    start, stop = int(places[near].min()), int(places[near].max())
    least = (1 - _LIMITS.alike) * float(np.median(tall[near]))

    def may_stand(place: int) -> bool:
        """Whether a letter, or more of the row, hides a tooth there."""
        at, off = first + place * pitch - line.left, _LIMITS.off * pitch
        there = high[max(0, round(at - off)) : max(0, round(at + off) + 1)]
        return bool(len(there)) and float(there.max()) >= least

    while may_stand(start - 1):
        start -= 1
    while may_stand(stop + 1):
        stop += 1
    left, right = first + start * pitch, first + stop * pitch
    if line.left <= left - 0.9 * pitch:
        left -= pitch
    if line.right >= right + 0.9 * pitch:
        right += pitch
    every = np.arange(start, stop + 1)
    off = np.interp(every, places[near], x[near] - first - places[near] * pitch)  # paper is bent
    teeth = first + every * pitch + off
    others = x[~near & (x > left) & (x < right)]
    phase = (others - first) % pitch
    if len(phase):
        usual = float(np.median(phase))
        beside = np.abs(phase - usual) <= _LIMITS.off * pitch
        if np.count_nonzero(beside) >= _LIMITS.second * (stop - start):
            teeth = np.concatenate([teeth, teeth + usual])
    y = line.top
    above = [
        y - other.top
        for other in lines
        if other.left < right - pitch
        and other.right > left + pitch
        and _LIMITS.low * pitch <= y - other.top <= _LIMITS.high * pitch
    ]
    row_high = min(above, default=_LIMITS.usual * pitch)
    place = Place(left, max(0.0, y - row_high), right, line.low)
    return CombRow(place, teeth, min(row_high, float(np.median(tall[near])) + line.height))


def _parted(row: CombRow, shade: Mask, pitch: float) -> Iterator[CombRow]:
    """The rows that stand side by side in one: paper is blank between the side of one and of the next."""
    left, top, right, low = (round(v) for v in row.place)
    share = shade[top:low, left:right].mean(axis=0)
    blank = np.flatnonzero(share == 0)
    start = float(left)
    for run in np.split(blank, np.flatnonzero(np.diff(blank) > 1) + 1):
        if len(run) < _LIMITS.gap * pitch:
            continue
        first, last = int(run[0]), int(run[-1])
        sides = share[max(0, first - _LIMITS.thick) : first], share[last + 1 :][: _LIMITS.thick]
        if all(side.max(initial=0.0) >= _LIMITS.side for side in sides):
            yield _between(row, start, left + first)
            start = float(left + last + 1)
    yield _between(row, start, row.place.right) if start > left else row


def _between(row: CombRow, left: float, right: float) -> CombRow:
    inside = (row.teeth >= left - _LIMITS.foot) & (row.teeth <= right + _LIMITS.foot)
    return row._replace(place=row.place._replace(left=left, right=right), teeth=row.teeth[inside])
