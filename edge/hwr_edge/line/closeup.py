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


class CloseUpLimits(NamedTuple):
    """How a crop's written line is told from the rest; chosen on the validation crops (`make evaluate SPLIT=validation`).

    ink: grey level; darker pixels are ink.
    widest_page: times as wide as high; a crop less wide than that holds more than the line.
    name_height, name_spread: parts of the crop's height: where the name stands under a printed label,
        and the standard deviation of that.
    trusted: parts of the height; a line whose middle is elsewhere may not be the name.
    middle: parts of the height; a line that reaches there is not a slice of another one.
    rivals: components half as high as a letter or more; fewer beside a line are no other line.
    least_component: part of the line's rows; lower ones are dots, dashes and specks.
    least_letter: likewise; a letter is as high, though its pieces may not be.
    cut_off: likewise; what is higher and cut off by the edge is no slice of another line.
    tallest: heights of the letters beside it; higher ink is connected with other lines.
    upright: times as high as wide: an upright stroke. tallest_upright: heights of the letters beside it; a
        higher one is a box's edge. alone: letter heights; one that stands farther off is a box's edge, too.
    speck: a smaller part of a letter's height each way is no ink of the line.
    reach: part of a letter's height above and below a line where pieces of its letters lie.
    rows: letter heights that the cut is high. air: times as high as the line, at least.
    side_margin: of a letter's height, kept at each side.
    """

    ink: int = 144
    widest_page: float = 7.5
    name_height: float = 0.58
    name_spread: float = 0.22
    trusted: tuple[float, float] = (0.42, 0.75)
    middle: tuple[float, float] = (0.5, 0.66)
    rivals: int = 2
    least_component: float = 0.125
    least_letter: float = 0.25
    cut_off: float = 0.34
    tallest: float = 3.0
    upright: int = 4
    tallest_upright: float = 1.6
    alone: float = 3.0
    speck: int = 8
    reach: int = 3
    rows: float = 2.0
    air: float = 1.2
    side_margin: float = 0.5


LIMITS = CloseUpLimits()


class _Component(NamedTuple):
    """A connected component of ink, pixels; right and bottom are the first beyond it.

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
        return self.width * LIMITS.upright <= self.height


class _Line(NamedTuple):
    """Where the written line is, pixels, and how high its usual letter is."""

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
    tall for one line, the rows with the most and largest letters near `name_height` win. Letters there say how
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
    components = connected_components((grey < LIMITS.ink).view(np.uint8))
    start, stop = _name_rows(components, height, width)
    line = _written_line(_component_list(components), start, stop, height, width)
    if line is None:
        return 0, start, width, stop - start
    margin = round(LIMITS.side_margin * line.letter)
    left, right = max(0, line.left - margin), min(width, line.right + margin)
    tall = max(
        LIMITS.rows * line.letter, LIMITS.air * (line.bottom - line.top), (right - left) / aspect
    )
    rows = min(height, max(1, round(tall)))
    top = min(max(0, round((line.top + line.bottom - tall) / 2)), height - rows)
    return left, top, right - left, rows


def _name_rows(components: Components, height: int, width: int) -> tuple[int, int]:
    """The rows that hold the name: the first, and the first after them."""
    rows = max(8, round(width / LIMITS.widest_page))
    if height <= rows:
        return 0, height
    bottom = components.top + components.height
    letters = (components.top > 0) & (bottom < height) & (components.width < width / 2)
    letters[0] = False
    # A letter counts by its size: by its ink, a small bold label would outweigh a name in a thin pen.
    size = np.sqrt(components.width * components.height) * letters
    edges = np.zeros(height + 1)
    np.add.at(edges, components.top, size)
    np.subtract.at(edges, bottom, size)
    profile = np.cumsum(edges[:-1])
    places = (np.arange(height) + 0.5) / height
    profile *= np.exp(-(((places - LIMITS.name_height) / LIMITS.name_spread) ** 2) / 2)
    mass = np.convolve(profile, _window(rows), mode="valid")
    blank = mass.max() <= 0
    start = round(height * LIMITS.name_height - rows / 2) if blank else int(np.argmax(mass))
    start = min(max(start, 0), height - rows)
    return start, start + rows


@lru_cache(maxsize=16)
def _window(rows: int) -> NDArray[np.float64]:
    """Hann's, without its zeros."""
    return np.asarray(np.hanning(rows + 2)[1:-1])


