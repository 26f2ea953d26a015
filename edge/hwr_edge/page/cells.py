"""Rows and columns of what stands in a table or in a list of several columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.pixels import Box

Cell = tuple[int, int]
"""Row and column, from 1."""
# Set by hand; `make bench-pages` measures what they lead to.
_SAME_ROW = 0.8  # letter heights between the middles of two cells of a row, at most
_ROWS = 0.5  # of the rows, at least, have several cells; else it is no table


def cells_of(boxes: Sequence[Box], letter: float) -> list[Cell] | None:
    """The cell of each line of a sheet; None where it has no two rows of several columns.

    Columns are those of the rows that have most of them. Another row's lines stand in the columns whose
    left ends they are nearest to, each in one of its own.

    Args:
        boxes: of the lines on the level sheet.
        letter: how high their letters are, in the boxes' unit.
    """
    rows = _rows(boxes, _SAME_ROW * letter)
    several = [row for row in rows if len(row) > 1]
    if len(several) < max(2, _ROWS * len(rows)):
        return None
    counts = np.bincount([len(row) for row in several])
    least = max(2, len(several) / 4)
    columns = max((k for k, n in enumerate(counts) if n >= least), default=int(counts.argmax()))
    full = [[boxes[k][0] for k in row] for row in several if len(row) == columns]
    lefts = np.median(np.array(full, float), axis=0)
    cells: list[Cell] = [(0, 0)] * len(boxes)
    for number, row in enumerate(rows, 1):
        for k, column in zip(row, _columns([boxes[k][0] for k in row], lefts), strict=True):
            cells[k] = number, column
    return cells


def _rows(boxes: Sequence[Box], near: float) -> list[list[int]]:
    """Places of the boxes of each row, from the top, each from the left."""
    middles = [y + height / 2 for _, y, _, height in boxes]
    rows: list[list[int]] = []
    for k in sorted(range(len(boxes)), key=lambda k: middles[k]):
        if rows and middles[k] - np.mean([middles[j] for j in rows[-1]]) < near:
            rows[-1].append(k)
        else:
            rows.append([k])
    return [sorted(row, key=lambda k: boxes[k][0]) for row in rows]


def _columns(own: Sequence[float], lefts: NDArray[np.float64]) -> list[int]:
    """A column from 1 for each of a row's lines from the left, no two the same while there are enough."""
    taken, found = 0, []
    for k, left in enumerate(own):
        spare = max(1, len(lefts) - taken - (len(own) - k - 1))
        free = lefts[taken : taken + spare]
        place = taken + int(np.abs(free - left).argmin()) if len(free) else len(lefts) - 1
        found.append(place + 1)
        taken = place + 1
    return found
