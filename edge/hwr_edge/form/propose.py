"""Where one may write on an empty form: in its boxes and table cells, and on its ruled lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.form.template import lie_on_each_other
from hwr_edge.image.ink import flatten_light, ink_of
from hwr_edge.image.morphology import Components, closed, connected_components, dilated, opened
from hwr_edge.image.pixels import Box, Grey, Mask
from hwr_edge.page.layout import Layout, Span, lay_out
from hwr_edge.page.sheet import whole_image

# Heights of the form's printed letters, unless they are parts of something named.
_LEAST_WALL = 1.3  # of a box
_LEAST_HIGH, _MOST_HIGH = 1.3, 9.0  # of a box to write a line in
_LEAST_WIDE = 6.0  # of a field
_FULL = 0.8  # of the rectangle around it, that a box is
_SHEET = 0.9  # of the sheet's width: that is its frame
_APART, _ALIKE = 0.35, 0.2  # of a cell's height: from one of a comb to the next, and they differ by
_CELL = 1.6  # times as wide as high: a comb's cells are no wider
_FEWEST = 3  # cells: fewer are boxes to tick
_WALL_INK = 0.5  # of a label, at most, that lines and boxes are
_SLIM = 0.4  # of its height, that a cell is wide
_FREE = 0.5  # of a box that holds a label: the rest is for writing
_ROW = 3.2  # high is a row to write on a line in, without others to tell
_LEAST_ROW = 1.6
_TALLER = 1.4  # times the usual row
_BELOW = 0.2  # of a field on a line: tails


class _Place(NamedTuple):
    left: float
    top: float
    right: float
    low: float


@dataclass(frozen=True)
class _Page:
    """An empty form's print: letter is how high it is, words are the boxes of its labels.

    ink: of all of it, its lines and boxes too.
    walls: the lines and boxes alone.
    """

    layout: Layout
    ink: Mask
    walls: Mask
    letter: float
    words: list[_Place]


def propose_fields(grey: Grey) -> list[Box]:
    """Places to write in on an empty form, in reading order, for a person to correct.

    Boxes, combs and empty table cells are fields, and ruled or dotted lines with some room above them;
    boxes to tick are none.

    Args:
        grey: uint8 (H, W), flat and upright.
    """
    small, part = whole_image(grey).small
    page = _page(small)
    cells = _cells(page)
    places = [place for place in _combs(cells) if not _is_heading(place, cells, page)]
    fields = [free for place in places if (free := _free(place, page))]
    fields += _on_lines(page, cells)
    height, width = grey.shape
    boxes = [_whole(one, part, width, height) for one in _in_reading_order(fields)]
    kept: list[Box] = []  # a line to write on that is in a box is one field, not two
    for box in sorted(boxes, key=lambda box: box[2] * box[3]):
        if not any(lie_on_each_other(box, other) for other in kept):
            kept.append(box)
    return [box for box in dict.fromkeys(boxes) if box in kept]


def _page(small: Grey) -> _Page:
    layout = lay_out(small)
    ink, _ = ink_of(flatten_light(small))
    walls = _walls(layout, ink, _typical(layout.spans))
    owner = np.bincount(layout.labels[walls > 0], minlength=int(layout.labels.max()) + 1)
    whole = np.bincount(layout.labels.ravel(), minlength=len(owner))
    spans = [s for s in layout.spans if owner[s.label] < _WALL_INK * whole[s.label]]
    return _Page(layout, ink, walls, _typical(spans), [_of(span.box) for span in spans])


def _typical(spans: list[Span]) -> float:
    """How high letters are: of most spans, small ones counting as much as long ones."""
    return float(np.percentile([span.letter for span in spans], 40)) if spans else 12.0


def _walls(layout: Layout, ink: Mask, letter: float) -> Mask:
    """Level lines, and upright ones from the length of a box's side."""
    tall = opened(ink, 1, round(_LEAST_WALL * letter))
    level = opened(ink & dilated(layout.rules.level.mask, 1, 3), round(_LEAST_WIDE * letter), 1)
    return closed(layout.rules.lines | level | tall, 3, 3)


def _of(box: Box) -> _Place:
    return _Place(box[0], box[1], box[0] + box[2], box[1] + box[3])


def _cells(page: _Page) -> list[_Place]:
    """The insides of all boxes, those of combs and tables one by one."""
    found = connected_components(1 - dilated(page.walls, 3, 3), connectivity=4)
    high, width = found.height, page.walls.shape[1]
    kept = (high >= _LEAST_HIGH * page.letter) & (high <= _MOST_HIGH * page.letter)
    kept &= (found.area >= _FULL * found.width * high) & (found.width < _SHEET * width)
    kept &= found.width >= _SLIM * high
    return [_place(found, int(k)) for k in np.flatnonzero(kept) if k]


def _place(found: Components, k: int) -> _Place:
    left, top = int(found.left[k]), int(found.top[k])
    return _Place(left, top, left + int(found.width[k]), top + int(found.height[k]))


def _combs(cells: list[_Place]) -> list[_Place]:
    """Boxes as they are; runs of small cells side by side as one; single ones are to tick."""
    boxes = [c for c in cells if c.right - c.left > _CELL * (c.low - c.top)]
    small = sorted(set(cells) - set(boxes), key=lambda c: (c.left, c.top))
    runs: list[list[_Place]] = []
    for cell in small:
        run = next((run for run in runs if _goes_on(run[-1], cell)), None)
        if run is None:
            runs.append([cell])
        else:
            run.append(cell)
    combs = [run for run in runs if len(run) >= _FEWEST]
    return boxes + [
        _Place(run[0].left, min(c.top for c in run), run[-1].right, max(c.low for c in run))
        for run in combs
    ]


