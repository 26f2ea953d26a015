"""The written line of a crop: told from printed labels and slices of other lines, and cut out closely."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import exp
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components, connected_components
from hwr_edge.image.pixels import Box

_INK = 144  # darker than this counts as ink
_TALLEST = 7.5  # crops less wide than this many heights hold more than the line
_NAME_HEIGHT = 0.58  # of the height: where the name stands under a printed label
_NAME_SPREAD = 0.22
_TRUSTED = 0.42, 0.75  # of the height: a line whose middle is elsewhere may not be the name
_MIDDLE = 0.5, 0.66  # of the height: a line that reaches there is not what is left of another one
_OTHERS = 2  # components at least half as high as a letter: fewer beside a line are no other one
_LEAST_LETTER = 0.125  # of the line's rows: lower components are dots, dashes and specks
_LEAST_USUAL = 0.25  # likewise: a letter is as high, though its pieces may not be
_CUT_OFF = 0.34  # likewise: what is higher and cut off by the edge is no slice of another line
_MOST_TALL = 3.0  # times as high as letters beside it: higher ink hangs together with other lines
_UPRIGHT = 4  # times as high as wide: an upright stroke
_MOST_UPRIGHT = 1.6  # times as high as letters beside it: a higher stroke is a box's edge
_ALONE = 3.0  # letters' heights: a stroke that stands farther off is one, too
_SPECK = 8  # a smaller part of a letter's height each way is no ink of the line
_REACH = 3  # part of a letter's height above and below a line where pieces of its letters lie
_ROWS = 2.0  # letters' heights that the cut is high
_AIR = 1.2  # times as high as the line, at least
_SIDE_MARGIN = 0.5  # of a letter's height, kept at each side


class _Blot(NamedTuple):
    """Ink that hangs together, pixels; right and bottom are the first beyond it.

    middle: its middle row.
    """

    left: int
    top: int
    right: int
    bottom: int
    width: int
    height: int
    area: int
    middle: float

    @property
    def upright(self) -> bool:
        """Whether it is an upright stroke."""
        return self.width * _UPRIGHT <= self.height


class _Line(NamedTuple):
    """Where the written line is, pixels, and how high its usual letter."""

    left: int
    top: int
    right: int
    bottom: int
    letter: int


def close_up(grey: NDArray[np.uint8], aspect: float) -> NDArray[np.uint8]:
    """What `line_box` says of a crop, uint8 (H, W): a part of it."""
    left, top, width, height = line_box(grey, aspect)
    return grey[top : top + height, left : left + width]


def line_box(grey: NDArray[np.uint8], aspect: float) -> Box:
    """Where the written line of a crop is, so that letters fill half of the height.

    Ink that touches the upper or lower edge is a slice of a neighbouring line; in a crop that is too
    tall for one line, the rows with the most and largest letters near `_NAME_HEIGHT` win. Letters there say how
    high the usual one is and in which rows they stand; what stands in these rows beside them
    is the line. The cut has its whole width, and where that is wider than `aspect` heights,
    more rows. Where the line may be another than the name's (it stands high or low in the crop, and letters
    stand beside it, slices too unless it reaches into the crop's middle), nothing is closed in on.

    Args:
        grey: uint8 (H, W), ink dark, paper white.
        aspect: how many times as wide as high the canvas is.

    Returns:
        x, y, width, height in its pixels; where no line is sure, the rows that a name would stand in.
    """
    height, width = grey.shape
    found = connected_components((grey < _INK).view(np.uint8))
    start, stop = _name_rows(found, height, width)
    line = _written_line(_boxes(found), start, stop, height, width)
    if line is None:
        return 0, start, width, stop - start
    margin = round(_SIDE_MARGIN * line.letter)
    left, right = max(0, line.left - margin), min(width, line.right + margin)
    tall = max(_ROWS * line.letter, _AIR * (line.bottom - line.top), (right - left) / aspect)
    rows = min(height, max(1, round(tall)))
    top = min(max(0, round((line.top + line.bottom - tall) / 2)), height - rows)
    return left, top, right - left, rows


def _name_rows(found: Components, height: int, width: int) -> tuple[int, int]:
    """The rows that hold the name: the first, and the first after them."""
    rows = max(8, round(width / _TALLEST))
    if height <= rows:
        return 0, height
    bottom = found.top + found.height
    letters = (found.top > 0) & (bottom < height) & (found.width < width / 2)
    letters[0] = False
    # A letter counts by its size: by its ink, a small bold label would outweigh a name in a thin pen.
    size = np.sqrt(found.width * found.height) * letters
    edges = np.zeros(height + 1)
    np.add.at(edges, found.top, size)
    np.subtract.at(edges, bottom, size)
    profile = np.cumsum(edges[:-1])
    places = (np.arange(height) + 0.5) / height
    profile *= np.exp(-(((places - _NAME_HEIGHT) / _NAME_SPREAD) ** 2) / 2)
    mass = np.convolve(profile, _window(rows), mode="valid")
    blank = mass.max() <= 0
    start = round(height * _NAME_HEIGHT - rows / 2) if blank else int(np.argmax(mass))
    start = min(max(start, 0), height - rows)
    return start, start + rows


@lru_cache(maxsize=16)
def _window(rows: int) -> NDArray[np.float64]:
    """Hann's, without its zeros."""
    return np.asarray(np.hanning(rows + 2)[1:-1])


