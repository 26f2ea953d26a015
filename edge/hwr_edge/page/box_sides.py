"""The upright sides of boxes, which may be as low as a tall letter: told by the level lines that begin or end there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hwr_edge.image.morphology import Components, connected_components
from hwr_edge.image.pixels import Mask
from hwr_edge.image.ruled_lines import upright_runs


@dataclass(frozen=True)
class SideLimits:
    """What counts as a box's side, in letter heights; chosen on believable forms (`make bench-pages`).

    least: its straight part.
    near: pixels that a side may stand within the ends of the lines that it joins.
    corner: the radius of a round corner, at most. round: likewise, a part of the box's height.
    """

    least: float = 1.0
    near: int = 8
    corner: float = 0.8
    round: float = 0.3


LIMITS = SideLimits()


class _Run(NamedTuple):
    """An upright run, pixels; right and low are the first beyond it. number: its component's."""

    left: int
    top: int
    right: int
    low: int
    number: int


def sides_of_boxes(ink: Mask, shade: Mask, level: Components, letter: float) -> tuple[Mask, Mask]:
    """The sides of boxes: two uprights, which join two level lines where both begin, and where both end.

    Args:
        ink, shade: as `ink_of` gives them, uint8 (H, W).
        level: the bands of level lines.
        letter: how high letters are, pixels.

    Returns:
        uint8 (H, W): the bands that sides run in, and where their corners may be round.
    """
    sides: Mask = np.zeros(shade.shape, np.uint8)
    corners: Mask = np.zeros(shade.shape, np.uint8)
    least, reach = max(4, round(LIMITS.least * letter)), round(LIMITS.corner * letter)
    if not letter or not _may_be_boxes(level, reach):
        return sides, corners
    found = connected_components(upright_runs(ink, shade, least))
    x, y, width, height, _ = (values[1:] for values in found[1:])
    runs = np.stack([x, y, x + width, y + height], axis=1)
    at_left, at_right = (_at_ends(level, runs, reach, right) for right in (False, True))
    for lines in at_left.keys() & at_right.keys():
        top, low = int(level.top[lines[0]]), int(level.top[lines[1]] + level.height[lines[1]])
        for run in (at_left[lines], at_right[lines]):
            here = np.s_[run.top : run.low, run.left : run.right]
            own = found.labels[here] == run.number
            sides[here] |= own
            radius = max(1, int(_radius(reach, top, low)))
            for first, end in ((top, own[:radius]), (low - radius, own[-radius:])):
                for x in np.flatnonzero(end.any(axis=0))[[0, -1]] if end.any() else ():
                    across = slice(max(0, run.left + int(x) - radius), run.left + int(x) + radius)
                    corners[first : first + radius, across] = 1
    return sides, corners


def _may_be_boxes(level: Components, reach: int) -> bool:
    """Whether some two level lines begin and end alike."""
    order = np.lexsort((level.left, level.width))[:-1]  # without the background
    if len(order) < 2:
        return False
    left, right = level.left[order], level.left[order] + level.width[order]
    return bool(((np.abs(np.diff(left)) <= reach) & (np.abs(np.diff(right)) <= reach)).any())


def _at_ends(
    level: Components, runs: NDArray[np.int32], reach: int, right: bool
) -> dict[tuple[int, int], _Run]:
    """Two level lines that begin, or on the `right` end, where a run joins them; and that run.

    runs: as `_Run`, int32 (runs, 4).
    """
    end = level.left + level.width if right else level.left
    middle = level.top + level.height / 2
    lefts, tops, rights, lows = runs.T[:, :, None]
    beyond = (lefts + rights) / 2 - end if right else end - (lefts + rights) / 2
    at_end = (beyond <= reach) & (beyond >= -LIMITS.near)  # (runs, lines)
    at_end &= (middle >= tops - reach) & (middle <= lows + reach)
    at_end[:, 0] = False
    found: dict[tuple[int, int], _Run] = {}
    for k in np.flatnonzero(at_end.sum(axis=1) > 1):
        lines = np.flatnonzero(at_end[k])
        for pair in pairwise(lines[np.argsort(middle[lines])].tolist()):
            run = _part_of(_run(runs, int(k)), middle[pair[0]], middle[pair[1]], reach)
            if run and (pair not in found or _length(run) > _length(found[pair])):
                found[pair] = run  # the longest: a letter's stem may stand beside it
    return found


def _run(runs: NDArray[np.int32], k: int) -> _Run:
    left, top, right, low = runs[k].tolist()
    return _Run(left, top, right, low, k + 1)


def _part_of(run: _Run, top: float, low: float, reach: float) -> _Run | None:
    """What of a run lies between two rows; None where it does not go from one to the other."""
    part = run._replace(top=max(run.top, int(top)), low=min(run.low, int(low) + 1))
    radius = _radius(reach, top, low)
    return part if part.top - top <= radius and low - part.low <= radius else None


def _radius(reach: float, top: float, low: float) -> float:
    """Of the corners of a box from one row to another, at most."""
    return min(reach, LIMITS.round * (low - top))


def _length(run: _Run) -> int:
    return run.low - run.top
