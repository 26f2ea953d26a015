"""Boxes to write in: closed ones, ones that lost an edge, shaded ones, and rows of comb cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.comb_ends import even_pieces, whole_comb
from hwr_edge.form.places import (
    Place,
    Print,
    around,
    components_of,
    part_of,
)
from hwr_edge.form.segments import Segment
from hwr_edge.image.morphology import connected_components, dilated
from hwr_edge.image.pixels import Mask


@dataclass(frozen=True)
class _Limits:
    """What is a box, a comb cell or a tick box; chosen by `make bench-forms`.

    Heights of the form's printed letters, unless they are parts of something named.

    low, high: of a box to write a line in.
    slim: of its height, that a cell is wide at least.
    full: of the rectangle around it, that a box is.
    narrow, square: high is a box of a row of narrow ones, at most; of the rectangle around it, that its inside is.
    sheet: of the sheet's width: that is its frame.
    meets: from a line's end to the line that meets it.
    apart, differ: of a cell's height: from one of a row to the next, and they differ by.
    cell: times as wide as high: a comb's cells are no wider, or no field.
    wide: of a field.
    fewest: cells of a comb; fewer are boxes to tick.
    even: of the pitch, that a comb's cells are off it.
    whole: of a comb's cells, whose sides are seen.
    """

    low: float = 0.8
    high: float = 9.0
    slim: float = 0.4
    full: float = 0.7
    narrow: float = 3.0
    square: float = 0.9
    sheet: float = 0.97
    meets: float = 0.6
    apart: float = 0.45
    differ: float = 0.2
    cell: float = 1.6
    wide: float = 6.0
    fewest: int = 3
    even: float = 0.2
    whole: float = 0.5


_LIMITS = _Limits()
_EDGE = 3  # pixels from the inside of a box, as walls are drawn, to the middle of its lines


def cells_of(page: Print) -> list[Place]:
    """The insides of all boxes, those of combs and tables one by one."""
    closed = _insides(page.walls, page)
    lost = _lost_edges(page, closed)
    found = _insides(page.walls | lost, page) if lost.any() else closed
    return found + [hole for hole in _holes(page) if not any(hole.overlaps(c) for c in found)]


def _holes(page: Print) -> list[Place]:
    """Of rows of narrow boxes with thick sides the insides: their level sides are too short to be lines."""
    found, letter = components_of(1 - page.ink), page.letter
    kept = (found.height >= _LIMITS.low * letter) & (found.height <= _LIMITS.narrow * letter)
    kept &= (found.width >= _LIMITS.slim * found.height) & (found.width <= found.height)
    kept &= found.area >= _LIMITS.square * found.width * found.height
    holes = [part_of(found, int(k)) for k in np.flatnonzero(kept) if k]
    return [hole for row in _rows(holes) if _is_comb(row, letter) for hole in row]


def _insides(walls: Mask, page: Print) -> list[Place]:
    """The rectangles that walls close in."""
    found, letter = components_of(1 - dilated(walls, 3, 3)), page.letter
    high, width = found.height, walls.shape[1]
    kept = (high >= _LIMITS.low * letter) & (high <= _LIMITS.high * letter)
    kept &= (found.area >= _LIMITS.full * found.width * high) & (
        found.width < _LIMITS.sheet * width
    )
    kept &= found.width >= _LIMITS.slim * high
    return [part_of(found, int(k)).grown(_EDGE) for k in np.flatnonzero(kept) if k]


def _lost_edges(page: Print, closed: Sequence[Place]) -> Mask:
    """The fourth sides of boxes that have three, drawn."""
    mask: Mask = np.zeros(page.walls.shape, np.uint8)
    least, most = _LIMITS.low * page.letter, _LIMITS.high * page.letter
    sides = [s for s in page.segments.upright if least <= s.y1 - s.y0 <= most]
    found = connected_components(page.lines)
    lines = [part_of(found, k) for k in range(1, len(found.area))]
    near = _LIMITS.meets * page.letter
    for box in (
        *_without_a_level_side(lines, sides, near),
        *_without_an_upright_side(lines, sides, near),
    ):
        if not any(box.overlaps(cell) for cell in closed):
            left, top, right, low = (round(v) for v in box)
            cv2.rectangle(mask, (left, top), (right, low), (1,), 2)
    return mask


def _without_a_level_side(
    lines: Sequence[Place], sides: Sequence[Segment], near: float
) -> Iterator[Place]:
    """Boxes of a level line with an upright one at each end, standing on it or hanging from it."""
    for line in lines:
        y = (line.top + line.low) / 2
        for up in (True, False):
            there = [s for s in sides if abs((s.y1 if up else s.y0) - y) <= near]
            left, right = _nearest(line.left, there, near), _nearest(line.right, there, near)
            if left is None or right is None or _teeth(there, line, near):
                continue
            if abs((left.y1 - left.y0) - (right.y1 - right.y0)) <= near:
                top, low = min(left.y0, right.y0), max(left.y1, right.y1)
                yield Place(left.x0, top, right.x0, low)


def _without_an_upright_side(
    lines: Sequence[Place], sides: Sequence[Segment], near: float
) -> Iterator[Place]:
    """Boxes of an upright line with a level one at each end, both as long."""
    for side in sides:
        for at, to in (("left", "right"), ("right", "left")):
            there = [one for one in lines if abs(getattr(one, at) - side.x0) <= near]
            upper = [one for one in there if abs(one.top - side.y0) <= near]
            lower = [one for one in there if abs(one.low - side.y1) <= near]
            for one, other in product(upper, lower):
                if one is not other and abs(getattr(one, to) - getattr(other, to)) <= near:
                    yield Place(one.left, side.y0, one.right, side.y1)


def _nearest(x: float, sides: Sequence[Segment], near: float) -> Segment | None:
    """The upright line at a level one's end."""
    return min(
        (s for s in sides if abs(s.x0 - x) <= near), key=lambda s: abs(s.x0 - x), default=None
    )


