"""Where one may write on an empty form: in its boxes and table cells, and on its ruled lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.boxes import boxes_of, cells_of
from hwr_edge.form.places import Place, Print, part_of, print_of
from hwr_edge.form.ruled import places_on_lines
from hwr_edge.form.template import lie_on_each_other
from hwr_edge.form.two_tone import restored
from hwr_edge.image.morphology import connected_components, dilated
from hwr_edge.image.pixels import Box, Grey
from hwr_edge.page.sheet import whole_image

LOOK = 1600
"""Pixels of the longer side, at most, of the form as it is looked at: 137 dpi of an A4 page."""


@dataclass(frozen=True)
class _Limits:
    """Which boxes and lines are fields; chosen by `make bench-forms`.

    Heights of the form's printed letters, unless they are parts of something named.

    wide, high: of a field.
    free: of a box that holds a label: the rest is for writing.
    roomy: times as high as the label in it is a box beside whose label one writes; a heading's is lower.
    inset: from a box's side to what is in it; letter: of a mark in it, high at least; print: times as bright as it.
    upright: of a mark's height, wide at most is a stroke that alone is no print.
    dark, tint: of the paper's brightness, at most, of a box that is printed full; and of a shaded one.
    """

    wide: float = 4.5
    high: float = 1.3
    free: float = 0.5
    roomy: float = 2.4
    inset: float = 0.25
    letter: float = 0.5
    print: float = 0.75
    upright: float = 0.3
    dark: float = 0.6
    tint: float = 0.96


_LIMITS = _Limits()


def propose_fields(grey: Grey) -> list[Box]:
    """Places to write in on an empty form, in reading order, for a person to correct.

    Boxes, shaded places, combs and empty table cells are fields, and ruled or dotted lines with some room
    above them; boxes to tick are none.

    Args:
        grey: uint8 (H, W), upright; as it was scanned: with even light a shaded place has none.
    """
    small, part = whole_image(grey).shrunk(LOOK)
    page = print_of(restored(small))
    cells = cells_of(page)
    labels = _labels_of(cells, page)
    boxes = [box for box in boxes_of(cells, page.letter) if box not in labels]
    fields = [free for box in boxes if (free := _free(box, page))]
    fields += places_on_lines(page, cells)
    height, width = grey.shape
    found = [_whole(one, part, width, height) for one in _in_reading_order(fields)]
    kept: list[Box] = []  # a line to write on that is in a box is one field, not two
    for box in sorted(found, key=lambda box: box[2] * box[3]):
        if not any(lie_on_each_other(box, other) for other in kept):
            kept.append(box)
    return [box for box in dict.fromkeys(found) if box in kept]


def _labels_of(cells: Sequence[Place], page: Print) -> list[Place]:
    """Cells with print, and none or another label as large right below or beside them: a table's headings."""
    full = [cell for cell in cells if any(word.overlaps(cell) for word in page.words)]
    empty = [cell for cell in cells if cell not in full]

    def heads(cell: Place, others: Sequence[Place]) -> bool:
        return any(
            _is_below(cell, c, page.letter) or _is_beside(cell, c, page.letter) for c in others
        )

    heading = [cell for cell in full if heads(cell, empty)]
    return heading + [cell for cell in full if cell not in heading and heads(cell, heading)]


def _is_below(cell: Place, other: Place, letter: float) -> bool:
    ends = max(abs(other.left - cell.left), abs(other.right - cell.right))
    return ends < letter and abs(other.top - cell.low) < letter


def _is_beside(cell: Place, other: Place, letter: float) -> bool:
    ends = max(abs(other.top - cell.top), abs(other.low - cell.low))
    return ends < letter and abs(other.left - cell.right) < letter


def _free(cell: Place, page: Print) -> Place | None:
    """The part of a box that no print stands in; None where that is too little."""
    shade = float(np.median(_pixels(cell, page.grey))) / page.paper
    inside = [
        w
        for w in page.words
        if w.overlaps(cell)
        and _middle_in(w, cell)
        and w.width > w.height / 2
        and w.right - cell.left > page.letter  # a label beside may reach in a little
    ] or _marks_in(cell, page)
    if shade < _LIMITS.dark:
        return None
    if inside:
        low, right = max(w.low for w in inside), max(w.right for w in inside)
        below, beside = cell._replace(top=low + 1), cell._replace(left=right + page.letter / 2)
        if below.height >= _LIMITS.free * cell.height:
            cell = below
        elif (
            shade >= _LIMITS.tint  # no bar with a heading
            and beside.width >= _LIMITS.free * cell.width
            and cell.height >= _LIMITS.roomy * max(w.height for w in inside)
        ):
            cell = beside
        else:
            return None
    wide, high = _LIMITS.wide * page.letter, _LIMITS.high * page.letter
    return cell if cell.width >= wide and cell.height >= high else None


def _marks_in(cell: Place, page: Print) -> list[Place]:
    """What is darker than the rest of a cell, as high as letters: print that hangs together with its lines or shade."""
    inner = cell.grown(-_LIMITS.inset * page.letter)
    if min(inner.width, inner.height) < page.letter:
        return []
    grey, walls = _pixels(inner, page.grey), dilated(_pixels(inner, page.walls), 5, 5)
    dark = (grey < _LIMITS.print * float(np.median(grey))) & (walls == 0)
    found = connected_components(dark.view(np.uint8))
    high = found.height >= _LIMITS.letter * page.letter
    high &= found.height < len(grey)  # what goes through is a line
    if not (high & (found.width > _LIMITS.upright * found.height)).any():  # a comb's separators
        return []
    marks = [part_of(found, int(k)) for k in np.flatnonzero(high)]
    left, top = min(m.left for m in marks), min(m.top for m in marks)
    right, low = max(m.right for m in marks), max(m.low for m in marks)
    x, y = int(inner.left), int(inner.top)
    around = Place(x + left, y + top, x + right, y + low)
    return [around] if around.width >= page.letter else []


def _pixels(cell: Place, image: Grey) -> Grey:
    left, top, right, low = (int(v) for v in cell)
    return image[top : max(low, top + 1), left : max(right, left + 1)]


def _middle_in(one: Place, other: Place) -> bool:
    y = (one.top + one.low) / 2
    return other.top <= y <= other.low


def _in_reading_order(fields: Sequence[Place]) -> list[Place]:
    """Rows from the top; in a row from the left."""
    rows: list[list[Place]] = []
    for one in sorted(fields, key=lambda f: f.low):
        row = rows[-1] if rows else []
        if row and (one.top + one.low) / 2 < row[0].low - 0.1 * one.height:
            row.append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda f: f.left)]


def _whole(one: Place, part: float, width: int, height: int) -> Box:
    edges: NDArray[np.float64] = np.array(one) / part
    left, top = (max(0, int(v)) for v in edges[:2])
    right, low = min(width, int(np.ceil(edges[2]))), min(height, int(np.ceil(edges[3])))
    return left, top, right - left, low - top