def _goes_on(one: _Place, other: _Place) -> bool:
    """Whether the other is the next cell of a comb."""
    high = one.low - one.top
    near = 0 <= other.left - one.right <= _APART * high
    return near and max(abs(one.top - other.top), abs(one.low - other.low)) <= _ALIKE * high


def _is_heading(cell: _Place, cells: list[_Place], page: _Page) -> bool:
    """Whether print stands in a cell and in none as wide that is right below it: a table's heading."""

    def empty(one: _Place) -> bool:
        return not any(_overlaps(word, one) for word in page.words)

    def below(other: _Place) -> bool:
        ends = max(abs(other.left - cell.left), abs(other.right - cell.right))
        return ends < page.letter and 0 <= other.top - cell.low < page.letter

    return not empty(cell) and any(below(other) and empty(other) for other in cells)


def _free(cell: _Place, page: _Page) -> _Place | None:
    """The part of a box that no print stands in; None where that is too little."""
    inside = [w for w in page.words if _overlaps(w, cell) and _middle_in(w, cell)]
    if inside:
        low, right = max(w.low for w in inside), max(w.right for w in inside)
        below, beside = cell._replace(top=low + 1), cell._replace(left=right + page.letter / 2)
        if cell.low - low >= _FREE * (cell.low - cell.top):
            cell = below
        elif cell.right - right >= _FREE * (cell.right - cell.left):
            cell = beside
        else:
            return None
    wide = cell.right - cell.left >= _LEAST_WIDE * page.letter
    return cell if wide and cell.low - cell.top >= _LEAST_HIGH * page.letter else None


def _overlaps(one: _Place, other: _Place) -> bool:
    across = one.left < other.right and other.left < one.right
    return across and one.top < other.low and other.top < one.low


def _middle_in(one: _Place, other: _Place) -> bool:
    y = (one.top + one.low) / 2
    return other.top <= y <= other.low


def _on_lines(page: _Page, cells: list[_Place]) -> list[_Place]:
    """The rows above ruled and dotted lines that are no box's."""
    lines = [line for line in _lines(page) if not any(_is_edge(line, c, page) for c in cells)]
    rooms = [_room(line, lines, page) for line in lines]
    usual = np.median([r for r in rooms if r >= _LEAST_ROW * page.letter] or [0.0])
    fields = []
    for line, room in zip(lines, rooms, strict=True):
        tall = min(room, _TALLER * min(float(usual), _ROW * page.letter))
        if tall >= _LEAST_ROW * page.letter:
            fields.append(line._replace(top=line.low - tall, low=line.low + _BELOW * tall))
    return fields


def _lines(page: _Page) -> list[_Place]:
    """The stretches of level lines that nothing stands on."""
    found = page.layout.rules.level
    print_ = page.ink & (1 - dilated(page.layout.rules.lines, 3, 3))
    lines = []
    for k in range(1, len(found.area)):
        one = _place(found, k)
        y = (one.top + one.low) / 2
        around = np.r_[_rows(page, y, -1.2, -0.25), _rows(page, y, 0.25, 0.6)]
        there = np.atleast_1d(print_[around, int(one.left) : int(one.right)].any(axis=0))
        left, right = _longest_gap(there, round(page.letter / 2))
        if right - left >= _LEAST_WIDE * page.letter:
            lines.append(_Place(one.left + left, y, one.left + right, y))
    return lines


def _rows(page: _Page, y: float, first: float, last: float) -> NDArray[np.int64]:
    """The rows so many letter heights from one."""
    rows = np.arange(round(y + first * page.letter), round(y + last * page.letter))
    return rows[(rows >= 0) & (rows < len(page.ink))]


def _longest_gap(there: NDArray[np.bool_], room: int) -> tuple[int, int]:
    """From where to where nothing is, with some room to what is."""
    at = np.flatnonzero(there)
    edges = np.r_[-1 - room, at, len(there) + room]
    k = int(np.diff(edges).argmax())
    return int(edges[k]) + 1 + room, int(edges[k + 1]) - room


def _is_edge(line: _Place, cell: _Place, page: _Page) -> bool:
    """Whether a line is the upper or lower edge of a box."""
    near = min(abs(line.low - cell.top), abs(line.low - cell.low)) < 0.6 * page.letter
    return near and line.left < cell.right and line.right > cell.left


def _room(line: _Place, lines: list[_Place], page: _Page) -> float:
    """From a line up to what is printed above it."""
    above: list[float] = [0.0]
    for other in [*lines, *page.words]:
        beside = other.right < line.left or other.left > line.right
        if other is not line and not beside and other.low < line.low - 2:
            above.append(other.low)
    return line.low - max(above)


def _in_reading_order(fields: list[_Place]) -> list[_Place]:
    """Rows from the top; in a row from the left."""
    rows: list[list[_Place]] = []
    for one in sorted(fields, key=lambda f: f.low):
        row = rows[-1] if rows else []
        if row and (one.top + one.low) / 2 < row[0].low - 0.1 * (one.low - one.top):
            row.append(one)
        else:
            rows.append([one])
    return [one for row in rows for one in sorted(row, key=lambda f: f.left)]


def _whole(one: _Place, part: float, width: int, height: int) -> Box:
    edges: NDArray[np.float64] = np.array(one) / part
    left, top = (max(0, int(v)) for v in edges[:2])
    right, low = min(width, int(np.ceil(edges[2]))), min(height, int(np.ceil(edges[3])))
    return left, top, right - left, low - top