def _teeth(sides: Sequence[Segment], line: Place, near: float) -> bool:
    """Whether upright lines meet a level one between its ends: it is a comb's."""
    return any(line.left + 2 * near < s.x0 < line.right - 2 * near for s in sides)


def combs_and_single_cells(cells: Sequence[Place], page: Print) -> tuple[list[Place], list[Place]]:
    """Combs, each whole and in the pieces that may be one each, and all cells that are not in one."""
    combs, singles = list[Place](), list[Place]()
    for row in _rows(cells):
        if _is_comb(row, page.letter):
            pieces = even_pieces(row)
            combs += [whole_comb(row, page.grey), around(row)]
            combs += [around(piece) for piece in pieces if _LIMITS.fewest <= len(piece) < len(row)]
        else:
            singles += row
            combs += [around(run) for run in _small_runs(row)]
    return _unlike(combs, page.letter), singles


def _unlike(combs: Sequence[Place], letter: float) -> list[Place]:
    """Of combs that end in the same places the first."""
    kept: list[Place] = []
    for comb in combs:
        if not any(np.abs(np.subtract(comb, other)).max() < letter for other in kept):
            kept.append(comb)
    return kept


def comb_rows(page: Print) -> list[list[Place]]:
    """The cells of each comb, from the left."""
    return [row for row in _rows(cells_of(page)) if _is_comb(row, page.letter)]


def _rows(cells: Sequence[Place]) -> list[list[Place]]:
    """Cells side by side."""
    rows: list[list[Place]] = []
    for cell in sorted(cells, key=lambda c: (c.left, c.top)):
        row = next(
            (r for r in rows if r[-1].is_followed_by(cell, _LIMITS.apart, _LIMITS.differ)), None
        )
        if row is None:
            rows.append([cell])
        else:
            row.append(cell)
    return rows


def _small_runs(row: Sequence[Place]) -> list[list[Place]]:
    """Of a row the small cells that stand together."""
    runs: list[list[Place]] = [[]]
    for cell in row:
        if cell.width > _LIMITS.cell * cell.height:
            runs.append([])
        else:
            runs[-1].append(cell)
    return [run for run in runs if len(run) >= _LIMITS.fewest]


def _is_comb(row: Sequence[Place], letter: float) -> bool:
    """Whether cells are those of a comb, some perhaps without the line between them.

    They are as wide as one pitch, or twice or three times; a table's are not, or not narrow.
    """
    pitches = _pitches(row)
    most = max(_LIMITS.cell * float(np.mean([c.height for c in row])), _LIMITS.wide * letter)
    narrow = pitches[pitches <= most]
    if len(narrow) < _LIMITS.fewest:
        return False
    pitch = float(np.median(narrow))
    pitch = pitches.sum() / np.maximum(1, np.rint(pitches / pitch)).sum()
    times = pitches / pitch
    off = np.abs(times - np.rint(times))
    cells = np.maximum(1, np.rint(times)).sum()
    return bool(
        (off <= _LIMITS.even).mean() >= 1 - _LIMITS.even and len(row) >= _LIMITS.whole * cells
    )


def _pitches(row: Sequence[Place]) -> NDArray[np.float64]:
    """From the middle of each cell's left side to that of the next one's."""
    gaps = [b.left - a.right for a, b in pairwise(row)]
    usual = float(np.median(gaps)) if gaps else 0.0
    return np.array([cell.width + usual for cell in row])