def _boxes(found: Components) -> list[_Blot]:
    right, bottom = found.left + found.width, found.top + found.height
    middle = (found.top + bottom) / 2
    columns = (found.left, found.top, right, bottom, found.width, found.height, found.area, middle)
    return list(map(_Blot, *(column[1:].tolist() for column in columns)))


def _written_line(
    ink: Sequence[_Blot], start: int, stop: int, height: int, width: int
) -> _Line | None:
    """The line whose letters stand in those rows; None where it cannot be told."""
    rows = stop - start
    around = [component for component in ink if start < component.middle < stop]
    inner = [component for component in around if component.top > 0 and component.bottom < height]
    letters = [component for component in inner if component.height >= _LEAST_LETTER * rows]
    # Of a name cut off by the edge there is more than of a slice of another line.
    letters += [
        b
        for b in set(around) - set(inner)
        if b.height >= _CUT_OFF * rows and not b.upright and b.width < width / 2
    ]
    if not letters:
        return None
    weights = [
        b.height * exp(-(((b.middle / height - _NAME_HEIGHT) / _NAME_SPREAD) ** 2) / 2)
        for b in letters
    ]
    usual = _weighted_median([b.height for b in letters], weights)
    usual = max(usual, round(_LEAST_USUAL * rows))  # more than its pieces, where letters are broken
    middle = sum(w * b.middle for w, b in zip(weights, letters, strict=True)) / sum(weights)
    near = _without_box((b for b in letters if abs(b.middle - middle) < usual), usual)
    if not near:
        return None
    top, bottom = min(b.top for b in near), max(b.bottom for b in near)

    def shared(component: _Blot) -> int:
        return min(component.bottom, bottom) - max(component.top, top)

    # Letters that touch the crop's edge, too.
    beside = [b for b in ink if shared(b) >= usual / 2 and b.width < width / 2]
    own = _without_box(
        near.union(
            b
            for b in beside
            if b.height <= (_MOST_UPRIGHT if b.upright else _MOST_TALL) * (bottom - top)
        ),
        usual,
    )
    first, last = min(b.top for b in own), max(b.bottom for b in own)
    if not _TRUSTED[0] <= (first + last) / 2 / height <= _TRUSTED[1]:
        midst = first <= _MIDDLE[1] * height and last >= _MIDDLE[0] * height
        rivals = inner if midst else around
        others = [b for b in rivals if b.bottom <= first or b.top >= last]
        if sum(b.height >= usual / 2 for b in others) >= _OTHERS:
            return None
    # Pieces of broken letters, and what hangs together with other lines, have their columns in it.
    least_area, reach = (usual / _SPECK) ** 2, usual / _REACH
    broken = (b for b in inner if b.area >= least_area and first - reach < b.middle < last + reach)
    wide = (b for b in beside if b.width >= usual / 2)
    own = _without_box(own.union(broken, wide), usual)
    return _Line(min(b.left for b in own), first, max(b.right for b in own), last, usual)


def _without_box(line: Iterable[_Blot], usual: int) -> set[_Blot]:
    """A line's components but the rightmost, if that is an upright stroke far from the others."""
    own = set(line)
    if len(own) > 1 and (last := max(own)).upright:
        others = own - {last}
        if last.left - max(b.right for b in others) > _ALONE * usual:
            return others
    return own


def _weighted_median(values: Sequence[int], weights: Sequence[float]) -> int:
    half, summed = sum(weights) / 2, 0.0
    for value, weight in sorted(zip(values, weights, strict=True)):
        summed += weight
        if summed >= half:
            return value
    return max(values)
