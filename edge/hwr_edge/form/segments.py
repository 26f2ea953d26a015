"""Level and upright lines of a form: strokes however pale, and the edges of shaded places.

Segments are found by LSD (Grompone von Gioi et al. 2012): it has no threshold of contrast, and says of each that
chance would not have made it. A stroke gives two, one for each side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components, closed, connected_components, opened
from hwr_edge.image.pixels import PAPER, Grey, Mask


@dataclass(frozen=True)
class _Limits:
    """Which segments are lines of a form; chosen on believable forms (`make bench-forms`).

    steep: of its length, that a level line climbs.
    angled: likewise, before the form is laid level.
    long: of the form's longer side; shorter ones do not tell how it lies.
    flat, dash, apart, row: letter heights: of a dash or of dots in one, of its length, to the next one, and of all.
    least: of the form's longer side, a letter at least, to tell the next dot by.
    dot: pixels high that a dot is in a low scan.
    round, wide, level: letter heights: of a dot among even ones, to the next one, and that this is above or below.
    even, most, fewest: of the usual step, that one is off; of the steps, that are so even; and dots of a row, at least.
    near: of the form's longer side, from a row of print's edge into its letters, from and to.
    solid, print: of a line's columns with ink beside it: an area's edge; and print's, at least.
    letters: of the form's longer side; in a row of print a letter or a gap ends in so much.
    """

    steep: float = 0.04
    angled: float = 0.1
    long: float = 0.1
    flat: float = 0.35
    dash: float = 6.0
    apart: float = 1.3
    row: float = 8.0
    least: float = 0.0085
    dot: float = 3.0
    round: float = 0.55
    wide: float = 2.2
    level: float = 0.15
    even: float = 0.25
    most: float = 0.8
    fewest: int = 8
    near: tuple[float, float] = (0.002, 0.004)
    solid: float = 0.95
    print: float = 0.3
    letters: float = 0.01


_LIMITS = _Limits()


class Segment(NamedTuple):
    """A line from (x0, y0) to (x1, y1), pixels; the first is the left or the upper end."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Segments:
    """Straight lines of an image: those that are level, and those that are upright."""

    level: list[Segment]
    upright: list[Segment]

    def drawn(self, shape: tuple[int, ...], least: float, longer: float) -> Mask:
        """All that are `least` pixels long, each so many pixels longer at both ends, uint8 (H, W)."""
        mask: Mask = np.zeros(shape, np.uint8)
        for one in (*self.level, *self.upright):
            along = np.array([one.x1 - one.x0, one.y1 - one.y0])
            length = float(np.hypot(*along))
            if length >= least:
                more = along / length * longer
                ends = np.rint(
                    [one.x0 - more[0], one.y0 - more[1], one.x1 + more[0], one.y1 + more[1]]
                )
                x0, y0, x1, y1 = (int(v) for v in ends)
                cv2.line(mask, (x0, y0), (x1, y1), (1,), 2)
        return mask


def steeper(small: Grey, larger: float) -> Grey:
    """An enlarged image, uint8 (H, W), with its contrast as many times as large: LSD has a least slope of grey."""
    if larger <= 1:
        return small
    middle = float(np.median(small))
    return np.asarray(np.clip(middle + (small - middle) * larger, 0, PAPER), np.uint8)


def find_segments(grey: Grey) -> Segments:
    """The level and the upright lines of a flat form, uint8 (H, W)."""
    found = _lines_of(grey)
    wide, tall = np.abs(found[:, 2] - found[:, 0]), np.abs(found[:, 3] - found[:, 1])
    level, upright = found[tall <= _LIMITS.steep * wide], found[wide <= _LIMITS.steep * tall]
    return Segments(
        [Segment(*row) for row in _from(level, 0).tolist()],
        [Segment(*row) for row in _from(upright, 1).tolist()],
    )


def is_print(line: Segment, ink: Mask) -> bool:
    """Whether a level line is the upper or lower edge of a row of letters, as low scans show them."""
    for side in _beside(line, ink):
        ends = np.count_nonzero(np.diff(side))
        if _LIMITS.print <= side.mean() < _LIMITS.solid and ends * _LIMITS.letters * max(
            ink.shape
        ) >= len(side):
            return True
    return False