def _component_list(components: Components) -> list[_Component]:
    right, bottom = components.left + components.width, components.top + components.height
    middle = (components.top + bottom) / 2
    columns = (
        components.left,
        components.top,
        right,
        bottom,
        components.width,
        components.height,
        components.area,
        middle,
    )
    return list(map(_Component, *(column[1:].tolist() for column in columns)))


def _written_line(
    ink: Sequence[_Component], start: int, stop: int, height: int, width: int
) -> _Line | None:
    """The line whose letters stand in those rows; None where it cannot be told."""
    around = [component for component in ink if start < component.middle < stop]
    inner = [component for component in around if component.top > 0 and component.bottom < height]
    letters = _letters(around, inner, stop - start, width)
    if not letters:
        return None
    weights = [
        b.height * exp(-(((b.middle / height - LIMITS.name_height) / LIMITS.name_spread) ** 2) / 2)
        for b in letters
    ]
    # More than the median of their pieces, where letters are broken.
    letter = _weighted_median([b.height for b in letters], weights)
    letter = max(letter, round(LIMITS.least_letter * (stop - start)))
    middle = sum(w * b.middle for w, b in zip(weights, letters, strict=True)) / sum(weights)
    near = _without_box((b for b in letters if abs(b.middle - middle) < letter), letter)
    if not near:
        return None
    top, bottom = min(b.top for b in near), max(b.bottom for b in near)

    def shared_rows(component: _Component) -> int:
        return min(component.bottom, bottom) - max(component.top, top)

    def tallest(component: _Component) -> float:
        times = LIMITS.tallest_upright if component.upright else LIMITS.tallest
        return times * (bottom - top)

    # Letters that touch the crop's edge, too.
    beside = [b for b in ink if shared_rows(b) >= letter / 2 and b.width < width / 2]
    own = _without_box(near.union(b for b in beside if b.height <= tallest(b)), letter)
    first, last = min(b.top for b in own), max(b.bottom for b in own)
    if not LIMITS.trusted[0] <= (first + last) / 2 / height <= LIMITS.trusted[1]:
        in_middle = first <= LIMITS.middle[1] * height and last >= LIMITS.middle[0] * height
        rivals = inner if in_middle else around
        outside = [b for b in rivals if b.bottom <= first or b.top >= last]
        if sum(b.height >= letter / 2 for b in outside) >= LIMITS.rivals:
            return None
    # Pieces of broken letters, and what hangs together with other lines, have their columns in it.
    least_area, reach = (letter / LIMITS.speck) ** 2, letter / LIMITS.reach
    broken = (b for b in inner if b.area >= least_area and first - reach < b.middle < last + reach)
    wide = (b for b in beside if b.width >= letter / 2)
    own = _without_box(own.union(broken, wide), letter)
    return _Line(min(b.left for b in own), first, max(b.right for b in own), last, letter)


def _letters(
    around: Sequence[_Component], inner: Sequence[_Component], rows: int, width: int
) -> list[_Component]:
    """The components that are letters, of those around a line and those that touch no edge.

    Of a name cut off by the edge there is more than of a slice of another line.
    """
    letters = [b for b in inner if b.height >= LIMITS.least_component * rows]
    return letters + [
        b
        for b in set(around) - set(inner)
        if b.height >= LIMITS.cut_off * rows and not b.upright and b.width < width / 2
    ]


def _without_box(line: Iterable[_Component], letter: int) -> set[_Component]:
    """A line's components but the rightmost, if that is an upright stroke far from the others."""
    own = set(line)
    if len(own) > 1 and (last := max(own)).upright:
        others = own - {last}
        if last.left - max(b.right for b in others) > LIMITS.alone * letter:
            return others
    return own


def _weighted_median(values: Sequence[int], weights: Sequence[float]) -> int:
    half, summed = sum(weights) / 2, 0.0
    for value, weight in sorted(zip(values, weights, strict=True)):
        summed += weight
        if summed >= half:
            return value
    return max(values)