def _beside(line: Segment, ink: Mask) -> list[NDArray[np.uint8]]:
    """In which columns of a level line ink is close above it, and close below it."""
    least, most = (round(part * max(ink.shape)) for part in _LIMITS.near)
    x0, x1 = max(0, round(line.x0)), min(ink.shape[1], round(line.x1) + 1)
    columns = np.arange(x0, max(x1, x0 + 1)).clip(max=ink.shape[1] - 1)
    along = (columns - line.x0) / max(1.0, line.x1 - line.x0)
    rows = np.rint(line.y0 + along * (line.y1 - line.y0)).astype(int)
    away = np.arange(least, max(most, least + 1) + 1)[:, None]
    return [
        ink[np.clip(rows + side * away, 0, len(ink) - 1), columns].max(axis=0) for side in (-1, 1)
    ]


def climb_of(grey: Grey) -> float:
    """Degrees, counter-clockwise, by which a form's long lines climb to the right; 0 without any."""
    found = _from(_lines_of(grey), 0)
    across, down = (found[:, 2:] - found[:, :2]).T
    long = (across >= _LIMITS.long * max(grey.shape)) & (np.abs(down) <= _LIMITS.angled * across)
    if not long.any():
        return 0.0
    angles, weights = np.degrees(np.arctan2(-down[long], across[long])), across[long]
    order = np.argsort(angles)
    half = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
    return float(angles[order][half])


def dotted_lines(ink: Mask, letter: float) -> Mask:
    """Where rows of dots or dashes run, a printed letter being so high: uint8 (H, W)."""
    found = connected_components(ink)
    high = max(_LIMITS.flat * letter, _LIMITS.dot)
    flat, short = found.height <= high, found.width <= _LIMITS.dash * letter
    apart = _LIMITS.apart * max(letter, _LIMITS.least * max(ink.shape))
    joined = closed(found.mask_of(flat & short), round(apart) | 1, 3)
    joined |= found.mask_of(flat)  # a low scan makes one of many dots
    return opened(joined, round(_LIMITS.row * letter), 1) | _even_dots(found, letter)


def _even_dots(found: Components, letter: float) -> Mask:
    """Rows of dots as far from each other, drawn as lines, uint8 (H, W): pale, wide apart or a little askew."""
    mask: Mask = np.zeros(found.labels.shape, np.uint8)
    small = np.maximum(found.width, found.height) <= _LIMITS.round * letter
    at = np.column_stack([found.left + found.width / 2, found.top + found.height / 2])[small]
    at = at[np.argsort(at[:, 0], kind="stable")]
    for row in _chains(at, _LIMITS.wide * letter, _LIMITS.level * letter):
        if len(row) < _LIMITS.fewest:
            continue
        steps = np.diff(at[row, 0])
        even = np.abs(steps - np.median(steps)) <= _LIMITS.even * np.median(steps)
        if even.mean() >= _LIMITS.most:
            points = np.rint(at[row]).astype(np.int32)
            cv2.polylines(mask, [points], False, (1,), 2)
    return mask


def _chains(at: NDArray[np.float64], wide: float, level: float) -> list[list[int]]:
    """Points from the left, each with the next one on its right that is so near and as high: their indices."""
    rows: list[list[int]] = []
    done = np.zeros(len(at), bool)
    for first in range(len(at)):
        if done[first]:
            continue
        row = [first]
        while (following := _next(at, row[-1], wide, level)) is not None and not done[following]:
            row.append(following)
        done[row] = True
        rows.append(row)
    return rows


def _next(at: NDArray[np.float64], here: int, wide: float, level: float) -> int | None:
    end = int(np.searchsorted(at[:, 0], at[here, 0] + wide, "right"))
    beside = np.abs(at[here + 1 : end, 1] - at[here, 1]) <= level
    return here + 1 + int(beside.argmax()) if beside.any() else None


def _lines_of(grey: Grey) -> NDArray[np.float32]:
    """Ends of all straight lines, float32 (N, 4)."""
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]
    return (
        np.empty((0, 4), np.float32)
        if found is None
        else np.asarray(found, np.float32).reshape(-1, 4)
    )


def _from(ends: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
    """The same, each from its left end, or its upper one."""
    turned = ends[:, [2, 3, 0, 1]]
    return np.where((ends[:, axis] > ends[:, axis + 2])[:, None], turned, ends)
